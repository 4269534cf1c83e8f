"""Where the deployment goes: the credential's tenant and subscription must be those that the stack pins."""

from dataclasses import dataclass

from pulumi_azure_native import authorization

from infra.settings import Publication, Settings


class WrongTarget(Exception):
    """The credential is for somewhere else, or an id in the settings is of the wrong kind; the message says which."""


@dataclass(frozen=True)
class Credential:
    """Whom the deployment acts as, and where."""

    tenant_id: str
    subscription_id: str
    client_id: str
    object_id: str


def current_credential() -> Credential:
    """What azure-native will act as."""
    found = authorization.get_client_config()
    return Credential(found.tenant_id, found.subscription_id, found.client_id, found.object_id)


def check_target(settings: Settings | Publication, credential: Credential) -> None:
    """Raises WrongTarget with everything that does not fit."""
    problems = []
    pinned = (
        ("tenant", "tenant_id", settings.tenant_id, credential.tenant_id, "az login --tenant"),
        (
            "subscription",
            "subscription_id",
            settings.subscription_id,
            credential.subscription_id,
            "az account set --subscription",
        ),
    )
    for noun, key, expected, found, command in pinned:
        if found.lower() != expected:
            problems.append(
                f"checking the credential: it is for {noun} {found}\n"
                f"expected {noun} {expected}, which the stack pins ({key})\nhint: {command} {expected}"
            )
    for name, principal in settings.principals():
        if credential.client_id and principal.object_id == credential.client_id.lower():
            problems.append(
                f"checking setting {name}.object_id: {principal.object_id} is the application id of this credential\n"
                f"expected an object id, here {credential.object_id}\n"
                "hint: access-control lists and roles with an application id give nobody access"
            )
    if problems:
        raise WrongTarget("\n\n".join(problems))
