"""Secrets that somebody wrote into code: notebooks, scripts, Spark jobs and configurations.

Recognised is what nothing else looks like: keys and tokens of a form that their issuer publishes, signatures in an
address, and the value behind a name of a connection string or of a T-SQL credential. What stands for a secret (`<key>`,
`***`, a variable, a call) is none.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from synapse_artifacts.secret_names import SECRET_HEADERS

_ALONE = r"(?<![A-Za-z0-9+/-])"
_FORMS = {
    # https://learn.microsoft.com/azure/storage/common/storage-account-keys-manage: 512 bits in base64
    "the key of a storage account": re.compile(rf"{_ALONE}[A-Za-z0-9+/]{{86}}==(?![A-Za-z0-9+/=])"),
    # https://learn.microsoft.com/rest/api/storageservices/create-service-sas: 256 bits in base64, escaped in an address
    "the signature of an address": re.compile(r"[?&]sig=((?:[A-Za-z0-9+/]|%2[BbFf]){43}(?:=|%3[Dd]))"),
    # RFC 7519
    "a token": re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"),
    # https://docs.github.com/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
    "a token of GitHub": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22,})"),
    # https://docs.github.com/code-security/secret-scanning/introduction/supported-secret-scanning-patterns
    "a token of Databricks": re.compile(r"\bdapi[0-9a-f]{32}\b"),
    "the secret of an Entra application": re.compile(
        r"(?<![\w~.-])[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}(?![\w~.-])"
    ),
    # RFC 7468
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"),
}
FORMS = tuple(_FORMS.values())
"""What is a secret by its own form, whatever stands beside it."""
_VALUE = r"([^;\"'\s{}<>*$%()\[\]\\,]{6,})"
_WORDS = ("passw", "pwd", "secret", "apikey", "api_key", "access_token", "accesstoken")
_NAME = r"(?:password|passwd|pwd|client_?secret|api_?key|access_?token|secret_?key)"
_QUOTED = r"[\"']((?!@)(?=[^\"']*[0-9])(?=[^\"']*[A-Za-z])[^\"'\s{}<>$\\]{6,})[\"']"
"""A value with letters and digits in quotes: what has none of one of them names something (a column, a type)."""
_NAMED = {
    "a key inside a connection string": re.compile(
        r"(?:^|[;\"'])\s*(?:accountkey|sharedaccesskey)\s*=\s*([A-Za-z0-9+/]{40,}={0,2})", re.IGNORECASE
    ),
    "a password inside a connection string": re.compile(
        rf"(?:;|[\"'])\s*(?:password|pwd)\s*=\s*{_VALUE}(?=[;\"'])", re.IGNORECASE
    ),
    # https://learn.microsoft.com/sql/t-sql/statements/create-database-scoped-credential-transact-sql (and CREATE LOGIN)
    "a password in T-SQL": re.compile(
        r"(?:\b(?:with|by)\s+password|,\s*secret)\s*=\s*N?'([^'<>{}*$%]{6,})'", re.IGNORECASE
    ),
}
_BESIDE: Mapping[str, tuple[Collection[str], re.Pattern[str]]] = {
    # RFC 6749, section 4.4.2, and https://learn.microsoft.com/azure/azure-functions/function-keys-how-to
    "a secret among the parameters of a request": (
        ("secret=", "token=", "key=", "password=", "code="),
        re.compile(
            r"(?:[?&](?:client_secret|refresh_token|access_token|api_?key|subscription-key|password)"
            r"|\bazurewebsites\.net/[^\s\"'?]*\?(?:[^\s\"']*&)?code)=([^&\s\"'@<>{}$;()]{6,})(?=[&\s\"']|$)",
            re.IGNORECASE,
        ),
    ),
    "a password inside an address": (
        ("://",),
        re.compile(r"\b[a-z][a-z0-9+.-]*://[^/\s:@\"'<>{}]+:([^/\s@\"'<>{}$%]{6,})@", re.IGNORECASE),
    ),
    "a secret beside its name": (
        _WORDS,
        re.compile(
            rf"(?:\boption\(\s*[\"'][\w.-]*{_NAME}[\"']\s*,|(?<![\w.-])[\w.-]*{_NAME}\\?[\"']?"
            rf"(?:\s*[:=]|\s+as\s+string\s*\())\s*\\?{_QUOTED}",
            re.IGNORECASE,
        ),
    ),
    "a secret among the arguments of a command": (
        ("--", " -"),
        re.compile(
            rf"(?:^|\s)--?(?:{_NAME}|token)(?:=|\s+)[\"']?((?=\S*[0-9])(?=\S*[A-Za-z])[^\s\"'{{}}<>$@]{{6,}})",
            re.IGNORECASE,
        ),
    ),
    "a header that signs in": (
        SECRET_HEADERS,
        re.compile(
            rf"[\"'](?:{'|'.join(sorted(SECRET_HEADERS))})[\"']\s*(?:->|[:,=])\s*[\"'](?:(?:bearer|basic)\s+)"
            r"([^\s\"'@<>{}$%]{6,})[\"']",
            re.IGNORECASE,
        ),
    ),
    "what a header signs in with": (
        ("bearer", "basic"),
        re.compile(
            r"'(?:bearer|basic)(?:\s+|\s*'\s*,\s*')((?=[^']*[0-9])(?=[^']*[A-Za-z])[^\s'@<>{}$%]{6,})'", re.IGNORECASE
        ),
    ),
}
"""By kind: words of which a text in lower case holds one, else it is not searched, and the form."""
_MARKS = re.compile(r"=|eyJ|gh[pousr]_|github_pat_|dapi|Q~|-----BEGIN")
"""Without one of these neither what has a form of its own nor what `=` gives to a name is in a text, as in nearly all:
looking for them takes a tenth of the time."""
_GIVEN = re.compile(r"[:=(>]|(?:^|\s)-")
"""Without one of these nothing is given to a name in words."""
_STANDS_FOR = re.compile(r"[^0-9]*(?:your|password|secret|placeholder|example|dummy|redacted)[^0-9]*", re.IGNORECASE)
_ONE_LETTER = re.compile(r"(.)\1*")
_NAME_OF_ONE = re.compile(
    r"(?=.*\b(?:connectionstring|key|kv|passwd|password|pwd|secret|token|vault)\b)\w+(?:-\w+)+", re.IGNORECASE
)
"""How secrets of a vault are named: https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates"""
_PUBLISHED = frozenset(
    {
        # https://learn.microsoft.com/azure/storage/common/storage-use-azurite
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
        # https://learn.microsoft.com/azure/cosmos-db/emulator
        "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==",
        # https://learn.microsoft.com/sql/t-sql/statements/copy-into-transact-sql
        "x6RWv4It5F2msnjelv3H4DA80n0PQW0daPdw43jM0nyetx4c6CpDkdj3986DX5AHFMIf/YN4y6kkCnU8lb+Wx0Pj+6MDw==",
        # https://learn.microsoft.com/azure/synapse-analytics/sql-data-warehouse/quickstart-bulk-load-copy-tsql-examples
        "IEoOdmeYnE9%2FKiJDSFSYsz4AkNa%2F%2BTx61FuQ%2FfKHefqoBE%3D",
        # https://learn.microsoft.com/azure/synapse-analytics/get-started-analyze-sql-on-demand
        "My Very Strong Password 1234!",
        # https://learn.microsoft.com/azure/synapse-analytics/sql/data-loading-best-practices
        "a123STRONGpassword!",
        # https://learn.microsoft.com/sql/relational-databases/security/encryption/create-a-database-master-key
        "23987hxJ#KL95234nl0zBe",
        # https://learn.microsoft.com/sql/t-sql/statements/create-external-data-source-transact-sql
        "S0me!nfo",
    }
)
"""Keys of emulators, the same for everybody, and the examples of Microsoft's pages, which scripts are begun with."""


def secret_in_code(text: str) -> str:
    """What kind of secret a text of code holds, without its value; empty: none."""
    return (_of_a_form(text) if _MARKS.search(text) else "") or _beside_a_name(text)


def _of_a_form(text: str) -> str:
    for kind, form in _NAMED.items():
        if any(is_value(found.group(1)) for found in form.finditer(text)):
            return kind
    for kind, form in _FORMS.items():
        if any(found.group(found.lastindex or 0) not in _PUBLISHED for found in form.finditer(text)):
            return kind
    return ""


def _beside_a_name(text: str) -> str:
    if not _GIVEN.search(text):
        return ""
    lowered = text.lower()
    for kind, (words, form) in _BESIDE.items():
        searched = any(word in lowered for word in words)
        if searched and any(is_value(found.group(1)) for found in form.finditer(text)):
            return kind
    return ""


def is_value(text: str) -> bool:
    """Whether a text beside the name of a secret is one: no placeholder, no example, no name of a secret."""
    stand_ins = (_STANDS_FOR, _ONE_LETTER, _NAME_OF_ONE)
    return text not in _PUBLISHED and not any(each.fullmatch(text) for each in stand_ins)
