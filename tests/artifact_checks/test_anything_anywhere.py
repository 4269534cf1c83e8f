"""Whatever stands anywhere in an artifact is told or taken; nothing crashes the check."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from one_of_each_kind import ARTIFACTS

from artifact_checks.check import check_folder
from synapse_artifacts.documents import tokens_of, walk

_DOCUMENTS: dict[str, Any] = {
    id: {"name": id.partition("/")[2], "properties": properties} for id, properties in ARTIFACTS.items()
}
_PLACES = [(id, pointer) for id, document in _DOCUMENTS.items() for pointer, _ in walk(document) if pointer]
_REFERENCES = st.fixed_dictionaries(
    {"referenceName": st.sampled_from([5, "x", ["x"]]), "type": st.sampled_from(["DatasetReference", ["y"], 5])}
)
_ANYTHING = st.one_of(
    st.sampled_from([None, True, -1, 1e300, "", "x", "@", "@{", "@concat(", [], {}, [5], ["x"], [None], {"a": 5}]),
    _REFERENCES,
)


def _with(document: Any, pointer: str, value: Any) -> Any:
    changed = copy.deepcopy(document)
    holder, (*path, last) = changed, tokens_of(pointer)
    for token in path:
        holder = holder[int(token)] if isinstance(holder, list) else holder[token]
    holder[int(last) if isinstance(holder, list) else last] = value
    return changed


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(place=st.sampled_from(_PLACES), value=_ANYTHING)
def test_anything_anywhere_is_told_or_taken(tmp_path: Path, place: tuple[str, str], value: Any) -> None:
    changed, pointer = place
    for id, document in _DOCUMENTS.items():
        file = tmp_path / f"{id}.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(_with(document, pointer, value) if id == changed else document), encoding="utf-8")
    report = check_folder(tmp_path)
    assert all(each.cause for each in (*report.problems, *report.notes))
