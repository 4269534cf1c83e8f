"""Environment-specific fields: declared in `environment.json` beside the kinds, bound to outputs of a deployment.

In the files such a field holds a placeholder that no service could take for a value. Nothing is searched for: what is
not declared is not bound, and what is not bound is not published.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synapse_artifacts.documents import tokens_of, walk
from synapse_artifacts.errors import ArtifactErrors, Problem

FILE_NAME = "environment.json"
_MARK = "<bound-at-deployment:"


@dataclass(frozen=True)
class Binding:
    """A field (artifact id and JSON pointer) and the output whose value it gets."""

    artifact: str
    pointer: str
    output: str

    @property
    def placeholder(self) -> str:
        """What the file holds in the field."""
        return f"{_MARK}{self.output}>"


@dataclass(frozen=True)
class Environment:
    """The declared fields of a folder, and what each output is."""

    bindings: tuple[Binding, ...]
    outputs: Mapping[str, str]


def load_environment(folder: Path) -> Environment:
    """The declarations of a folder; none when it has no `environment.json`. Raises ArtifactErrors."""
    file = folder / FILE_NAME
    if not file.is_file():
        return Environment((), {})
    try:
        value = json.loads(file.read_bytes().decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        cause = f"the file is no JSON: {error.msg}"
        raise ArtifactErrors(
            [
                Problem(
                    "reading",
                    FILE_NAME,
                    cause,
                    file,
                    line=error.lineno,
                    column=error.colno,
                )
            ]
        ) from error
    outputs = value.get("outputs") if isinstance(value, Mapping) else None
    fields = value.get("fields") if isinstance(value, Mapping) else None
    if not isinstance(outputs, Mapping) or not isinstance(fields, list):
        expected = '{"outputs": {name: meaning}, "fields": [{"artifact", "pointer", "output"}]}'
        raise ArtifactErrors(
            [
                Problem(
                    "reading",
                    FILE_NAME,
                    "the file has another form",
                    file,
                    expected=expected,
                )
            ]
        )
    problems: list[Problem] = []
    bindings = tuple(_binding(entry, f"/fields/{index}", outputs, file, problems) for index, entry in enumerate(fields))
    if problems:
        raise ArtifactErrors(problems)
    return Environment(bindings, {str(name): str(meaning) for name, meaning in outputs.items()})


def _binding(
    entry: Any,
    pointer: str,
    outputs: Mapping[str, Any],
    file: Path,
    problems: list[Problem],
) -> Binding:
    given = entry if isinstance(entry, Mapping) else {}
    texts = [given.get(key) for key in ("artifact", "pointer", "output")]
    if set(given) != {"artifact", "pointer", "output"} or not all(isinstance(text, str) for text in texts):
        expected = '{"artifact": "linkedService/name", "pointer": "/properties/…", "output": "name"}'
        problems.append(
            Problem(
                "reading",
                FILE_NAME,
                "a field has another form",
                file,
                pointer,
                expected=expected,
            )
        )
        return Binding("", "", "")
    binding = Binding(*map(str, texts))
    if binding.output not in outputs:
        cause = f"the output '{binding.output}' is not declared"
        expected = f"one of {', '.join(map(str, outputs))}"
        problems.append(
            Problem(
                "reading",
                FILE_NAME,
                cause,
                file,
                f"{pointer}/output",
                expected=expected,
            )
        )
    return binding


def bind(document: Mapping[str, Any], bindings: Mapping[str, str]) -> dict[str, Any]:
    """A copy of a document with the values of its environment-specific fields, by JSON pointer.

    Raises ArtifactErrors: a pointer leads to nothing, a field holds something else than a placeholder, or a
    placeholder is left without a value.
    """
    name = str(document.get("name", "(without name)"))
    problems: list[Problem] = []
    result = copy.deepcopy(dict(document))
    for pointer, value in bindings.items():
        _set(result, name, pointer, value, problems)
    problems.extend(_unbound(result, name))
    if problems:
        raise ArtifactErrors(problems)
    return result


def bind_all(
    documents: Mapping[str, Mapping[str, Any]],
    environment: Environment,
    values: Mapping[str, str],
) -> dict[str, dict[str, Any]]:
    """Copies of all documents (by artifact id) with the outputs' values; trailing slashes of URLs are taken off.

    Raises ArtifactErrors with every problem: besides those of `bind`, a missing or empty output or unknown artifact.
    """
    problems = list(_missing(documents, environment, values))
    bound: dict[str, dict[str, Any]] = {}
    for id, document in documents.items():
        chosen = {
            each.pointer: values[each.output].rstrip("/")
            for each in environment.bindings
            if each.artifact == id and values.get(each.output)
        }
        try:
            bound[id] = bind(document, chosen)
        except ArtifactErrors as error:
            problems.extend(error.problems)
    if problems:
        raise ArtifactErrors(problems)
    return bound


def _missing(documents: Mapping[str, Any], environment: Environment, values: Mapping[str, str]) -> Iterator[Problem]:
    for each in environment.bindings:
        if each.artifact not in documents:
            cause = f"'{FILE_NAME}' names it, but there is no such artifact"
            yield Problem("binding", each.artifact, cause, pointer=each.pointer)
    for name in dict.fromkeys(each.output for each in environment.bindings):
        if not values.get(name):
            meaning = environment.outputs.get(name, name)
            yield Problem("binding", f"output {name}", "it has no value", expected=meaning)


def _set(
    document: dict[str, Any],
    name: str,
    pointer: str,
    value: str,
    problems: list[Problem],
) -> None:
    tokens = tokens_of(pointer)
    holder: Any = document
    for token in tokens[:-1]:
        holder = _child(holder, token)
    current = _child(holder, tokens[-1]) if tokens else None
    if current is None:
        cause, expected = (
            "the pointer of an environment-specific field leads to nothing",
            "a field that exists",
        )
        problems.append(Problem("binding", name, cause, pointer=pointer, expected=expected))
    elif not isinstance(current, str) or not current.startswith(_MARK):
        cause = f"an environment-specific field holds the value {current!r}, which is of one environment only"
        problems.append(Problem("binding", name, cause, pointer=pointer, expected=f"{_MARK}<output>>"))
    elif isinstance(holder, list):
        holder[int(tokens[-1])] = value
    else:
        holder[tokens[-1]] = value


def _child(holder: Any, token: str) -> Any:
    if isinstance(holder, Mapping):
        return holder.get(token)
    if isinstance(holder, Sequence) and not isinstance(holder, str) and token.isdigit() and int(token) < len(holder):
        return holder[int(token)]
    return None


def _unbound(document: Mapping[str, Any], name: str) -> Iterator[Problem]:
    for pointer, value in walk(document):
        if isinstance(value, str) and _MARK in value:
            cause = f"the placeholder {value} has no value"
            hint = f"declare the field in {FILE_NAME} and give the output"
            yield Problem(
                "binding",
                name,
                cause,
                pointer=pointer,
                expected="a value from an output",
                hint=hint,
            )
