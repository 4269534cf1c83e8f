"""Secrets in texts of services: hidden before a text reaches a log, a state or a person.

Services repeat what they refuse: a connection string, a URL with its SAS, a header with its token. What is hidden here
is recognised by the name beside it or by its own form; the rest of the text stays, since it says what is wrong.
"""

import re

from synapse_artifacts.secret_names import SECRET_NAME_PATTERN
from synapse_artifacts.secrets_in_code import FORMS

MASK = "**********"
"""What Synapse shows instead of a SecureString, too; written back, it would become the secret."""

_TEXT = r"(.*?)(?:(?<!\\)(?=\2\3)|$)"
"""A text up to the quote that began it, which may itself stand in a text and be escaped; or to where it was cut."""
_QUOTED = re.compile(rf"""(\\*["'](?:{SECRET_NAME_PATTERN})(\\*)(["'])\s*:\s*\2\3){_TEXT}""", re.IGNORECASE | re.DOTALL)
_ASSIGNED = re.compile(rf"""(\b(?:{SECRET_NAME_PATTERN})\s*=\s*)("[^"]*"|'[^']*'|[^;"'\s,&]+)""", re.IGNORECASE)
_SECURE_STRING = re.compile(
    rf"""(SecureString(\\*)(["'])\s*,\s*\2\3value\2\3\s*:\s*\2\3){_TEXT}""", re.IGNORECASE | re.DOTALL
)
_SIGNATURE = re.compile(r"([?&]sig=)([^&\s\"'\\]+)", re.IGNORECASE)
_BEARER = re.compile(r"(\bBearer\s+)([A-Za-z0-9._~+/=-]+)")
_TOKEN = re.compile(r"()\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,2}")
_IN_ADDRESS = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^/\s:@\"']+:)([^/\s@\"']+)(?=@)", re.IGNORECASE)
_FORMS = (_BEARER, _TOKEN, _QUOTED, _ASSIGNED, _SECURE_STRING, _SIGNATURE, _IN_ADDRESS)


def masked(text: str) -> str:
    """The text without the secrets in it: keys, passwords, SAS signatures, tokens, SecureStrings."""
    for form in _FORMS:
        text = form.sub(lambda found: found.group(1) + MASK, text)
    for form in FORMS:
        text = form.sub(MASK, text)
    return text
