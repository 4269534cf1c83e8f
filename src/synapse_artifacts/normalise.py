"""What a document means, without what only its notation or the service adds, so that a comparison shows changes alone.

What that is for each kind and place is a table, `normalise_rules.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from synapse_artifacts.documents import names_of, path_step
from synapse_artifacts.normalise_rules import ABSENT, RULES, Rule

_ANY = "*"
_ANYWHERE = "**"


@dataclass(frozen=True)
class Change:
    """One difference: the JSON path as people read it, and both values; None on a side where there is nothing."""

    path: str
    old: Any
    new: Any


_RULES_BY_KEY: dict[str, list[Rule]] = {}
for _rule in RULES:
    _RULES_BY_KEY.setdefault(_rule.place[-1], []).append(_rule)
_TOPS = ("properties", "typeProperties")
_SCRIPT_FORMS = frozenset({"script", "scriptLines"})
# Below these, keys and values are the author's own words: a parameter may well be called `policy`.
_OPAQUE_KEYS = frozenset(
    {"defaultValue", "datasetParameters", "headers", "body", "globalParameters", "conf", "configs"}
)


def normalise(kind: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """The document in the form in which equal meaning is equal JSON; the given document is left as it is.

    A data flow's script is in `scriptLines`; values that are null are left out.
    """
    joined = _with_one_script(document) if kind == "dataflow" else document
    # Whatever else stands at the top (`name`, `id`, `etag`, `type`, `$schema`) the id says or the service tells.
    result = _cleaned({key: joined[key] for key in _TOPS[:1] if key in joined}, (), kind, False)
    if kind == "dataflow" and isinstance(result.get("properties"), dict):
        inner = result["properties"].get("typeProperties")
        if isinstance(inner, dict) and "script" in inner:
            inner["scriptLines"] = inner.pop("script")
    return dict(result)


def differences(kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Where two documents of a kind differ in meaning, by JSON path such as `.properties.activities[0].name`.

    Items of a list that have names (activities, sources) are compared by name, so that one that is added or removed
    shows alone; indexes are those of the new document, of the old one for what was removed.
    """
    if _same(old, new):
        return []
    rest_old, rest_new = _without_equal(old, new)
    return list(_differences("", normalise(kind, rest_old), normalise(kind, rest_new)))


def _without_equal(
    old: Mapping[str, Any], new: Mapping[str, Any], depth: int = 0
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both without what is equal as it stands at the top of a document, where no rule looks at what is beside it.

    What the service adds is mostly one property beside thousands of equal values: these need no second look. A script
    stays, since its two forms are looked at together.
    """
    rest_old, rest_new = dict(old), dict(new)
    for key in old.keys() & new.keys() - _SCRIPT_FORMS:
        one, other = old[key], new[key]
        if _same(one, other):
            del rest_old[key], rest_new[key]
        elif depth < len(_TOPS) and key == _TOPS[depth] and isinstance(one, Mapping) and isinstance(other, Mapping):
            rest_old[key], rest_new[key] = _without_equal(one, other, depth + 1)
    return rest_old, rest_new


def _with_one_script(document: Mapping[str, Any]) -> Mapping[str, Any]:
    properties = document.get("properties")
    inner = properties.get("typeProperties") if isinstance(properties, Mapping) else None
    if not isinstance(properties, Mapping) or not isinstance(inner, Mapping) or not inner.get("scriptLines"):
        return document
    rest = {key: value for key, value in inner.items() if key not in ("script", "scriptLines")}
    joined = {**rest, "script": inner.get("script") or inner["scriptLines"]}
    return {**document, "properties": {**properties, "typeProperties": joined}}


def _cleaned(value: Any, place: tuple[str, ...], kind: str, is_opaque: bool) -> Any:
    if isinstance(value, Mapping):
        keys_are_given = is_opaque or _names_are_given(place)
        cleaned = {}
        for key, item in value.items():
            below = (*place, str(key))
            result = _cleaned(item, below, kind, keys_are_given or str(key) in _OPAQUE_KEYS)
            if not keys_are_given:
                result = ABSENT if result is None else _ruled(result, below, kind)
            if result is not ABSENT:
                cleaned[str(key)] = result
        return cleaned
    if isinstance(value, list | tuple):
        return [_cleaned(item, (*place, _ANY), kind, is_opaque) for item in value]
    return value


def _names_are_given(place: tuple[str, ...]) -> bool:
    """True for the parameters that a call gives, whose keys and values are the author's; declarations are not."""
    return bool(place) and place[-1] == "parameters" and place != ("properties", "parameters")


def _ruled(value: Any, place: tuple[str, ...], kind: str) -> Any:
    for rule in _RULES_BY_KEY.get(place[-1], ()):
        if value is not ABSENT and rule.kind in ("*", kind) and _matches(place, rule.place):
            value = rule.action(value)
    return value


def _matches(place: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    if not pattern:
        return not place
    if pattern[0] == _ANYWHERE:
        rest = pattern[1:]
        return len(place) >= len(rest) and _matches(place[len(place) - len(rest) :], rest)
    return bool(place) and pattern[0] in (_ANY, place[0]) and _matches(place[1:], pattern[1:])


def _differences(path: str, old: Any, new: Any) -> Iterator[Change]:
    if _same(old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from _differences(path + path_step(key), old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list):
        yield from _list_differences(path, old, new)
    else:
        yield Change(path, old, new)


def _list_differences(path: str, old: list[Any], new: list[Any]) -> Iterator[Change]:
    old_names, new_names = _names(old), _names(new)
    if old_names is None or new_names is None:
        yield from _sequence_differences(path, old, new)
        return
    common = [name for name in new_names if name in old_names]
    if common != [name for name in old_names if name in new_names]:
        yield Change(path, old_names, new_names)
    for name, index in old_names.items():
        if name not in new_names:
            yield Change(path + path_step(index), old[index], None)
    for name, index in new_names.items():
        if name in old_names:
            yield from _differences(path + path_step(index), old[old_names[name]], new[index])
        else:
            yield Change(path + path_step(index), None, new[index])


def _names(items: list[Any]) -> dict[str, int] | None:
    """The positions of named items; None when not all have a name of their own."""
    names = names_of(items)
    return None if names is None else {name: index for index, name in enumerate(names)}


def _sequence_differences(path: str, old: list[Any], new: list[Any]) -> Iterator[Change]:
    matcher = SequenceMatcher(None, list(map(_text, old)), list(map(_text, new)), autojunk=False)
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        paired = min(old_end - old_start, new_end - new_start)
        for offset in range(paired):
            step = path_step(new_start + offset)
            yield from _differences(path + step, old[old_start + offset], new[new_start + offset])
        for index in range(old_start + paired, old_end):
            yield Change(path + path_step(index), old[index], None)
        for index in range(new_start + paired, new_end):
            yield Change(path + path_step(index), None, new[index])


def _text(value: Any) -> str:
    """A text that is equal for equal values, since lists and objects cannot be hashed."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{key!r}:{_text(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_text, value)) + "]"
    return repr(float(value)) if isinstance(value, int) and not isinstance(value, bool) else repr(value)


def _same(old: Any, new: Any) -> bool:
    """Whether two values are equal as they stand, but for the order of keys; `1` and `true` are not.

    Mostly their texts are the same, which is seen at once.
    """
    if old is new or repr(old) == repr(new):
        return True
    return bool(old == new) and _same_inside(old, new)


def _same_inside(old: Any, new: Any) -> bool:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return old.keys() == new.keys() and all(_same_inside(value, new[key]) for key, value in old.items())
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_same_inside, old, new))
    return _equal(old, new)


def _equal(old: Any, new: Any) -> bool:
    return bool(old == new) and isinstance(old, bool) == isinstance(new, bool)
