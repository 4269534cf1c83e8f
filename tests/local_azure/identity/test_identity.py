"""Signing in through azure-identity and by hand: tokens for each service, and Entra's errors by their numbers."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
import requests
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential, DefaultAzureCredential
from running_azure import AzureBench

from local_azure import lifecycle

AUDIENCES = (
    "https://management.azure.com",
    "https://management.core.windows.net/",
    "https://storage.azure.com",
    "https://vault.azure.net",
    "https://dev.azuresynapse.net",
    "https://database.windows.net/",
    "https://graph.microsoft.com",
    "https://lake.dfs.core.windows.net",
)


@pytest.fixture(autouse=True)
def _environment(shared_azure: AzureBench) -> Iterator[None]:
    with shared_azure.acting_as("data-scientist"):
        yield


def _claims(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


@pytest.mark.parametrize("audience", AUDIENCES)
def test_the_default_credential_gets_a_token_for_each_service(shared_azure: AzureBench, audience: str) -> None:
    with DefaultAzureCredential() as credential:
        token = credential.get_token(f"{audience}/.default")
    claims = _claims(token.token)
    assert claims["aud"].rstrip("/") == audience.rstrip("/")
    assert claims["oid"] == shared_azure.object_id("data-scientist")
    assert claims["exp"] - claims["iat"] == 3599


def test_a_token_is_signed_with_the_published_key(shared_azure: AzureBench) -> None:
    tenant = shared_azure.endpoints.tenant_id
    token = shared_azure.credential("deployer").get_token("https://vault.azure.net/.default").token
    configuration = _get(shared_azure, f"/{tenant}/v2.0/.well-known/openid-configuration").json()
    keys = _get(shared_azure, configuration["jwks_uri"].removeprefix("https://login.microsoftonline.com")).json()
    key = jwt.PyJWK(keys["keys"][0], algorithm="RS256")
    claims = jwt.decode(
        token,
        key.key,
        algorithms=["RS256"],
        audience="https://vault.azure.net",
        options={"verify_iat": False, "verify_nbf": False},  # other tests move the clock
    )
    assert claims["tid"] == tenant


def test_a_wrong_secret_and_an_unknown_application_are_told_apart(shared_azure: AzureBench) -> None:
    known = lifecycle.credentials(shared_azure.state_folder, "auditor")
    wrong = ClientSecretCredential(known["tenant_id"], known["client_id"], "wrong")
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215: Invalid client secret provided"):
        wrong.get_token("https://vault.azure.net/.default")
    unknown = ClientSecretCredential(known["tenant_id"], str(uuid.uuid4()), "any")
    with pytest.raises(ClientAuthenticationError, match="AADSTS700016: Application with identifier"):
        unknown.get_token("https://vault.azure.net/.default")


def test_another_tenant_is_unknown(shared_azure: AzureBench) -> None:
    known = lifecycle.credentials(shared_azure.state_folder, "auditor")
    elsewhere = ClientSecretCredential(str(uuid.uuid4()), known["client_id"], known["client_secret"])
    with pytest.raises(ClientAuthenticationError, match="double check your tenant name or GUID"):
        elsewhere.get_token("https://vault.azure.net/.default")
    answer = _get(shared_azure, f"/{uuid.uuid4()}/v2.0/.well-known/openid-configuration")
    assert (answer.status_code, answer.json()["error_codes"]) == (400, [90002])


def test_a_service_that_does_not_exist_gives_no_token(shared_azure: AzureBench) -> None:
    with pytest.raises(ClientAuthenticationError, match="AADSTS500011: The resource principal named https://other"):
        shared_azure.credential("auditor").get_token("https://other.example/.default")


@pytest.mark.parametrize(
    ("change", "status", "error", "number"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
        ({"grant_type": None}, 400, "invalid_request", 900144),
        ({"client_id": None}, 400, "invalid_request", 900144),
        ({"client_secret": None}, 401, "invalid_client", 7000216),
        ({"scope": None}, 400, "invalid_request", 900144),
        ({"scope": "https://vault.azure.net/user"}, 400, "invalid_scope", 1002012),
        (
            {"scope": "https://vault.azure.net/.default https://storage.azure.com/.default"},
            400,
            "invalid_scope",
            1002012,
        ),
    ],
)
def test_a_token_request_that_does_not_fit_is_refused(
    shared_azure: AzureBench, change: dict[str, str | None], status: int, error: str, number: int
) -> None:
    answer = _post(shared_azure, "/oauth2/v2.0/token", {**_form(shared_azure), **change})
    body = answer.json()
    assert (answer.status_code, body["error"], body["error_codes"]) == (status, error, [number])
    assert body["error_description"].startswith(f"AADSTS{number}: ")
    assert {"timestamp", "trace_id", "correlation_id"} <= set(body)


def test_both_token_endpoints_and_both_ways_to_give_the_secret_work(shared_azure: AzureBench) -> None:
    form = _form(shared_azure)
    old = {**form, "scope": None, "resource": "https://vault.azure.net"}
    answer = _post(shared_azure, "/oauth2/token", old).json()
    assert (answer["resource"], answer["expires_in"]) == ("https://vault.azure.net", "3599")
    assert _claims(answer["access_token"])["aud"] == "https://vault.azure.net"
    basic = base64.b64encode(f"{form['client_id']}:{form['client_secret']}".encode()).decode()
    bare = {**form, "client_id": None, "client_secret": None}
    assert _post(shared_azure, "/oauth2/v2.0/token", bare, f"Basic {basic}").status_code == 200


def test_the_correlation_id_of_a_request_comes_back(shared_azure: AzureBench) -> None:
    with _session(shared_azure) as session:
        answer = session.get(
            f"https://login.microsoftonline.com/{uuid.uuid4()}/discovery/keys", headers={"client-request-id": "me"}
        )
    assert answer.json()["correlation_id"] == "me"


def test_discovery_names_the_hosts_of_the_public_cloud(shared_azure: AzureBench) -> None:
    answer = _get(shared_azure, "/common/discovery/instance?api-version=1.1&authorization_endpoint=x").json()
    assert "login.microsoftonline.com" in answer["metadata"][0]["aliases"]
    common = _get(shared_azure, "/organizations/v2.0/.well-known/openid-configuration").json()
    assert common["issuer"] == "https://login.microsoftonline.com/{tenantid}/v2.0"
    tenant = shared_azure.endpoints.tenant_id
    first = _get(shared_azure, f"/{tenant}/.well-known/openid-configuration").json()
    assert first["issuer"] == f"https://sts.windows.net/{tenant}/"


def test_an_unknown_page_is_an_error_that_names_it(shared_azure: AzureBench) -> None:
    answer = _get(shared_azure, "/common/oauth2/authorize")
    assert (answer.status_code, answer.json()["error"]["code"]) == (501, "UnknownRoute")
    assert "GET https://login.microsoftonline.com/common/oauth2/authorize" in answer.json()["error"]["message"]


def test_no_secret_is_in_the_request_log(shared_azure: AzureBench) -> None:
    _post(shared_azure, "/oauth2/v2.0/token", _form(shared_azure))
    known = json.loads((shared_azure.state_folder / "credentials.json").read_text(encoding="utf-8"))
    log = (shared_azure.state_folder / "requests.jsonl").read_text(encoding="utf-8")
    assert [name for name, each in known.items() if each["client_secret"] in log] == []


def _form(azure: AzureBench) -> dict[str, str | None]:
    known = lifecycle.credentials(azure.state_folder, "auditor")
    return {
        "grant_type": "client_credentials",
        "client_id": known["client_id"],
        "client_secret": known["client_secret"],
        "scope": "https://vault.azure.net/.default",
    }


def _session(azure: AzureBench) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.proxies = {"https": azure.endpoints.proxy}
    session.verify = azure.endpoints.ca_file
    return session


def _get(azure: AzureBench, path: str) -> requests.Response:
    with _session(azure) as session:
        return session.get(f"https://login.microsoftonline.com{path}")


def _post(
    azure: AzureBench, path: str, form: dict[str, str | None], authorization: str | None = None
) -> requests.Response:
    url = f"https://login.microsoftonline.com/{azure.endpoints.tenant_id}{path}"
    headers = {"content-type": "application/x-www-form-urlencoded"}
    headers |= {"authorization": authorization} if authorization else {}
    with _session(azure) as session:
        return session.post(url, urlencode({key: value for key, value in form.items() if value}), headers=headers)
