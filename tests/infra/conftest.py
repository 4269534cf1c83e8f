"""What the tests of the program share: complete settings, and the program declared without an engine."""

import pytest
from program_bench import Recorder, declare, settings_of

from infra.settings import Settings


@pytest.fixture(scope="session")
def settings() -> Settings:
    """The settings of the local stack."""
    return settings_of("local")


@pytest.fixture(scope="module")
def declared() -> Recorder:
    """Everything that the local stack declares."""
    recorder = Recorder()
    recorder.outputs = declare(settings_of("local"), recorder)
    return recorder
