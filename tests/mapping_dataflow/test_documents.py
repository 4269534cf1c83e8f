"""Data flows are found in every form of JSON they are kept in, with the place they stood at."""

from __future__ import annotations

from typing import Any

import pytest

from mapping_dataflow import MappingDataFlowErrors, parse_flow
from mapping_dataflow.documents import documents_in, script_document
from mapping_dataflow.flow import script_text

SCRIPT = "source() ~> s\ns sink() ~> t"
INNER: dict[str, Any] = {"sources": [{"name": "s"}], "sinks": [{"name": "t"}], "transformations": [], "script": SCRIPT}
PROPERTIES: dict[str, Any] = {"type": "MappingDataFlow", "typeProperties": INNER}
LINES = {**PROPERTIES, "typeProperties": {"sources": [], "scriptLines": SCRIPT.split("\n")}}
UNTYPED: dict[str, Any] = {
    "sources": [{"name": "s", "script": "source() ~> s"}],
    "sinks": [{"name": "t", "script": "d sink() ~> t"}],
    "transformations": [{"name": "d", "script": "s derive(x = 1) ~> d"}],
    "parameters": {},
}
PREVIEW = {"type": "MappingDataFlow", "typeProperties": UNTYPED}
RESOURCE = "Microsoft.DataFactory/factories/dataflows"


def _template(name: str, script: object, **more: object) -> dict[str, Any]:
    properties = {"type": "MappingDataFlow", "typeProperties": {**INNER, "script": script}}
    return {"resources": [{"name": name, "type": RESOURCE, "properties": properties}], **more}


@pytest.mark.parametrize(
    ("value", "pointers"),
    [
        ({"name": "a", "properties": PROPERTIES}, ["a "]),
        ({"name": "a", "properties": LINES}, ["a "]),
        ({"name": "a", "properties": PREVIEW}, ["a "]),
        ({"name": "a", "properties": UNTYPED}, ["a "]),
        ({"resources": [{"name": "f/a", "type": RESOURCE, "properties": UNTYPED}]}, ["a /resources/0"]),
        ({"properties": PROPERTIES}, ["file "]),
        (PROPERTIES, ["file "]),
        (INNER, ["file "]),
        ({"sessionId": "1", "dataFlow": {"name": "a", "properties": PROPERTIES}, "datasets": []}, ["a /dataFlow"]),
        (
            {"dataFlows": [{"name": "a", "properties": PROPERTIES}, {"name": "b", "properties": LINES}]},
            ["a /dataFlows/0", "b /dataFlows/1"],
        ),
        (_template("[concat(parameters('factory'), '/a')]", SCRIPT), ["a /resources/0"]),
        (_template("factory/a", SCRIPT), ["a /resources/0"]),
        ({"name": "p", "properties": {"activities": [{"name": "x", "type": "ExecuteDataFlow"}]}}, []),
        ({"name": "d", "properties": {"type": "DelimitedText", "typeProperties": {"location": {}}}}, []),
        ([1, "two", None], []),
    ],
)
def test_the_flows_of_a_document_are_found(value: object, pointers: list[str]) -> None:
    found = documents_in(value, "file")
    assert [f"{one.name} {one.pointer}" for one in found] == pointers
    assert all(parse_flow(one.document).script.statements for one in found)


def test_a_pointer_is_escaped() -> None:
    (found,) = documents_in({"a/b~c": {"name": "x", "properties": PROPERTIES}}, "file")
    assert found.pointer == "/a~1b~0c"


@pytest.mark.parametrize("kind", ["WranglingDataFlow", "UDFLibrary"])
def test_documents_in_other_languages_are_told(kind: str) -> None:
    (found,) = documents_in({"name": "x", "properties": {"type": kind, "typeProperties": {}}}, "file")
    assert found.other_language


def test_what_has_a_script_but_no_type_is_a_flow_with_a_problem() -> None:
    (found,) = documents_in({"name": "x", "properties": {"typeProperties": INNER}}, "file")
    with pytest.raises(MappingDataFlowErrors, match="the document's type is None"):
        parse_flow(found.document)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (SCRIPT, SCRIPT),
        ("[concat('source() ~> s', '\n', parameters('rest'))]", SCRIPT),
        ("[variables('all')]", SCRIPT),
        ("[concat('source(x: ''a'') ~> s', '\n', 's sink() ~> t')]", "source(x: 'a') ~> s\ns sink() ~> t"),
        ("[[a] source() ~> s", "[a] source() ~> s"),
    ],
)
def test_a_template_is_read_as_it_will_be_deployed(written: str, meant: str) -> None:
    template = _template(
        "f/a",
        written,
        parameters={"rest": {"defaultValue": "s sink() ~> t"}, "none": {"type": "string"}},
        variables={"all": SCRIPT, "made": "[concat('a')]"},
    )
    (found,) = documents_in(template, "file")
    properties: Any = found.document["properties"]
    assert properties["typeProperties"]["script"] == meant


@pytest.mark.parametrize(
    "written",
    [
        "[parameters('none')]",
        "[variables('made')]",
        "[concat('a'",
        "[concat('a' 'b')]",
        "[resourceId('a')]",
        "[concat(]",
        "[concat('a') b]",
        "[parameters('a', 'b')]",
    ],
)
def test_a_script_that_is_known_at_deployment_only_is_refused(written: str) -> None:
    (found,) = documents_in(_template("[parameters('none')]", written), "file")
    assert found.name == "none"
    with pytest.raises(MappingDataFlowErrors) as caught:
        parse_flow(found.document)
    assert str(caught.value).startswith("reading flow 'none': the script ")


def test_a_name_that_holds_no_text_stays_as_it_is_written() -> None:
    (found,) = documents_in(_template("[name()]", SCRIPT), "file")
    assert found.name == "[name()]"


@pytest.mark.parametrize(
    ("properties", "offset", "pointer"),
    [
        (PROPERTIES, 20, "script"),
        (LINES, 0, "scriptLines/0"),
        (LINES, 14, "scriptLines/1"),
        (PREVIEW, 14, "transformations/0/script"),
        (PREVIEW, 40, "sinks/0/script"),
    ],
)
def test_a_place_of_the_script_has_its_pointer(properties: dict[str, Any], offset: int, pointer: str) -> None:
    text = script_text({"name": "x", "properties": properties})
    assert text.pointer(offset) == f"/properties/typeProperties/{pointer}"


def test_of_both_forms_the_text_counts() -> None:
    both = {"type": "MappingDataFlow", "typeProperties": {"script": SCRIPT, "scriptLines": ["nothing"]}}
    assert script_text({"properties": both}).text == SCRIPT


def test_a_flow_in_which_nothing_is_drawn_yet_is_empty() -> None:
    documents: list[dict[str, Any]] = [{"script": ""}, {"sources": [], "sinks": []}, {"scriptLines": []}]
    for inner in documents:
        flow = parse_flow({"name": "x", "properties": {"type": "MappingDataFlow", "typeProperties": inner}})
        assert flow.script.statements == ()


def test_a_script_alone_is_a_flow_of_the_name_of_its_file() -> None:
    flow = parse_flow(script_document(SCRIPT, "alone").document)
    assert (flow.name, len(flow.script.statements)) == ("alone", 2)
