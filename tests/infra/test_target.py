"""A credential for another tenant, subscription or kind of id is refused."""

from dataclasses import replace

import pytest

from infra.settings import Settings
from infra.target import Credential, WrongTarget, check_target

OTHER = "9d1f1c55-6a44-4a3e-b3a5-0f6b7a3e5c01"


def fitting(settings: Settings) -> Credential:
    return Credential(settings.tenant_id.upper(), settings.subscription_id, OTHER, OTHER)


def test_a_credential_for_the_pinned_place_is_accepted_in_any_case(settings: Settings) -> None:
    check_target(settings, fitting(settings))


def test_a_credential_for_another_place_is_refused_with_the_way_back(settings: Settings) -> None:
    with pytest.raises(WrongTarget) as caught:
        check_target(settings, replace(fitting(settings), tenant_id=OTHER, subscription_id=OTHER))
    assert str(caught.value) == (
        f"checking the credential: it is for tenant {OTHER}\n"
        f"expected tenant {settings.tenant_id}, which the stack pins (tenant_id)\n"
        f"hint: az login --tenant {settings.tenant_id}\n\n"
        f"checking the credential: it is for subscription {OTHER}\n"
        f"expected subscription {settings.subscription_id}, which the stack pins (subscription_id)\n"
        f"hint: az account set --subscription {settings.subscription_id}"
    )


def test_an_application_id_instead_of_an_object_id_is_refused(settings: Settings) -> None:
    deployer = settings.identities.deployer.object_id
    with pytest.raises(WrongTarget) as caught:
        check_target(settings, replace(fitting(settings), client_id=deployer.upper()))
    assert str(caught.value) == (
        f"checking setting identities.deployer.object_id: {deployer} is the application id of this credential\n"
        f"expected an object id, here {OTHER}\n"
        "hint: access-control lists and roles with an application id give nobody access"
    )
