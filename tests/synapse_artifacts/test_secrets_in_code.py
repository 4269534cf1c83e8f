"""Secrets in notebooks, scripts and configurations are recognised by their form, told by place and never repeated."""

import base64
from typing import Any
from urllib.parse import quote

import pytest
from folder_writing import Write

from synapse_artifacts.check import check_workspace
from synapse_artifacts.load import read_folder
from synapse_artifacts.secrets_in_code import secret_in_code

KEY = base64.b64encode(bytes(range(64))).decode()
SIGNATURE = quote(base64.b64encode(bytes(range(200, 232))).decode(), safe="")
SECRETS = {
    f'spark.conf.set("fs.azure.account.key.x.dfs.core.windows.net", "{KEY}")': "the key of a storage account",
    f'account_key = "{KEY}"': "the key of a storage account",
    f'c = "AccountName=x;AccountKey={KEY};EndpointSuffix=core.windows.net"': "a key inside a connection string",
    f"Endpoint=sb://n/;SharedAccessKeyName=r;SharedAccessKey={KEY[:43]}=": "a key inside a connection string",
    f'df = spark.read.csv("https://x.blob.core.windows.net/c?sp=r&sig={SIGNATURE}")': "the signature of an address",
    f"token = 'eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOiJ5ZXMifQ.{'a1B2' * 8}'": "a token",
    f"!pip install git+https://ghp_{'a1B2' * 9}@github.com/o/r": "a token of GitHub",
    f"headers = {{'Authorization': 'Bearer dapi{'0a1b' * 8}'}}": "a token of Databricks",
    f"secret = 'abc8Q~{'aB3-' * 8}'": "the secret of an Entra application",
    'url = "jdbc:sqlserver://s:1433;database=d;user=u;password=hunter22;encrypt=true"': (
        "a password inside a connection string"
    ),
    'c = "Driver={ODBC Driver 17};Server=s;UID=u;PWD=MyPassword1!"': "a password inside a connection string",
    "CREATE MASTER KEY ENCRYPTION BY PASSWORD = 'hunter22'": "a password in T-SQL",
    "CREATE LOGIN l WITH PASSWORD = N'hunter22'": "a password in T-SQL",
    "CREATE DATABASE SCOPED CREDENTIAL c WITH IDENTITY = 'u', SECRET = 'hunter22'": "a password in T-SQL",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE": "a private key",
    "grant_type=client_credentials&client_secret=hunter22~x&scope=s": "a secret among the parameters of a request",
    "https://f.azurewebsites.net/api/run?name=x&code=hunter22==": "a secret among the parameters of a request",
    "mongodb+srv://user:hunter22@host/d": "a password inside an address",
    '#"password" : "hunter22",': "a secret beside its name",
    "jdbcPassword = 'hunter22'": "a secret beside its name",
    'df.write.format("jdbc").option("password", "hunter22")': "a secret beside its name",
    '{"user": "u", "client_secret": "hunter22"}': "a secret beside its name",
    "run.exe --password hunter22 --fast": "a secret among the arguments of a command",
    "source(headers: ['Authorization' -> 'Bearer hunter22']) ~> a": "a header that signs in",
}
HARMLESS = [
    'spark.conf.set("fs.azure.account.key.x.dfs.core.windows.net", "<storage account key>")',
    'key = mssparkutils.credentials.getSecret("vault", "storage-account-key")',
    'c = f"AccountName=x;AccountKey={key};EndpointSuffix=core.windows.net"',
    'c = "AccountName=x;AccountKey=" + key + ";EndpointSuffix=core.windows.net"',
    'c = "AccountName=x;AccountKey=***;EndpointSuffix=core.windows.net"',
    'url = f"jdbc:sqlserver://s;user=u;password={password};encrypt=true"',
    'url = "jdbc:sqlserver://s;user=u;password=%s;encrypt=true" % password',
    'url = "jdbc:sqlserver://s;user=u;password=$password;encrypt=true"',
    'url = "jdbc:sqlserver://s;user=u;password=<your password>;encrypt=true"',
    'url = "jdbc:sqlserver://s;user=u;password=your_password_here;encrypt=true"',
    'url = "jdbc:sqlserver://s;user=u;password=xxxxxxxx;encrypt=true"',
    "connect(user=user, password=secret_value)",
    "grant_type=password&client_secret=@{activity('Get').output.value}&x=1",
    "@concat('grant_type=x&client_secret=', activity('Get').output.value2)",
    "https://f.azurewebsites.net/api/run?code=<key>",
    "https://example.org/a:b1/c?code=200-ok",
    'password = dbutils.secrets.get("kv1", "sql1")',
    'schema = {"password": "string", "token": "varchar"}',
    'df.select("password", "user1")',
    'password_column = "pwd_hash1"',
    'df.option("password", password1)',
    '{"password": "@{variables(\'p1\')}"}',
    'api_key = "kv-api-key-01"',
    "headers = {'Authorization': 'Bearer ' + token1}",
    "run.exe --password $PASSWORD1 --token {token1}",
    "    password=parts.get(3),",
    "SELECT * FROM users WHERE password = 'resetpending'",
    "CREATE MASTER KEY ENCRYPTION BY PASSWORD = '<strong password>'",
    'spark.read.csv(f"https://x.blob.core.windows.net/c?{sas}&sig=<signature>")',
    '"integrity": "sha512-' + KEY + '"',
    '"image/png": "' + KEY[:-2] * 4 + '=="',
    'c = "AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/'
    'K1SZFPTOtr/KBHBeksoGMGw=="',
]


PUBLISHED = [
    "CREATE LOGIN l WITH PASSWORD = 'My Very Strong Password 1234!'",
    "CREATE LOGIN l WITH PASSWORD = 'a123STRONGpassword!'",
    "CREATE MASTER KEY ENCRYPTION BY PASSWORD = '23987hxJ#KL95234nl0zBe'",
    "CREATE MASTER KEY ENCRYPTION BY PASSWORD = 'S0me!nfo'",
    "CREDENTIAL=(IDENTITY= 'Storage Account Key', SECRET='x6RWv4It5F2msnjelv3H4DA80n0PQW0daPdw43jM0nyetx4c6CpDkdj3986D"
    "X5AHFMIf/YN4y6kkCnU8lb+Wx0Pj+6MDw==')",
    "SECRET='?sv=2018-03-28&sig=IEoOdmeYnE9%2FKiJDSFSYsz4AkNa%2F%2BTx61FuQ%2FfKHefqoBE%3D'",
]
"""Examples of Microsoft's pages."""


@pytest.mark.parametrize(("code", "kind"), SECRETS.items())
def test_a_secret_is_recognised_by_its_form(code: str, kind: str) -> None:
    assert secret_in_code(code) == kind


@pytest.mark.parametrize("code", PUBLISHED)
def test_an_example_of_a_page_is_none_but_hides_no_other(code: str) -> None:
    assert secret_in_code(code) == ""
    assert secret_in_code(f"{code}\nCREATE LOGIN m WITH PASSWORD = 'hunter22'") == "a password in T-SQL"


@pytest.mark.parametrize("code", HARMLESS)
def test_what_stands_for_a_secret_is_none(code: str) -> None:
    assert secret_in_code(code) == ""


def notebook(line: str) -> dict[str, Any]:
    cells = [{"cell_type": "code", "metadata": {}, "source": ["x = 1\n", line], "outputs": []}]
    return {"nbformat": 4, "nbformat_minor": 2, "metadata": {}, "cells": cells}


@pytest.mark.parametrize(
    ("kind", "properties", "pointer"),
    [
        ("notebook", notebook(f'key = "{KEY}"'), "/cells/0/source/1"),
        ("sqlscript", {"content": {"query": "CREATE LOGIN l WITH PASSWORD = 'hunter22'"}}, "/content/query"),
        ("kqlscript", {"content": {"query": f"externaldata (a: int) [h'x;{KEY}']"}}, "/content/query"),
        ("sparkJobDefinition", {"jobProperties": {"args": ["--key", KEY]}}, "/jobProperties/args/1"),
        (
            "sparkConfiguration",
            {"configs": {"fs.azure.account.key.x.dfs.core.windows.net": KEY}},
            "/configs/fs.azure.account.key.x.dfs.core.windows.net",
        ),
    ],
)
def test_it_is_told_by_its_place_with_a_remedy(
    write: Write, kind: str, properties: dict[str, Any], pointer: str
) -> None:
    folder = write({f"{kind}/a.json": {"name": "a", "properties": properties}})
    [problem] = check_workspace(read_folder(folder)[0])
    assert problem.pointer == f"/properties{pointer}"
    assert problem.line is not None
    assert "mssparkutils.credentials.getSecret" in problem.hint
    assert KEY not in str(problem)
    assert "hunter22" not in str(problem)
