"""Where things of this checkout are: found from this file, never from the working directory."""

import os
from pathlib import Path

PROJECT = "azure-ml-ingestion"
ROOT = Path(__file__).resolve().parents[2]
ARTIFACT_FOLDER = ROOT / "pipelines_json"
SAMPLE_FOLDER = ROOT / "samples"
LOCAL_FOLDER_VARIABLE = "INGEST_LOCAL_FOLDER"


def local_folder() -> Path:
    """Everything that the local Azure and its stack keep: `.local` of the checkout, or what the variable names."""
    named = os.environ.get(LOCAL_FOLDER_VARIABLE)
    return Path(named).resolve() if named else ROOT / ".local"
