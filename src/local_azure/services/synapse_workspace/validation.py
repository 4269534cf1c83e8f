"""Whether a document may be stored; references are checked by the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from artifact_checks.document_checks import check_document as findings_of
from artifact_checks.findings import Finding
from azure_ids.synapse import SYNAPSE_COLLECTIONS, fault_of_artifact_name
from local_azure.http import ServiceError
from local_azure.services.synapse_workspace.artifact_kinds import Kind
from local_azure.services.synapse_workspace.errors import bad_request
from pipeline_runtime.checks import PIPELINE_PROPERTIES

_FOLDERS = {collection.path.lower(): kind.value for kind, collection in SYNAPSE_COLLECTIONS.items()}


def check_document(kind: Kind, name: str, document: Any, of_pipeline: Sequence[str] = PIPELINE_PROPERTIES) -> None:
    """Raise 400 (ServiceError) with every problem of a document that is to be stored under a name.

    `of_pipeline` are the properties that `pipeline()` has where it is stored. What Azure stores all the same, because
    it ignores it or because only a run would meet it, is stored here too.
    """
    if fault_of_artifact_name(name):
        raise bad_request(f"The document name '{name}' is invalid.", "InvalidName")
    if not isinstance(document, Mapping):
        raise _refusal(kind, name, [Finding("", "expected an object")])
    found = list(findings_of(_FOLDERS[kind.path.lower()], name, document, of_pipeline))
    given = document.get("name")
    if given is not None and str(given).lower() != name.lower():
        found.append(Finding("/name", f"the name '{given}' is not the name '{name}' in the URL"))
    refused = [each for each in found if not (each.fails_at_run or each.is_ignored)]
    if refused:
        raise _refusal(kind, name, refused)


def _refusal(kind: Kind, name: str, problems: Sequence[Finding]) -> ServiceError:
    listed = "; ".join(_told(each) for each in problems)
    return bad_request(f"The {kind.noun} '{name}' is invalid. {listed}", "InvalidPayload")


def _told(finding: Finding) -> str:
    cause = f"{finding.pointer}: {finding.cause}"
    return f"{cause}; expected {finding.expected}" if finding.expected else cause
