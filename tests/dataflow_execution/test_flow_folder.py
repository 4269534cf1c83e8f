"""What is read beside a flow: flowlets and libraries that it may need, and no data that lies there."""

import json
from pathlib import Path

import pytest

from dataflow_execution.errors import DataFlowRunError
from dataflow_execution.flow_folder import flowlets_beside, libraries_beside
from mapping_dataflow import Flow, parse_flow

PLAIN = "source(output(k as string)) ~> a\na derive(w = upper(k)) ~> b\nb sink() ~> t"
OWN = PLAIN.replace("upper(k)", "twice(k)")
COMPOSED = (
    "source(output(k as string)) ~> a\na compose(mapColumn(v = k), composition: 'piece') ~> c@(o)\nc@o sink() ~> t"
)
LIBRARY = {"type": "UDFLibrary", "typeProperties": {"script": "twice(string) as string = concat(i1, i1)"}}
FLOWLET = {"type": "Flowlet", "typeProperties": {"script": "input(output(v as string)) ~> i\ni output() ~> o"}}


def _flow(script: str) -> Flow:
    return parse_flow({"name": "flow", "properties": {"type": "MappingDataFlow", "typeProperties": {"script": script}}})


@pytest.mark.parametrize(
    ("script", "flowlets", "libraries"), [(PLAIN, set(), 0), (OWN, set(), 1), (COMPOSED, {"piece"}, 1)]
)
def test_what_a_flow_may_need_is_read(tmp_path: Path, script: str, flowlets: set[str], libraries: int) -> None:
    for name, properties in {"own": LIBRARY, "piece": FLOWLET, "data": {"many": "rows"}}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps({"name": name, "properties": properties}))
    (tmp_path / "empty.json").touch()
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "link.json").symlink_to("nowhere")
    (tmp_path / "lines.json").write_text('{"no": "flow"}\n{"of": "ours"}\n')
    path, flow = tmp_path / "flow.json", _flow(script)
    assert (set(flowlets_beside(path, flow)), len(libraries_beside(path, flow))) == (flowlets, libraries)


def test_a_broken_library_is_an_error_for_the_flow_that_may_need_it_alone(tmp_path: Path) -> None:
    broken = tmp_path / "own.json"
    broken.write_text('{"type": "UDFLibrary",')
    assert libraries_beside(tmp_path / "flow.json", _flow(PLAIN)) == ()
    with pytest.raises(DataFlowRunError, match="holds no JSON: Expecting property name"):
        libraries_beside(tmp_path / "flow.json", _flow(OWN))
