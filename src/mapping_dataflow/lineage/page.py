"""The picture of a flow's lineage as a page that answers to mouse and keyboard; it needs nothing but itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from mapping_dataflow.lineage.flows import TracedFlow
from mapping_dataflow.lineage.layout import kind_of, laid_out, sink_key, source_key
from mapping_dataflow.lineage.model import ColumnLineage, SourceColumn
from mapping_dataflow.lineage.picture import STYLE, svg
from mapping_dataflow.lineage.text import influence_text, shown, source_text, without_source

_PAGE_STYLE = """
:root { color-scheme: light dark; }
body { margin: 0; background: #ffffff; color: #1c2430; display: flex; align-items: flex-start; gap: 8px;
  font: 14px/1.45 ui-sans-serif, system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { flex: 1 1 auto; min-width: 0; }
main svg { width: 100%; height: auto; max-width: 1280px; display: block; margin: 0 auto; }
aside { flex: 0 0 370px; position: sticky; top: 0; max-height: 100vh; overflow: auto; box-sizing: border-box;
  padding: 26px 22px 26px 6px; }
aside h2 { font-size: 15px; margin: 0 0 2px; overflow-wrap: anywhere; }
aside h3 { font-size: 13px; margin: 16px 0 4px; overflow-wrap: anywhere; }
aside p { margin: 0 0 6px; color: #6b7686; }
aside ol { margin: 0; padding: 0; list-style: none; border-left: 2px solid #d9dee5; }
aside li { padding: 3px 0 6px 12px; }
aside li span { color: #6b7686; font-size: 12px; }
aside code { display: block; white-space: pre-wrap; overflow-wrap: anywhere; font: 12px/1.45 ui-monospace, Menlo,
  Consolas, monospace; }
aside b.copied { color: #2f6fde; } aside b.computed { color: #0b9a83; } aside b.aggregated { color: #d07a10; }
aside b.masked { color: #8a4fd0; }
.lineage .row { cursor: pointer; outline: none; }
.lineage .row:hover .plate, .lineage .row:focus-visible .plate { fill: var(--hover); }
.lineage .row:focus-visible .plate { stroke: var(--copied); stroke-width: 1.5; }
.lineage.lit .curve[data-from] { stroke-opacity: .07; }
.lineage.lit .row { opacity: .38; }
.lineage.lit .row.on { opacity: 1; }
.lineage.lit .row.on .plate { fill: var(--hover); }
.lineage.lit .curve[data-from].on { stroke-opacity: 1; stroke-width: 2.4; }
.lineage.lit .curve[data-from].decides.on { stroke-width: 1.5; }
.lineage .row, .lineage .curve { transition: opacity .12s, stroke-opacity .12s; }
@media (prefers-reduced-motion: reduce) { .lineage .row, .lineage .curve { transition: none; } }
@media (max-width: 1100px) { body { display: block; } aside { position: static; max-height: none; padding: 8px 24px; } }
@media (prefers-color-scheme: dark) { body { background: #14181f; color: #e6eaf0; }
  aside p, aside li span { color: #94a0b1; } aside ol { border-color: #343d4a; }
  aside b.copied { color: #6fa3ff; } aside b.computed { color: #3cc9b0; } aside b.aggregated { color: #f0a94a; }
  aside b.masked { color: #b98bf5; } }
"""

_SCRIPT = """
const told = JSON.parse(document.getElementById('told').textContent);
const picture = document.querySelector('svg.lineage'), panel = document.querySelector('aside');
const rows = [...picture.querySelectorAll('.row')], curves = [...picture.querySelectorAll('.curve[data-from]')];
const start = panel.innerHTML;
let pinned = null;
rows.forEach((row, index) => row.setAttribute('tabindex', index ? -1 : 0));
function make(tag, text, name) {
  const node = document.createElement(tag);
  node.textContent = text;
  if (name) node.className = name;
  return node;
}
function steps(list) {
  const block = document.createElement('ol');
  for (const [stream, column, expression] of list) {
    const item = document.createElement('li');
    item.append(make('span', stream + ' · ' + column), make('code', expression));
    block.append(item);
  }
  return block;
}
function describe(key) {
  const about = told[key];
  panel.replaceChildren(make('h2', about.title), make('p', about.note));
  for (const way of about.ways) {
    const head = make('h3', way.title + ' ');
    head.append(make('b', way.word, way.kind));
    panel.append(head);
    if (way.steps.length) panel.append(steps(way.steps));
  }
  for (const [title, text] of about.decided) panel.append(make('h3', title), make('p', text));
}
function light(key) {
  picture.classList.toggle('lit', key !== null);
  if (key === null) { panel.innerHTML = start; }
  const row = key === null ? null : rows.find(one => one.dataset.key === key);
  const on = new Set(key === null ? [] : [key, row.closest('.end').dataset.key]);
  const ends = new Set(key === null ? [] : [key]);
  for (const curve of curves) {
    const whole = row && row.dataset.side === 'sink' && curve.dataset.to === row.closest('.end').dataset.key;
    const lit = curve.dataset.from === key || curve.dataset.to === key || Boolean(whole);
    curve.classList.toggle('on', lit);
    if (lit) { ends.add(curve.dataset.from); ends.add(curve.dataset.to); }
  }
  for (const one of rows) one.classList.toggle('on', ends.has(one.dataset.key));
  if (key !== null) describe(key);
}
function pin(key) {
  pinned = pinned === key ? null : key;
  for (const row of rows) row.setAttribute('aria-pressed', row.dataset.key === pinned);
  light(pinned);
}
function point(key) { if (pinned === null) light(key); }
for (const row of rows) {
  row.setAttribute('aria-pressed', false);
  row.addEventListener('mouseenter', () => point(row.dataset.key));
  row.addEventListener('mouseleave', () => point(null));
  row.addEventListener('focus', () => point(row.dataset.key));
  row.addEventListener('blur', () => point(null));
  row.addEventListener('mousedown', event => event.preventDefault());
  row.addEventListener('click', () => { move(row); pin(row.dataset.key); });
}
function move(row) {
  for (const one of rows) if (one.tabIndex === 0) one.tabIndex = -1;
  row.tabIndex = 0;
  row.focus();
}
picture.addEventListener('keydown', event => {
  const at = rows.indexOf(document.activeElement);
  if (event.key === 'Escape') pin(pinned);
  if (at < 0) return;
  if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); pin(rows[at].dataset.key); }
  const key = rows[at].dataset.key, own = rows.filter(row => row.dataset.side === rows[at].dataset.side);
  let next = null;
  if (event.key === 'Home') next = own[0];
  if (event.key === 'End') next = own[own.length - 1];
  if (event.key === 'ArrowDown') next = rows[at + 1];
  if (event.key === 'ArrowUp') next = rows[at - 1];
  if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') {
    const ends = curves.filter(one => one.dataset.from === key || one.dataset.to === key)
      .map(one => one.dataset.from === key ? one.dataset.to : one.dataset.from);
    next = rows.find(row => row.dataset.side !== rows[at].dataset.side && ends.includes(row.dataset.key));
  }
  if (next) { event.preventDefault(); move(next); }
});
"""
_START = (
    "<h2>Where every column comes from</h2><p>Point at a column, or move with the arrow keys, Home and End, to see its "
    "whole way and the expressions on it. Click or press Enter to keep it; Escape lets it go.</p>"
)


def lineage_html(flow: TracedFlow) -> str:
    """The page."""
    told = json.dumps(_told(flow), ensure_ascii=False).replace("<", "\\u003c")
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width">\n<title>{escape(flow.name)}: lineage</title>\n'
        f"<style>{STYLE}{_PAGE_STYLE}</style>\n</head>\n<body>\n<main>\n{svg(flow, laid_out(flow))}\n</main>\n"
        f'<aside aria-live="polite">{_START}</aside>\n'
        f'<script type="application/json" id="told">{told}</script>\n<script>{_SCRIPT}</script>\n</body>\n</html>\n'
    )


def _told(flow: TracedFlow) -> Mapping[str, Any]:
    """What the page says about each column, by key."""
    columns = [column for sink in flow.sinks for column in sink.columns]
    told: dict[str, Any] = {sink_key(column): _about_sink(column) for column in columns}
    ways, decided = _ways(columns), _decided(flow)
    for source in flow.sources:
        for column in source.columns:
            key = source_key(SourceColumn(source.stream, column.name))
            told[key] = {
                "title": f"{source.stream}.{shown(column.name)}",
                "note": _source_note(column.type, dynamic=column.dynamic),
                "ways": ways.get(key, []),
                "decided": [[title, ", ".join(names)] for title, names in decided.get(key, {}).items()],
            }
    return told


def _ways(columns: Iterable[ColumnLineage]) -> Mapping[str, list[Mapping[str, Any]]]:
    """The sink columns that each source column goes into, by its key."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for column in columns:
        for one in column.contributions:
            found.setdefault(source_key(one.source), []).append(_way(one, f"{column.sink}.{shown(column.column)}"))
    return found


def _decided(flow: TracedFlow) -> Mapping[str, Mapping[str, Mapping[str, None]]]:
    """The transformations in which each source column decides, with the sinks or sink columns that depend on them."""
    found: dict[str, dict[str, dict[str, None]]] = {}
    for sink in flow.sinks:
        rows = sink.columns[0].rows if sink.columns else ()
        ends = [(decision, f"rows of {sink.stream}") for decision in rows]
        ends += [
            (decision, f"{sink.stream}.{shown(column.column)}")
            for column in sink.columns
            for decision in column.decisions
        ]
        for decision, end in ends:
            title = f"{decision.reason.value} in {decision.stream}"
            found.setdefault(source_key(decision.source), {}).setdefault(title, {})[end] = None
    return found


def _source_note(kind: str, *, dynamic: bool) -> str:
    return "source column, " + ("dynamic: any column that is not declared" if dynamic else kind)


def _about_sink(column: ColumnLineage) -> Mapping[str, Any]:
    ways = [_way(one, source_text(one.source)) for one in column.contributions]
    if not ways:
        steps = [[step.stream, shown(step.column), step.expression] for step in column.steps]
        ways = [{"title": "no source column", "word": without_source(column), "kind": "", "steps": steps}]
    note = "dynamic: may contain any source column" if column.dynamic else column.type
    decided = [
        [f"{decision.reason.value} in {decision.stream}", source_text(decision.source)]
        for decision in (*column.decisions, *column.rows)
    ]
    grouped: dict[str, list[str]] = {}
    for title, text in decided:
        grouped.setdefault(title, []).append(text)
    return {
        "title": f"{column.sink}.{shown(column.column)}",
        "note": f"sink column, {note}",
        "ways": ways,
        "decided": [[title, ", ".join(texts)] for title, texts in grouped.items()],
    }


def _way(one: Any, title: str) -> Mapping[str, Any]:
    steps = [[step.stream, shown(step.column), step.expression] for step in one.steps]
    return {"title": title, "word": influence_text(one), "kind": kind_of(one), "steps": steps}
