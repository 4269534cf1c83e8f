"""All workspaces of the collection of real ones: what is said about them is known, and each was found to be wrong."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from artifact_checks.check import check_folder

LARGEST = "Planning-Inspectorate+odw-synapse-workspace__workspace"


@pytest.fixture(scope="module")
def corpus() -> Path:
    """The folder with the workspaces, beside the repository."""
    folder = Path(__file__).parents[3] / "shared" / "corpus"
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    return folder


def test_the_largest_workspace_has_known_problems(corpus: Path) -> None:
    assert check_folder(corpus / LARGEST).summary == "1323 artifacts, 18 errors"


def test_the_causes_of_all_problems_are_known(corpus: Path) -> None:
    causes: Counter[str] = Counter()
    for folder in sorted(corpus.iterdir()):
        if folder.is_dir() and folder.name != "LICENSES":
            for problem in check_folder(folder).problems:
                short = re.split(r"[,:(]| '?\S*/|'s name", problem.cause, maxsplit=1)[0].strip()
                causes[re.sub("'[^']*'", "…", short)] += 1
    assert causes == PINNED_CAUSES


PINNED_CAUSES = {
    "it refers to": 198,  # to datasets that samples leave out, to notebooks that are gone
    "it holds an encryptedCredential": 31,
    "the name … is not the file": 13,
    "it uses the global parameter …": 9,
    "the parameter … of the pipeline … has no value": 8,  # which the pipeline puts into the path of a dataset
    "the name is taken by": 5,
    "… depends on …": 2,  # on activities that are gone
    "the property … of activity type ExecuteDataFlow is missing": 2,
    "the parameter … of the dataset … has no value": 2,
    "it holds a key": 2,  # the signatures of webhooks
    "the dataset … has no parameter …": 1,
    "the parameter … of the linkedService … has no value": 1,
    "the pipeline … has no parameter …": 1,
    "there is no function …": 1,  # ERROR_FUNCTION, which Studio writes for an expression that it cannot read
    "a data flow cannot use": 1,
    "the file is no JSON": 1,
}
