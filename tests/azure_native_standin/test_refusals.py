"""What the stand-in of azure-native does not do, in which words; functions, settings, names and waiting."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import grpc
import pytest
from arm_bench import ArmBench, unique
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, status_pb2
from running_azure import AzureBench
from standin_bench import Resource, connected, invoke

from azure_native_standin.arm_client import ArmClient, ArmError
from azure_native_standin.functions import Caller
from azure_native_standin.provider import AzureNative
from azure_native_standin.resource_types import BY_TOKEN
from provider_wire.server import ProviderServer, marshal, unmarshal
from provider_wire.values import UNKNOWN
from provider_wire.verbs import Cancellation, ProviderError

GROUP, VAULT = "azure-native:resources:ResourceGroup", "azure-native:keyvault:Vault"
ACCOUNT, ASSIGNMENT = "azure-native:storage:StorageAccount", "azure-native:authorization:RoleAssignment"


def refusal(act: Callable[[], Any]) -> str:
    with pytest.raises(grpc.RpcError) as caught:
        act()
    return str(caught.value.details())


@pytest.mark.parametrize("verb", ["check", "diff", "create", "read", "delete"])
def test_an_unknown_type_is_refused_in_every_verb(stub: Any, verb: str) -> None:
    resource = Resource(stub, "azure-native:compute:Disk")
    acts: dict[str, Callable[[], Any]] = {
        "check": lambda: resource.check({}),
        "diff": lambda: resource.diff({}, {"a": 1}),
        "create": lambda: resource.create({}),
        "read": lambda: resource.read("/x"),
        "delete": lambda: resource.delete("/x", {}, {}),
    }
    text = refusal(acts[verb])
    expected = "serving azure-native:compute:Disk: the local stand-in of azure-native does not know this resource type"
    assert text.startswith(f"{expected}\nexpected one of {', '.join(BY_TOKEN)}")


@pytest.mark.parametrize(
    ("token", "inputs", "failures"),
    [
        (
            VAULT,
            {"vaultName": "v", "resourceGroupName": "g", "properties": {"sku": {"colour": 1}, "tenantId": 3}},
            {
                "properties.sku.colour": "unknown property 'properties.sku.colour' (Sku has no such input)",
                "properties.tenantId": "'properties.tenantId' must be of type str",
            },
        ),
        (
            VAULT,
            {"vaultName": "v"},
            {"resourceGroupName": "'resourceGroupName' is required", "properties": "'properties' is required"},
        ),
        (
            VAULT,
            {"vaultName": "v", "resourceGroupName": "", "properties": {}},
            {"resourceGroupName": "'resourceGroupName' must be a text that is not empty"},
        ),
        (
            VAULT,
            {"vaultName": "v", "resourceGroupName": "g", "properties": []},
            {"properties": "'properties' must be an object"},
        ),
        (
            ACCOUNT,
            {
                "resourceGroupName": "g",
                "kind": "StorageV2",
                "sku": {"name": "x"},
                "isHnsEnabled": "yes",
                "networkRuleSet": {"defaultAction": "Deny", "ipRules": {}},
            },
            {
                "isHnsEnabled": "'isHnsEnabled' must be of type bool",
                "networkRuleSet.ipRules": "'networkRuleSet.ipRules' must be a list",
            },
        ),
        (
            GROUP,
            {"id": "x", "tags": 1},
            {"id": "unknown property 'id' (ResourceGroup has no such input)", "tags": "'tags' must be an object"},
        ),
    ],
)
def test_check_tells_every_problem_at_once(
    stub: Any, token: str, inputs: Mapping[str, Any], failures: Mapping[str, str]
) -> None:
    _, found = Resource(stub, token).check(inputs)
    assert dict(found) == {path: f"{token}: {reason}" for path, reason in failures.items()}


def test_what_is_not_known_yet_passes_the_check(stub: Any) -> None:
    inputs = {"vaultName": UNKNOWN, "resourceGroupName": UNKNOWN, "properties": {"tenantId": UNKNOWN, "sku": UNKNOWN}}
    completed, failures = Resource(stub, VAULT).check(inputs)
    assert failures == [] and completed == {**inputs, "location": "westeurope"}


def test_a_missing_name_is_made_up_once_and_kept(stub: Any) -> None:
    first, _ = Resource(stub, GROUP).check({})
    again, _ = Resource(stub, GROUP).check({})
    later, _ = Resource(stub, GROUP).check({}, {"resourceGroupName": "old"})
    assert first == again and first["resourceGroupName"].startswith("subject") and len(first["resourceGroupName"]) == 15
    assert later["resourceGroupName"] == "old"
    account, _ = Resource(stub, ACCOUNT, "My-Lake").check({})
    assert account["accountName"].startswith("mylake") and account["accountName"].isalnum()
    assignment, _ = Resource(stub, ASSIGNMENT).check({})
    assert str(uuid.UUID(assignment["roleAssignmentName"])) == assignment["roleAssignmentName"]


def test_a_resource_that_exists_is_not_taken_over(arm: ArmBench, stub: Any, group: str) -> None:
    arm_id = f"{arm.subscription}/resourceGroups/{group}"
    text = refusal(lambda: Resource(stub, GROUP).create({"resourceGroupName": group, "location": "westeurope"}))
    assert text == (
        f"creating {arm_id}: cannot create already existing resource\n"
        f"hint: pulumi import --generate-code=false {GROUP} subject {arm_id}"
    )


def test_a_refusal_of_resource_manager_comes_through_in_its_words(arm: ArmBench, stub: Any) -> None:
    inputs = {"vaultName": "v1-x", "resourceGroupName": "nowhere", "location": "westeurope", "properties": {}}
    text = refusal(lambda: Resource(stub, VAULT).create(inputs))
    assert 'Status=404 Code="ResourceGroupNotFound" Message="Resource group \'nowhere\' could not be found."' in text


def test_an_identity_without_a_role_is_refused(shared_azure: AzureBench, group: str) -> None:
    with connected(shared_azure.endpoints.provider_ports["data-scientist"]) as stub:
        text = refusal(
            lambda: Resource(stub, VAULT).create(
                {"vaultName": unique("vault-"), "resourceGroupName": group, "location": "westeurope", "properties": {}}
            )
        )
    assert 'Status=403 Code="AuthorizationFailed"' in text and shared_azure.object_id("data-scientist") in text


def test_the_preview_identity_reads_and_writes_nothing(shared_azure: AzureBench, arm: ArmBench, group: str) -> None:
    arm_id = f"{arm.subscription}/resourceGroups/{group}"
    inputs = {"resourceGroupName": group, "location": "westeurope"}
    with connected(shared_azure.endpoints.provider_ports["preview"]) as stub:
        assert Resource(stub, GROUP).read(arm_id, inputs, {})[1] == inputs
        text = refusal(lambda: Resource(stub, GROUP).update(arm_id, inputs, {**inputs, "tags": {"a": "b"}}, {}))
    assert 'Code="AuthorizationFailed"' in text


def test_an_id_of_another_type_is_refused(stub: Any) -> None:
    text = refusal(lambda: Resource(stub, VAULT).read("/subscriptions/s/resourceGroups/g"))
    assert text.startswith(f"reading /subscriptions/s/resourceGroups/g: no id of {VAULT}\nexpected /subscriptions/")


def test_a_replacement_under_the_same_name_deletes_first(stub: Any) -> None:
    old = {"accountName": "lake", "resourceGroupName": "g", "kind": "StorageV2", "location": "westeurope"}
    assert Resource(stub, ACCOUNT).diff_answer(old, {**old, "kind": "BlobStorage"}).deleteBeforeReplace is True
    assert Resource(stub, ACCOUNT).diff_answer(old, {**old, "accountName": "pond"}).deleteBeforeReplace is False


def test_two_spellings_of_a_region_are_no_change(stub: Any) -> None:
    old = {"resourceGroupName": "g", "location": "West Europe"}
    assert Resource(stub, GROUP).diff(old, {**old, "location": "westeurope"}) == {}


def test_the_caller_is_told_who_it_is(shared_azure: AzureBench, stub: Any) -> None:
    result, failures = invoke(stub, "azure-native:authorization:getClientConfig")
    deployer = shared_azure.endpoints.identities["deployer"]
    assert failures == [] and result == {
        "clientId": deployer["client_id"],
        "objectId": deployer["object_id"],
        "subscriptionId": shared_azure.endpoints.subscription_id,
        "tenantId": shared_azure.endpoints.tenant_id,
    }


def test_the_caller_gets_a_token_of_resource_manager_and_of_nothing_else(shared_azure: AzureBench, stub: Any) -> None:
    result, _ = invoke(stub, "azure-native:authorization:getClientToken")
    path = f"https://management.azure.com/subscriptions/{shared_azure.endpoints.subscription_id}?api-version=2022-12-01"
    with shared_azure.acting_as("deployer"):
        told = shared_azure.call("GET", path, None, {"Authorization": f"Bearer {result['token']}"})
    assert told["subscriptionId"] == shared_azure.endpoints.subscription_id
    with pytest.raises(grpc.RpcError, match="tokens of Resource Manager alone"):
        invoke(stub, "azure-native:authorization:getClientToken", endpoint="https://vault.azure.net")


def test_single_resources_are_read_by_functions(arm: ArmBench, stub: Any, group: str) -> None:
    account = arm.new_account(group)
    named = {"resourceGroupName": group, "accountName": account}
    result, _ = invoke(stub, "azure-native:storage:getStorageAccount", **named)
    assert (result["name"], result["isHnsEnabled"]) == (account, True)
    keys, _ = invoke(stub, "azure-native:storage:listStorageAccountKeys", **named)
    assert [each["keyName"] for each in keys["keys"]] == ["key1", "key2"]
    generic, _ = invoke(
        stub,
        "azure-native:resources:getResource",
        resourceGroupName=group,
        resourceProviderNamespace="Microsoft.Storage",
        parentResourcePath="",
        resourceType="storageAccounts",
        resourceName=account,
        apiVersion="2023-05-01",
    )
    assert generic["name"] == account
    blob_service, _ = invoke(stub, "azure-native:storage:getBlobServiceProperties", **named)
    assert blob_service["name"] == "default"


def test_functions_refuse_what_they_do_not_know(stub: Any, group: str) -> None:
    token = "azure-native:keyvault:getVault"
    assert invoke(stub, token, vaultName="v", odd=1)[1] == [
        ("resourceGroupName", "'resourceGroupName' is required"),
        ("odd", "unknown argument 'odd'"),
    ]
    missing = refusal(lambda: invoke(stub, token, vaultName="nothing", resourceGroupName=group))
    assert missing.startswith(f"calling {token}: /subscriptions/") and missing.endswith("/nothing does not exist")
    unknown = refusal(lambda: invoke(stub, "azure-native:compute:getDisk"))
    assert unknown.startswith(
        "calling azure-native:compute:getDisk: the local stand-in does not serve this function\nexpected one of "
    )
    assert invoke(stub, "azure-native:resources:getResource")[1][0] == (
        "resourceGroupName",
        "'resourceGroupName' is required",
    )
    gone = dict.fromkeys(("resourceGroupName", "parentResourcePath", "resourceType", "resourceName"), "x")
    nowhere = refusal(
        lambda: invoke(
            stub, "azure-native:resources:getResource", resourceProviderNamespace="Microsoft.Storage", **gone
        )
    )
    assert 'Code="InvalidResourceType"' in nowhere


def test_a_provider_of_another_identity_or_with_unknown_settings_is_refused(
    shared_azure: AzureBench, stub: Any
) -> None:
    news = {"tenantId": "elsewhere", "colour": "red", "subscriptionId": shared_azure.endpoints.subscription_id}
    answer = stub.CheckConfig(
        provider_pb2.CheckRequest(urn="urn:pulumi:l::t::pulumi:providers:azure-native::p", news=marshal(news))
    )
    assert [(each.property, each.reason) for each in answer.failures] == [
        ("colour", "provider azure-native: unknown setting 'colour'"),
        (
            "tenantId",
            "provider azure-native: tenantId is 'elsewhere', but the identity deployer has "
            f"'{shared_azure.endpoints.tenant_id}'",
        ),
    ]


def test_a_changed_setting_updates_the_provider_and_replaces_nothing(stub: Any) -> None:
    answer = stub.DiffConfig(
        provider_pb2.DiffRequest(
            id="p",
            urn="urn:pulumi:l::t::pulumi:providers:azure-native::p",
            olds=marshal({"location": "a"}),
            old_inputs=marshal({"location": "a"}),
            news=marshal({"location": "b"}),
        )
    )
    assert list(answer.replaces) == [] and list(answer.diffs) == ["location"]


def test_the_plugin_says_which_version_it_stands_for(stub: Any) -> None:
    assert stub.GetPluginInfo(empty_pb2.Empty()).version == "3.29.0"
    schema = json.loads(stub.GetSchema(provider_pb2.GetSchemaRequest()).schema)
    assert set(schema["resources"]) == set(BY_TOKEN)


Reply = tuple[int, Mapping[str, str], Any]


class _Script:
    """Answers in order; keeps the requests."""

    def __init__(self, *answers: Reply) -> None:
        self.answers, self.seen = list(answers), []  # type: tuple[list[Any], list[str]]

    def __call__(
        self, method: str, path: str, query: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes]:
        self.seen.append(f"{method} {path}")
        status, headers, content = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return status, headers, b"" if content is None else json.dumps(content).encode()


SOON = {"retry-after": "0"}


def test_a_busy_service_is_asked_again() -> None:
    script = _Script((429, SOON, None), (503, SOON, None), (200, {}, {"id": "/a"}))
    assert ArmClient(script).get("/a b", "v", Cancellation()) == {"id": "/a"}
    assert script.seen == ["GET /a%20b"] * 3


def test_a_service_that_stays_busy_is_an_error() -> None:
    busy = {"error": {"code": "TooManyRequests", "message": "later"}}
    with pytest.raises(ArmError, match='reading /a: Status=429 Code="TooManyRequests" Message="later"'):
        ArmClient(_Script((429, SOON, busy))).get("/a", "v", Cancellation())


def test_an_operation_that_fails_is_an_error_in_its_words() -> None:
    polled = {"status": "Failed", "error": {"code": "Broken", "message": "no disk"}}
    script = _Script((201, {"azure-asyncoperation": "https://m/operations/1?a=b"}, {}), (200, {}, polled))
    with pytest.raises(ArmError, match='creating /a: Status=200 Code="Broken" Message="no disk"'):
        ArmClient(script).put("creating /a", "/a", "v", {}, Cancellation())
    assert script.seen == ["PUT /a", "GET /operations/1"]


def test_an_operation_at_a_location_is_polled_until_it_is_done() -> None:
    pending = (202, {"location": "https://m/operations/1", **SOON}, None)
    script = _Script(pending, pending, pending, (200, {}, {"id": "/a"}))
    assert ArmClient(script).put("creating /a", "/a", "v", {}, Cancellation()) == {"id": "/a"}
    assert script.seen == ["PUT /a", "GET /operations/1", "GET /operations/1", "GET /operations/1", "GET /a"]


def test_a_resource_that_vanishes_while_it_is_written_is_an_error() -> None:
    script = _Script((200, {}, {}), (404, {}, {"error": {"code": "ResourceNotFound", "message": ""}}))
    with pytest.raises(ProviderError, match="creating /a: it is gone right after it was written"):
        ArmClient(script).put("creating /a", "/a", "v", {}, Cancellation())


def test_another_subscription_is_an_error_and_not_a_missing_resource() -> None:
    answer: Reply = (404, {}, {"error": {"code": "SubscriptionNotFound", "message": "none"}})
    with pytest.raises(ArmError, match="SubscriptionNotFound"):
        ArmClient(_Script(answer)).get("/a", "v", Cancellation())


def test_an_operation_that_never_ends_is_given_up() -> None:
    pending = (202, {"location": "https://m/operations/1", **SOON}, None)
    with pytest.raises(ProviderError, match=r"creating /a: the operation https://m/operations/1 did not end"):
        ArmClient(_Script(pending)).put("creating /a", "/a", "v", {}, Cancellation())


def test_a_resource_whose_creation_was_taken_and_then_failed_is_kept_in_the_state() -> None:
    group = "/subscriptions/s/resourceGroups/g"
    missing: Reply = (404, {}, {"error": {"code": "ResourceGroupNotFound", "message": ""}})
    taken: Reply = (201, {"azure-asyncoperation": "https://m/operations/1"}, {})
    pending: Reply = (503, SOON, None)
    live: Reply = (200, {}, {"id": group, "location": "westeurope", "name": "g"})
    provider = AzureNative(
        Caller("me", "c", "o", "t", "s", lambda: "token"), ArmClient(_Script(missing, taken, *[pending] * 6, live))
    )
    server = ProviderServer(provider)
    server.start()
    with connected(server.port) as stub, pytest.raises(grpc.RpcError) as caught:
        Resource(stub, GROUP).create({"resourceGroupName": "g", "location": "westeurope"})
    server.stop()
    error: Any = caught.value
    details = dict(error.trailing_metadata())["grpc-status-details-bin"]
    status = status_pb2.Status.FromString(details)
    failed = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(failed)
    assert failed.id == group and "Status=503" in failed.reasons[0]
    assert unmarshal(failed.inputs) == {"resourceGroupName": "g", "location": "westeurope"}
