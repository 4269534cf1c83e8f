"""docs/verified.md says of every claim about Azure how it is known, and where it counts."""

import re
from dataclasses import dataclass

import pytest
from source_form import REPOSITORY, tracked_files

PAGE = REPOSITORY / "docs" / "verified.md"
STATUSES = {"recorded", "documented", "assumed"}


@dataclass(frozen=True)
class Claim:
    """One row of the page."""

    text: str
    status: str
    evidence: str
    places: tuple[str, ...]


def _claims() -> list[Claim]:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| ") and not line.startswith("| Claim")]
    cells = [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]
    return [
        Claim(text, status, evidence, tuple(re.findall(r"`([^`]+)`", where))) for text, status, evidence, where in cells
    ]


CLAIMS = _claims()


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.text[:60])
def test_a_claim_is_recorded_documented_or_assumed(claim: Claim) -> None:
    assert claim.status in STATUSES


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.text[:60])
def test_a_claim_names_the_places_that_rely_on_it(claim: Claim) -> None:
    assert claim.places
    assert [place for place in claim.places if not (REPOSITORY / place).exists()] == []


@pytest.mark.parametrize(
    "claim", [claim for claim in CLAIMS if claim.status == "documented"], ids=lambda claim: claim.text[:60]
)
def test_a_documented_claim_names_the_page(claim: Claim) -> None:
    vendors = ("https://learn.microsoft.com/", "https://github.com/pulumi/pulumi ", "https://github.com/Azure/")
    assert claim.evidence.startswith(vendors)


@pytest.mark.parametrize(
    "claim", [claim for claim in CLAIMS if claim.status == "recorded"], ids=lambda claim: claim.text[:60]
)
def test_a_recorded_claim_names_the_recording(claim: Claim) -> None:
    assert re.search(r"[\w-]+/[\w-]+ `\w+(?:\.yaml)?`", claim.evidence)


def _contract_tests() -> set[str]:
    return {
        f"{file.relative_to(REPOSITORY).as_posix()}::{name}"
        for file in tracked_files("tests/contract/test_*.py")
        for name in re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE)
    }


@pytest.mark.parametrize(
    "claim", [claim for claim in CLAIMS if claim.status == "assumed"], ids=lambda claim: claim.text[:60]
)
def test_an_assumed_claim_has_a_contract_test(claim: Claim) -> None:
    named = set(re.findall(r"`([^`]+)`", claim.evidence))
    assert named
    assert named <= _contract_tests()


def test_every_module_that_cites_a_page_of_the_vendor_is_named_or_lies_below_a_folder_that_is() -> None:
    places = tuple({place for claim in CLAIMS for place in claim.places})
    citing = [
        file.relative_to(REPOSITORY).as_posix()
        for file in tracked_files("src/*.py", "infra/*.py")
        if "learn.microsoft.com" in file.read_text()
    ]
    assert [
        name for name in citing if not any(name == each or name.startswith(f"{each.rstrip('/')}/") for each in places)
    ] == []
