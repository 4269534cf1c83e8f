"""Requests to the admin host of the local Azure, which no real cloud has."""

import ssl
from typing import Any
from urllib.parse import urlsplit

import requests

from ingest_cli.errors import CommandError
from ingest_cli.local_session import LocalSession, azure_state_folder

_HOST = "https://local-azure.internal"
_TIMEOUT_SECONDS = 30


class AdminClient:
    """Acts as the owner of the local Azure of a session, with the token of its state folder."""

    def __init__(self, session: LocalSession) -> None:
        """Reads the token."""
        self._proxies = {"https": str(session.endpoints["proxy"])}
        self._authority = str(session.endpoints["ca_file"])
        self._token = (azure_state_folder(session.folder) / "admin_token").read_text(encoding="utf-8").strip()

    def get(self, path: str) -> Any:
        """The JSON of a route. Raises CommandError."""
        return self._send("GET", path, None)

    def post(self, path: str, body: Any) -> Any:
        """What a route answers to a JSON body. Raises CommandError."""
        return self._send("POST", path, body)

    def _send(self, method: str, path: str, body: Any) -> Any:
        doing = f"asking local Azure for {urlsplit(path).path}"
        with requests.Session() as session:
            session.trust_env = False
            try:
                answer = session.request(
                    method,
                    _HOST + path,
                    json=body,
                    proxies=self._proxies,
                    verify=self._authority,
                    headers={"Authorization": f"Bearer {self._token}"},
                    timeout=_TIMEOUT_SECONDS,
                )
            except (requests.RequestException, ssl.SSLError) as error:
                raise CommandError(doing, f"it does not answer: {error}", hint="ingest local start") from error
        if not answer.ok:
            error_body = answer.json().get("error", {})
            raise CommandError(doing, f"{error_body.get('code', answer.status_code)}: {error_body.get('message', '')}")
        return answer.json()
