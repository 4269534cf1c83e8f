"""Access tokens of the local Entra: signed JWTs, issued for one audience and verified by the services."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from local_azure.clock import Clock
from local_azure.directory import Directory, Principal
from local_azure.http import Request, ServiceError
from local_azure.state import State

KEY_ID = "local-azure"
DEFAULT_LIFETIME = timedelta(hours=1)


class TokenIssuer:
    """Issues and verifies tokens with the RSA key of the state folder."""

    def __init__(self, state: State, directory: Directory, clock: Clock) -> None:
        self._directory = directory
        self._clock = clock
        self._key = _load_key(state.folder / "token_signing_key.pem")
        self._kept: dict[tuple[Principal, str], tuple[str, datetime]] = {}

    @property
    def public_key(self) -> rsa.RSAPublicKey:
        """The key that verifies the tokens."""
        return self._key.public_key()

    def issue(self, principal: Principal, audience: str, lifetime: timedelta = DEFAULT_LIFETIME) -> str:
        """A token of `principal` for one audience (a resource URI such as https://storage.azure.com)."""
        now = int(self._clock.now().timestamp())
        claims = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{self._directory.tenant_id}/",
            "iat": now,
            "nbf": now,
            "exp": now + int(lifetime.total_seconds()),
            "oid": principal.object_id,
            "sub": principal.object_id,
            "tid": self._directory.tenant_id,
            "appid": principal.client_id,
            "idtyp": "app",
            "ver": "1.0",
        }
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": KEY_ID, "x5t": KEY_ID})

    def kept(self, principal: Principal, audience: str) -> str:
        """A token as what acts for a managed identity keeps it: the same one for half of its lifetime.

        To sign one takes longer than what most requests of a pipeline ask for.
        """
        now = self._clock.now()
        token, until = self._kept.get((principal, audience), ("", now))
        if until <= now:
            token = self.issue(principal, audience)
            self._kept[principal, audience] = (token, now + DEFAULT_LIFETIME / 2)
        return token

    def verify(self, request: Request, audience: str | Collection[str]) -> Principal:
        """Who calls; raises ServiceError 401 (shape `arm`) for a missing, foreign, expired or misdirected token."""
        claims = self._claims(request.headers.get("authorization", ""))
        if int(claims["exp"]) <= self._clock.now().timestamp():
            raise ServiceError(
                401, "ExpiredAuthenticationToken", "The access token expiry UTC time is earlier than current UTC time."
            )
        accepted = [audience] if isinstance(audience, str) else list(audience)
        if str(claims["aud"]).rstrip("/") not in {each.rstrip("/") for each in accepted}:
            allowed = "','".join(accepted)
            raise ServiceError(
                401,
                "InvalidAuthenticationTokenAudience",
                f"The access token has been obtained for wrong audience or resource '{claims['aud']}'. "
                f"It should exactly match with one of the allowed audiences '{allowed}'.",
            )
        principal = self._directory.by_object_id(str(claims["oid"]))
        if principal is None:
            raise ServiceError(
                401,
                "InvalidAuthenticationToken",
                f"The identity '{claims['oid']}' of the access token no longer exists.",
            )
        return principal

    def _claims(self, authorization: str) -> dict[str, Any]:
        scheme, _, token = authorization.partition(" ")
        if not token:
            raise ServiceError(
                401, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing."
            )
        if scheme.lower() != "bearer":
            raise ServiceError(
                401, "AuthenticationFailed", f"Authentication failed. The scheme '{scheme}' is not supported."
            )
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self.public_key,
                algorithms=["RS256"],
                options={"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False},
            )
        except jwt.InvalidTokenError as error:
            raise ServiceError(401, "InvalidAuthenticationToken", f"The access token is invalid: {error}.") from error
        return claims


def _load_key(path: Path) -> rsa.RSAPrivateKey:
    if path.exists():
        key = serialization.load_pem_private_key(path.read_bytes(), None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError(f"reading {path}: expected an RSA private key; hint: delete the file, a new key is made")
        return key
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.touch(mode=0o600)
    path.write_bytes(pem)
    return key
