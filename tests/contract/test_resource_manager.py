"""What we count on of Resource Manager and no page of the vendor states (docs/verified.md)."""

from __future__ import annotations

import uuid

from contract_bench import LOCATION, Place, refusal

from local_azure.role_definitions import READER


def test_a_role_that_a_principal_has_already_is_refused_under_another_name(place: Place) -> None:
    place.give(READER.id, place.target.outsider)
    second = place.role_properties(READER.id, place.target.outsider.object_id)
    create = place.roles.role_assignments.create
    assert refusal(lambda: create(place.scope, str(uuid.uuid4()), second)) == (409, "RoleAssignmentExists")


def test_the_same_role_assignment_may_be_written_again(place: Place) -> None:
    account = place.new_account()
    scope = f"{place.scope}/providers/Microsoft.Storage/storageAccounts/{account}"
    name, body = str(uuid.uuid4()), place.role_properties(READER.id, place.target.outsider.object_id)
    first = place.roles.role_assignments.create(scope, name, body)
    again = place.roles.role_assignments.create(scope, name, body)
    assert again.id == first.id


def test_a_role_assignment_that_is_gone_may_be_deleted_again(place: Place) -> None:
    assert place.roles.role_assignments.delete(place.scope, str(uuid.uuid4())) is None


def test_the_network_rules_of_an_account_refuse_a_single_address_with_a_prefix(place: Place) -> None:
    account = place.new_account()
    rules = {"defaultAction": "Deny", "ipRules": [{"value": "203.0.113.7/32", "action": "Allow"}]}
    update = place.storage.storage_accounts.update
    status, _ = refusal(lambda: update(place.group, account, {"properties": {"networkAcls": rules}}))
    assert status == 400


def test_a_container_that_is_there_may_be_written_again_and_keeps_what_it_holds(place: Place) -> None:
    account, containers = place.new_account(), place.storage.blob_containers
    for zone in ("first", "second"):
        containers.create(place.group, account, "contract", {"properties": {"metadata": {"zone": zone}}})
    containers.create(place.group, account, "contract", {})
    assert containers.get(place.group, account, "contract").metadata == {"zone": "second"}
    for _ in range(2):
        containers.delete(place.group, account, "contract")
    assert refusal(lambda: containers.get(place.group, account, "contract")) == (404, "ContainerNotFound")


def test_a_private_endpoint_is_approved_written_again_and_told_by_its_target(place: Place) -> None:
    account = place.new_account()
    target = f"{place.scope}/providers/Microsoft.Storage/storageAccounts/{account}"
    network = f"{place.scope}/providers/Microsoft.Network/virtualNetworks/contract"
    endpoint = f"{place.scope}/providers/Microsoft.Network/privateEndpoints/contract"
    subnets = [{"name": "endpoints", "properties": {"addressPrefix": "10.20.2.0/24"}}]
    space = {"addressSpace": {"addressPrefixes": ["10.20.0.0/16"]}, "subnets": subnets}
    place.put(network, "2024-05-01", {"location": LOCATION, "properties": space})
    connection = {"name": "lake", "properties": {"privateLinkServiceId": target, "groupIds": ["dfs"]}}
    properties = {"subnet": {"id": f"{network}/subnets/endpoints"}, "privateLinkServiceConnections": [connection]}
    for _ in range(2):
        place.put(endpoint, "2024-05-01", {"location": LOCATION, "properties": properties})
    told = place.storage.storage_accounts.get_properties(place.group, account).private_endpoint_connections
    [found] = told
    assert found.private_link_service_connection_state.status == "Approved"
    assert found.private_endpoint.id.lower() == endpoint.lower()
