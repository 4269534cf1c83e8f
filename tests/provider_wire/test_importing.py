"""The import command that errors print can be pasted into a shell, and puts the resource where the program has it."""

import shlex

import pytest

from provider_wire.importing import import_command

STACK = "urn:pulumi:dev::azure-ml-ingestion"
GROUP = "azure-native:resources:ResourceGroup"
LAKE = "ingestion:index:DataLake"


def test_a_resource_of_the_stack_itself_has_no_parent() -> None:
    id = "/subscriptions/s/resourceGroups/g"
    assert import_command(f"{STACK}::{GROUP}::group", id) == f"pulumi import --generate-code=false {GROUP} group {id}"


@pytest.mark.parametrize("place", [LAKE, f"ingestion:index:Ingestion${LAKE}"], ids=["one", "two"])
def test_a_resource_inside_a_component_names_it(place: str) -> None:
    command = import_command(f"{STACK}::{place}${GROUP}::people: Reader of account", "/ids/x#a,b")
    assert shlex.split(command) == [
        *("pulumi", "import", "--generate-code=false", GROUP, "people: Reader of account", "/ids/x#a,b"),
        *("--parent", f"parent={STACK}::{place}::<name of the {LAKE}>"),
    ]
