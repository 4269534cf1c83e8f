"""The command that takes a resource that exists into the state, where the program has it."""

import shlex


def import_command(urn: str, id: str) -> str:
    """The command for a resource of the program; the name of its component, which no URN carries, is left open."""
    place, _, name = urn.removeprefix("urn:pulumi:").partition("::")[2].partition("::")[2].partition("::")
    component, _, token = place.rpartition("$")
    parent = f" --parent {shlex.quote(f'parent={_parent(urn, place, component)}')}" if component else ""
    return f"pulumi import --generate-code=false {token} {shlex.quote(name)} {shlex.quote(id)}{parent}"


def _parent(urn: str, place: str, component: str) -> str:
    before = urn.partition(f"::{place}::")[0]
    return f"{before}::{component}::<name of the {component.rpartition('$')[2]}>"
