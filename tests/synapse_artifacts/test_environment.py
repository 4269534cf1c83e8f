"""Environment-specific fields: declared, bound, refused."""

from __future__ import annotations

from typing import Any

import pytest
from folder_writing import Write

from synapse_artifacts.environment import (
    Binding,
    Environment,
    bind,
    bind_all,
    load_environment,
)
from synapse_artifacts.errors import ArtifactErrors

URL = "/properties/typeProperties/url"


def _lake(url: Any = "<bound-at-deployment:lake>") -> dict[str, Any]:
    return {
        "name": "lake",
        "properties": {"typeProperties": {"url": url, "list": ["<bound-at-deployment:lake>"]}},
    }


def _environment(pointer: str = URL) -> Environment:
    list_item = Binding("linkedService/lake", "/properties/typeProperties/list/0", "lake")
    return Environment(
        (Binding("linkedService/lake", pointer, "lake"), list_item),
        {"lake": "URL of the lake"},
    )


def test_fields_get_their_values_and_the_document_is_left_as_it_is() -> None:
    document = _lake()
    bound = bind_all({"linkedService/lake": document}, _environment(), {"lake": "https://lake/"})
    assert bound["linkedService/lake"] == {
        "name": "lake",
        "properties": {"typeProperties": {"url": "https://lake", "list": ["https://lake"]}},
    }
    assert document == _lake()


def test_a_pointer_that_leads_to_nothing_is_an_error() -> None:
    with pytest.raises(ArtifactErrors) as caught:
        bind(
            {"name": "a", "properties": {"x": [1]}},
            {"/properties/x/5": "v", "/properties/y": "v"},
        )
    causes = [(problem.pointer, problem.cause) for problem in caught.value.problems]
    nothing = "the pointer of an environment-specific field leads to nothing"
    assert causes == [("/properties/x/5", nothing), ("/properties/y", nothing)]


def test_a_value_typed_into_the_field_is_an_error() -> None:
    with pytest.raises(
        ArtifactErrors,
        match="holds the value 'https://dev', which is of one environment only",
    ):
        bind(_lake("https://dev"), {URL: "https://prod"})


def test_a_placeholder_without_a_value_is_an_error() -> None:
    with pytest.raises(ArtifactErrors) as caught:
        bind({"name": "a", "properties": {"x": "see <bound-at-deployment:thing>"}}, {})
    assert str(caught.value) == (
        "binding a: the placeholder see <bound-at-deployment:thing> has no value\n"
        "  at /properties/x\n"
        "  expected a value from an output\n"
        "  hint: declare the field in environment.json and give the output"
    )


def test_a_missing_output_and_an_unknown_artifact_are_told_together() -> None:
    with pytest.raises(ArtifactErrors) as caught:
        bind_all({}, _environment(), {})
    assert [problem.cause for problem in caught.value.problems] == [
        "'environment.json' names it, but there is no such artifact",
        "'environment.json' names it, but there is no such artifact",
        "it has no value",
    ]
    assert caught.value.problems[-1].expected == "URL of the lake"


def test_declarations_are_read(write: Write) -> None:
    field = {"artifact": "linkedService/lake", "pointer": URL, "output": "lake"}
    found = load_environment(write({"environment.json": {"outputs": {"lake": "URL"}, "fields": [field]}}))
    assert found == Environment((Binding("linkedService/lake", URL, "lake"),), {"lake": "URL"})
    assert found.bindings[0].placeholder == "<bound-at-deployment:lake>"


def test_a_folder_without_declarations_has_none(write: Write) -> None:
    assert load_environment(write({})) == Environment((), {})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", r"reading environment\.json: the file is no JSON"),
        ("[]", "the file has another form"),
        ({"outputs": {}, "fields": [1]}, "a field has another form"),
        (
            {"outputs": {}, "fields": [{"artifact": "a", "pointer": "b"}]},
            "a field has another form",
        ),
        (
            {
                "outputs": {"x": ""},
                "fields": [{"artifact": "a", "pointer": "b", "output": "c"}],
            },
            "the output 'c' is not declared",
        ),
    ],
)
def test_wrong_declarations_are_told(write: Write, content: Any, message: str) -> None:
    with pytest.raises(ArtifactErrors, match=message):
        load_environment(write({"environment.json": content}))
