"""Generated secrets: made once, never read, in no state, log or message."""

import re

import pytest
from provider_bench import ProviderBench, Reply, lines

from dataplane_provider.errors import ServiceFailure
from provider_wire.lifecycle import Action, CheckFailed, Lifecycle, Step, run_table
from provider_wire.values import UNKNOWN
from provider_wire.verbs import CreateRequest, ProviderError, Severity


@pytest.fixture
def life(bench: ProviderBench) -> Lifecycle:
    return bench.life("GeneratedSecret", "key")


def inputs(bench: ProviderBench, **more: object) -> dict[str, object]:
    return {"vaultUri": f"{bench.vault_uri}/", "name": "pseudonym-key", **more}


def values_sent(bench: ProviderBench) -> list[str]:
    return [call.body["value"] for call in bench.wire.calls if call.method == "PUT" and call.body]


def test_a_secret_is_made_and_only_its_address_is_told(bench: ProviderBench, life: Lifecycle) -> None:
    run_table(life, [Step("create", inputs(bench), Action.CREATE)])
    uri = f"{bench.vault_uri}/secrets/pseudonym-key"
    assert life.deployed and life.deployed.id == uri
    assert life.deployed.state == inputs(bench, bytes=32, propagationTimeoutSeconds=1800, secretUri=uri)
    [value] = values_sent(bench)
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", value), "32 bytes in base64 without padding"
    assert value not in f"{life.deployed}{life.session.lines}{life.session.statuses}"


def test_two_secrets_are_different(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench))
    bench.life("GeneratedSecret").up(inputs(bench, name="other"))
    assert len(set(values_sent(bench))) == 2


def test_a_secret_that_exists_keeps_its_value(bench: ProviderBench, life: Lifecycle) -> None:
    bench.life("GeneratedSecret").up(inputs(bench))
    run_table(life, [Step("create", inputs(bench), Action.CREATE)])
    assert len(values_sent(bench)) == 1
    assert list(lines(life, Severity.INFO)) == [
        f"creating {bench.vault_uri}/secrets/pseudonym-key: it exists, taken over with its value"
    ]


def test_a_deleted_secret_is_recovered_with_its_value(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench))
    life.destroy()
    run_table(life, [Step("create", inputs(bench), Action.CREATE)])
    assert any(path.endswith("/deletedsecrets/pseudonym-key/recover") for path in bench.wire.sent("POST"))
    assert list(lines(life, Severity.INFO)) == [
        f"creating {bench.vault_uri}/secrets/pseudonym-key: it was deleted, recovered with its value"
    ]


def test_every_argument_is_kept(bench: ProviderBench, life: Lifecycle) -> None:
    run_table(life, [Step("create", inputs(bench, bytes=64, propagationTimeoutSeconds=60), Action.CREATE)])
    [value] = values_sent(bench)
    assert len(value) == 86
    assert life.deployed and life.deployed.state["bytes"] == 64


def test_changes_drift_and_deletion_follow_the_table(bench: ProviderBench, life: Lifecycle) -> None:
    run_table(
        life,
        [
            Step("create", inputs(bench), Action.CREATE),
            Step("same address", {**inputs(bench), "vaultUri": bench.vault_uri}, Action.SAME),
            Step("size of the next", inputs(bench, bytes=64), Action.UPDATE, frozenset({"bytes"})),
            Step("deleted outside", None, Action.DELETE, outside=lambda: _delete(bench)),
            Step("made again", inputs(bench), Action.CREATE),
            Step("renamed", inputs(bench, name="other"), Action.REPLACE, frozenset({"name"})),
        ],
    )
    assert len(values_sent(bench)) == 3, "made, refused since it can be recovered, and the other one"


def _delete(bench: ProviderBench) -> None:
    other = bench.life("GeneratedSecret")
    assert other.adopt(f"{bench.vault_uri}/secrets/pseudonym-key")
    other.destroy()


def test_the_value_is_never_asked_for(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench))
    life.refresh()
    life.up(inputs(bench, bytes=64))
    life.destroy()
    asked = [path for path in bench.wire.sent("GET") if "/secrets/pseudonym-key" in path]
    assert asked and all(path.endswith("/versions") for path in asked if "deleted" not in path)


def test_deleting_what_is_gone_is_a_success(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench))
    _delete(bench)
    life.destroy()
    assert life.deployed is None


def test_a_secret_is_imported_by_its_address(bench: ProviderBench, life: Lifecycle) -> None:
    bench.life("GeneratedSecret").up(inputs(bench))
    assert life.adopt(f"{bench.vault_uri}/secrets/pseudonym-key")
    assert life.preview(inputs(bench)) == (Action.SAME, {})
    assert life.refresh() is Action.SAME
    assert not life.adopt(f"{bench.vault_uri}/secrets/nothing")


def test_an_id_of_nothing_is_refused(life: Lifecycle) -> None:
    with pytest.raises(ProviderError) as caught:
        life.adopt("key")
    assert str(caught.value) == (
        "reading secret 'key': it is not an id of one\nexpected https://<vault>.vault.azure.net/secrets/<name>"
    )


def test_a_preview_knows_the_address_as_soon_as_vault_and_name_are_known(bench: ProviderBench, life: Lifecycle) -> None:
    def previewed(vault: str) -> object:
        given = life.check({**inputs(bench), "vaultUri": vault})
        request = CreateRequest("urn", life.token, "key", given, preview=True)
        return life.provider.create(request, life.session).state["secretUri"]

    assert previewed(bench.vault_uri) == f"{bench.vault_uri}/secrets/pseudonym-key"
    assert previewed(UNKNOWN) == UNKNOWN
    assert bench.wire.calls == []


def test_a_service_that_refuses_is_quoted_without_the_value(bench: ProviderBench, life: Lifecycle) -> None:
    body = {"error": {"code": "BadParameter", "message": "The request is not liked."}}
    bench.wire.fail("PUT", "/secrets/pseudonym-key", Reply(400, body))
    with pytest.raises(ServiceFailure) as caught:
        life.up(inputs(bench))
    assert str(caught.value) == (
        f"creating {bench.vault_uri}/secrets/pseudonym-key: the service answered 400 BadParameter: "
        "The request is not liked."
    )


def test_wrong_inputs_are_all_reported_before_anything_is_sent(bench: ProviderBench, life: Lifecycle) -> None:
    with pytest.raises(CheckFailed) as caught:
        life.check({"vaultUri": "https://example.org", "name": "a_b", "bytes": 8})
    assert [(failure.property_path, failure.reason) for failure in caught.value.failures] == [
        ("vaultUri", "vaultUri is 'https://example.org'\nexpected https://<vault>.vault.azure.net"),
        ("name", "name is 'a_b'\nexpected 1 to 127 letters, digits and hyphens"),
        ("bytes", "bytes is 8\nexpected 16 to 1024"),
    ]
    assert bench.wire.calls == []
