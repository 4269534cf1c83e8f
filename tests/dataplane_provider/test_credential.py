"""How the provider asks for tokens: once for all that wait, ahead of the first request, anew before one ends."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError

from dataplane_provider.clients.credential import TellingCredential
from provider_wire.verbs import ProviderError

SCOPE = "https://dev.azuresynapse.net/.default"


class Issuer:
    """Issues numbered tokens of one life, or refuses; each answer comes when `ready` is set."""

    def __init__(self, lives_seconds: int = 3600, refuses: bool = False) -> None:
        self.lives_seconds, self.refuses = lives_seconds, refuses
        self.ready = threading.Event()
        self.ready.set()
        self.asked: list[tuple[tuple[str, ...], dict[str, Any]]] = []

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        self.asked.append((scopes, options))
        assert self.ready.wait(10)
        if self.refuses:
            raise ClientAuthenticationError("no credential works")
        return AccessToken(str(len(self.asked)), int(time.time()) + self.lives_seconds)


def test_a_token_is_asked_for_before_anybody_waits() -> None:
    issuer = Issuer()
    credential = TellingCredential(issuer).ask_ahead(SCOPE)
    assert credential.get_token(SCOPE).token == "1"
    assert issuer.asked == [((SCOPE,), {})]


@pytest.mark.parametrize("refuses", [False, True])
def test_those_who_wait_share_one_answer(refuses: bool) -> None:
    issuer = Issuer(refuses=refuses)
    issuer.ready.clear()
    credential = TellingCredential(issuer).ask_ahead(SCOPE)

    def answer(_: int) -> str:
        try:
            return credential.get_token(SCOPE).token
        except ProviderError as error:
            return str(error).partition("\n")[0]

    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(answer, range(8))
        time.sleep(0.1)
        issuer.ready.set()
    assert set(answers) == {f"signing in for {SCOPE}: no token: no credential works" if refuses else "1"}
    # Who comes after a refusal asks again, which a thread that starts late may do.
    assert len(issuer.asked) < 8 if refuses else len(issuer.asked) == 1


@pytest.mark.parametrize(("lives_seconds", "tokens"), [(3600, ["1", "1"]), (330, ["1", "1"]), (290, ["1", "2"])])
def test_a_token_that_ends_soon_is_asked_for_anew(lives_seconds: int, tokens: list[str]) -> None:
    credential = TellingCredential(Issuer(lives_seconds))
    assert [credential.get_token(SCOPE).token for _ in tokens] == tokens


def test_a_refusal_is_not_kept() -> None:
    issuer = Issuer(refuses=True)
    credential = TellingCredential(issuer)
    with pytest.raises(ProviderError):
        credential.get_token(SCOPE)
    issuer.refuses = False
    assert credential.get_token(SCOPE).token == "2"


def test_scopes_have_tokens_of_their_own_and_claims_are_passed_on() -> None:
    issuer = Issuer()
    credential = TellingCredential(issuer)
    assert [credential.get_token(each).token for each in (SCOPE, "other", SCOPE)] == ["1", "2", "1"]
    assert credential.get_token(SCOPE, claims="more").token == "3"
    assert issuer.asked[2:] == [((SCOPE,), {"claims": "more"})]
