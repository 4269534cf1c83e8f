"""The picture of a flow's lineage as SVG: sources left, sinks right, a curve for every way a column takes."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from mapping_dataflow.lineage.flows import TracedFlow
from mapping_dataflow.lineage.layout import BOX, HEAD, MARGIN, ROW, WIDTH, Box, Curve, Picture, Row, laid_out
from mapping_dataflow.lineage.text import drawn

_LEGEND = (
    ("copied", "copied"),
    ("computed", "computed"),
    ("aggregated", "aggregated"),
    ("masked", "masked"),
    ("decides", "decides"),
)
_LONGEST_NAME, _LONGEST_TYPE = 27, 15

STYLE = """
.lineage { --ground: #ffffff; --box: #f7f8fa; --line: #d9dee5; --ink: #1c2430; --soft: #6b7686; --hover: #e8eefc;
  --copied: #2f6fde; --computed: #0b9a83; --aggregated: #d07a10; --masked: #8a4fd0; --decides: #97a1af; }
@media (prefers-color-scheme: dark) { .lineage { --ground: #14181f; --box: #1c222b; --line: #343d4a; --ink: #e6eaf0;
  --soft: #94a0b1; --hover: #26344e; --copied: #6fa3ff; --computed: #3cc9b0; --aggregated: #f0a94a; --masked: #b98bf5;
  --decides: #66717f; } }
.lineage .ground { fill: var(--ground); }
.lineage text { font: 12.5px ui-sans-serif, system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  fill: var(--ink); }
.lineage .flow { font-size: 17px; font-weight: 600; }
.lineage .title { font-size: 13.5px; font-weight: 600; }
.lineage .soft { fill: var(--soft); font-size: 11px; }
.lineage .box { fill: var(--box); stroke: var(--line); }
.lineage .rule { stroke: var(--line); }
.lineage .plate { fill: transparent; }
.lineage .curve { fill: none; stroke-width: 1.6; stroke-opacity: .62; }
.lineage .curve.copied { stroke: var(--copied); }
.lineage .curve.computed { stroke: var(--computed); }
.lineage .curve.aggregated { stroke: var(--aggregated); }
.lineage .curve.masked { stroke: var(--masked); }
.lineage .curve.decides { stroke: var(--decides); stroke-width: 1; stroke-dasharray: 3 4; stroke-opacity: .75; }
.lineage .port { fill: var(--ground); stroke: var(--soft); stroke-width: 1.2; }
"""


def lineage_svg(flow: TracedFlow) -> str:
    """A picture that stands alone and does not move."""
    return svg(flow, laid_out(flow), f"<style>{STYLE}</style>") + "\n"


def svg(flow: TracedFlow, picture: Picture, head: str = "") -> str:
    """The picture as an ``svg`` element; rows and curves carry their keys for whoever brings them to life."""
    parts = [
        f'<svg class="lineage" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {picture.height:g}" '
        f'width="{WIDTH}" height="{picture.height:g}" role="group" '
        f'aria-label="Column lineage of {_xml(flow.name)}">',
        head,
        f'<rect class="ground" width="{WIDTH}" height="{picture.height:g}"/>',
        f'<text class="flow" x="{MARGIN}" y="32">{_xml(flow.name)}</text>',
        *_legend(),
        "<g>",
        *map(_curve, sorted(picture.curves, key=lambda curve: curve.kind != "decides")),
        "</g>",
    ]
    for side, boxes in (("source", picture.sources), ("sink", picture.sinks)):
        for box in boxes:
            parts += _box(box, side)
    return "\n".join(filter(None, [*parts, "</svg>"]))


def _legend() -> Iterator[str]:
    x = MARGIN
    for kind, label in _LEGEND:
        yield f'<path class="curve {kind}" d="M{x} 54h26" style="stroke-width:2.4"/>'
        yield f'<text class="soft" x="{x + 33}" y="58">{label}</text>'
        x += 33 + 7 * len(label) + 24


def _curve(curve: Curve) -> str:
    start, end = MARGIN + BOX, WIDTH - MARGIN - BOX
    bend = (end - start) * 0.45
    handles = f"{start + bend:g} {curve.from_y:g} {end - bend:g} {curve.to_y:g}"
    path = f"M{start} {curve.from_y:g}C{handles} {end} {curve.to_y:g}"
    keys = f'data-from="{_xml(curve.start)}" data-to="{_xml(curve.end)}"'
    return f'<path class="curve {curve.kind}" {keys} d="{path}"/>'


def _box(box: Box, side: str) -> Iterator[str]:
    yield f'<g class="end" data-key="{_xml(box.key)}">'
    yield f'<rect class="box" x="{box.x}" y="{box.y:g}" width="{BOX}" height="{box.height:g}" rx="9"/>'
    yield f'<text class="title" x="{box.x + 14}" y="{box.y + 25:g}">{_xml(_cut(box.title, 30))}</text>'
    if box.subtitle:
        label = _xml(_cut(box.subtitle, 26))
        yield f'<text class="soft" text-anchor="end" x="{box.x + BOX - 14}" y="{box.y + 25:g}">{label}</text>'
    yield f'<path class="rule" d="M{box.x} {box.y + HEAD - 4:g}h{BOX}"/>'
    for row in box.rows:
        yield from _row(row, box, side)
    if box.note:
        y = box.y + box.height - 14
        yield f'<text class="soft" x="{box.x + 14}" y="{y:g}">{_xml(box.note)}'
        yield f"<title>{_xml(', '.join(box.left_out))}</title></text>"
    yield "</g>"


def _row(row: Row, box: Box, side: str) -> Iterator[str]:
    port = box.x + BOX if side == "source" else box.x
    label = f"{side} column {row.name} of {box.title}, {row.type}"
    yield f'<g class="row" data-key="{_xml(row.key)}" data-side="{side}" role="button" aria-label="{_xml(label)}">'
    yield f'<rect class="plate" x="{box.x + 3}" y="{row.y - ROW / 2:g}" width="{BOX - 6}" height="{ROW}" rx="5"/>'
    yield f'<text x="{box.x + 14}" y="{row.y + 4:g}">{_xml(_cut(row.name, _LONGEST_NAME))}'
    yield f"<title>{_xml(row.name)}</title></text>"
    kind = _xml(_cut(row.type, _LONGEST_TYPE))
    yield f'<text class="soft" text-anchor="end" x="{box.x + BOX - 14}" y="{row.y + 4:g}">{kind}</text>'
    yield f'<circle class="port" cx="{port}" cy="{row.y:g}" r="3.2"/></g>'


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _xml(text: str) -> str:
    return escape(drawn(text))
