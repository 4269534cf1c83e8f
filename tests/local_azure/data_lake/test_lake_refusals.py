"""What the lake refuses, by the service's own status and code, and by name where the stand-in can't do it.

https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes
"""

from __future__ import annotations

from typing import Any

import pytest
import requests
from lake_bench import OWNER, Bench, make_account

from local_azure.server import LocalAzure

LIST = "<BlockList><Latest>{}</Latest></BlockList>"
SETTINGS = b"<StorageServiceProperties>%s</StorageServiceProperties>"
POLICIES = b"<SignedIdentifiers>%s</SignedIdentifiers>"
POLICY = b"<SignedIdentifier><Id>%s</Id><AccessPolicy>%s</AccessPolicy></SignedIdentifier>"
RETENTION = b"<DeleteRetentionPolicy>%s</DeleteRetentionPolicy>"

DATA_LAKE: list[tuple[str, str, dict[str, str], bytes, int, str]] = [
    # method, path and query, headers, body, status, code
    ("PUT", "data?resource=filesystem", {}, b"", 409, "FilesystemAlreadyExists"),
    ("PUT", "No_such_name?resource=filesystem", {}, b"", 400, "InvalidResourceName"),
    ("GET", "none?resource=filesystem&recursive=false", {}, b"", 404, "FilesystemNotFound"),
    ("GET", "data?resource=filesystem&recursive=perhaps", {}, b"", 400, "InvalidQueryParameterValue"),
    ("GET", "data?resource=filesystem&recursive=true&maxResults=0", {}, b"", 400, "OutOfRangeQueryParameterValue"),
    ("GET", "data?resource=filesystem&recursive=true&maxResults=-1", {}, b"", 400, "OutOfRangeQueryParameterValue"),
    ("GET", "data?resource=filesystem&recursive=true&maxResults=x", {}, b"", 400, "InvalidQueryParameterValue"),
    ("GET", "data?resource=filesystem&recursive=true&continuation=x", {}, b"", 400, "InvalidQueryParameterValue"),
    ("GET", "data/missing", {}, b"", 404, "PathNotFound"),
    ("GET", "data/file/below", {}, b"", 404, "PathNotFound"),
    ("GET", "data/dir", {}, b"", 409, "ResourceTypeMismatch"),
    ("GET", "data/a%01b", {}, b"", 400, "InvalidUri"),
    ("GET", "data/file", {"range": "bytes=9-"}, b"", 416, "InvalidRange"),
    ("GET", "data/file", {"if_match": '"0x1"'}, b"", 412, "ConditionNotMet"),
    ("GET", "data/file", {"if_unmodified_since": "yesterday"}, b"", 400, "InvalidHeaderValue"),
    ("GET", "data/file", {"x_ms_lease_id": "1"}, b"", 412, "LeaseNotPresentWithBlobOperation"),
    ("GET", "data/file", {"x_ms_version": "1999-01-01"}, b"", 400, "InvalidHeaderValue"),
    ("GET", "data/file", {"x_ms_version": "2017-04-17"}, b"", 400, "UnsupportedRestVersion"),
    ("GET", "data/file?snapshot=1", {}, b"", 501, "NotImplementedLocally"),
    ("GET", "data/file", {"x_ms_encryption_key": "k"}, b"", 501, "NotImplementedLocally"),
    ("PATCH", "data/?action=setProperties", {"x_ms_properties": "a=Yg=="}, b"", 400, "InvalidUri"),
    ("PATCH", "data/file?action=concat", {}, b"", 501, "UnknownRoute"),
    ("PUT", "data/file/below?resource=file", {}, b"", 409, "PathConflict"),
    ("PUT", "data/dir?resource=file", {}, b"", 409, "PathAlreadyExists"),
    ("PUT", "data/file?resource=directory", {}, b"", 409, "PathAlreadyExists"),
    ("PUT", "data/file?resource=file", {"if_none_match": "*"}, b"", 409, "PathAlreadyExists"),
    ("PUT", "data/new?resource=file", {"x_ms_properties": "a"}, b"", 400, "InvalidPropertyName"),
    ("PUT", "data/new?resource=file", {"x_ms_properties": "a=%"}, b"", 400, "InvalidHeaderValue"),
    (
        "PUT",
        "data/new?resource=file",
        {"x_ms_permissions": "0777", "x_ms_acl": "user::rwx"},
        b"",
        400,
        "InvalidInput",
    ),
    ("PATCH", "data/file?action=append", {}, b"5", 400, "MissingRequiredQueryParameter"),
    ("PATCH", "data/file?action=append&position=x", {}, b"5", 400, "InvalidQueryParameterValue"),
    ("PATCH", "data/file?action=append&position=1", {}, b"2345", 400, "InvalidQueryParameterValue"),
    ("PATCH", "data/dir?action=append&position=0", {}, b"5", 409, "ResourceTypeMismatch"),
    ("PATCH", "data/missing?action=append&position=0", {}, b"5", 404, "PathNotFound"),
    (
        "PATCH",
        "data/file?action=append&position=4",
        {"content_md5": "AAAAAAAAAAAAAAAAAAAAAA=="},
        b"5",
        400,
        "Md5Mismatch",
    ),
    ("PUT", "data/new?resource=file", {"x_ms_lease_duration": "15"}, b"", 400, "MissingRequiredHeader"),
    ("PATCH", "data/file?action=append&position=4", {"x_ms_lease_action": "keep"}, b"5", 400, "InvalidHeaderValue"),
    ("PATCH", "data/file?action=append&position=4", {"x_ms_lease_action": "release"}, b"5", 400, "InvalidHeaderValue"),
    (
        "PATCH",
        "data/file?action=append&position=4",
        {"x_ms_lease_action": "acquire"},
        b"5",
        400,
        "MissingRequiredHeader",
    ),
    (
        "PATCH",
        "data/file?action=flush&position=4",
        {"x_ms_lease_action": "auto-renew"},
        b"",
        409,
        "LeaseNotPresentWithLeaseOperation",
    ),
    ("PATCH", "data/file?action=append&position=4", {"content_md5": "A"}, b"5", 400, "InvalidMd5"),
    ("PATCH", "data/file?action=append&position=4", {"content_md5": "AAAA"}, b"5", 400, "InvalidMd5"),
    ("PATCH", "data/file?action=flush&position=9", {}, b"", 400, "InvalidFlushPosition"),
    ("PATCH", "data/file?action=setAccessControl", {}, b"", 400, "MissingRequiredHeader"),
    (
        "PATCH",
        "data/file?action=setAccessControl",
        {"x_ms_permissions": "0777", "x_ms_acl": "user::rwx"},
        b"",
        400,
        "InvalidInput",
    ),
    ("PATCH", "data/missing?action=setAccessControl", {"x_ms_permissions": "0777"}, b"", 404, "PathNotFound"),
    ("HEAD", "data/missing?action=getAccessControl", {}, b"", 404, "PathNotFound"),
    ("HEAD", "data/missing?action=checkAccess&fsAction=r--", {}, b"", 404, "PathNotFound"),
    ("HEAD", "data/file?action=checkAccess", {}, b"", 400, "MissingRequiredQueryParameter"),
    ("HEAD", "data/file?action=checkAccess&fsAction=rx", {}, b"", 400, "InvalidQueryParameterValue"),
    (
        "PATCH",
        "data/missing?action=setAccessControlRecursive&mode=set",
        {"x_ms_acl": "user::rwx"},
        b"",
        404,
        "PathNotFound",
    ),
    ("PATCH", "data/dir?action=setAccessControlRecursive&mode=all", {}, b"", 400, "InvalidQueryParameterValue"),
    ("PATCH", "data/dir?action=setAccessControlRecursive&mode=set", {}, b"", 400, "MissingRequiredHeader"),
    (
        "PATCH",
        "data/dir?action=setAccessControlRecursive&mode=set&continuation=x",
        {"x_ms_acl": "user::rwx"},
        b"",
        400,
        "InvalidQueryParameterValue",
    ),
    ("PUT", "data/new", {"x_ms_rename_source": "data/file"}, b"", 400, "InvalidSourceUri"),
    ("PUT", "data/new", {"x_ms_rename_source": "/data//"}, b"", 400, "InvalidSourceUri"),
    ("PUT", "data/new", {"x_ms_rename_source": "/none/file"}, b"", 404, "FilesystemNotFound"),
    ("PUT", "data/new", {"x_ms_rename_source": "/data/missing"}, b"", 404, "SourcePathNotFound"),
    ("PUT", "data/a/b", {"x_ms_rename_source": "/data/file"}, b"", 404, "RenameDestinationParentPathNotFound"),
    ("PUT", "data/dir/in", {"x_ms_rename_source": "/data/dir"}, b"", 409, "InvalidRenameSourcePath"),
    ("PUT", "data/dir", {"x_ms_rename_source": "/data/dir/other"}, b"", 409, "InvalidRenameSourcePath"),
    ("PUT", "data/file", {"x_ms_rename_source": "/data/dir"}, b"", 409, "InvalidSourceOrDestinationResourceType"),
    ("PUT", "data/dir", {"x_ms_rename_source": "/data/other"}, b"", 409, "DirectoryNotEmpty"),
    ("PUT", "data/new?mode=x", {"x_ms_rename_source": "/data/file"}, b"", 400, "InvalidQueryParameterValue"),
    (
        "PUT",
        "data/new",
        {"x_ms_rename_source": "/data/file", "x_ms_source_if_match": '"0x1"'},
        b"",
        412,
        "SourceConditionNotMet",
    ),
    ("DELETE", "data/dir?recursive=false", {}, b"", 409, "DirectoryNotEmpty"),
    ("DELETE", "data/dir?recursive=true&continuation=x", {}, b"", 400, "InvalidQueryParameterValue"),
    ("DELETE", "data/missing", {}, b"", 404, "PathNotFound"),
]
BLOB: list[tuple[str, str, dict[str, str], bytes, int, str]] = [
    ("PUT", "data?restype=container", {}, b"", 409, "ContainerAlreadyExists"),
    ("PUT", "c1?restype=container", {}, b"", 400, "OutOfRangeInput"),
    ("GET", "c" * 64 + "?restype=container", {}, b"", 400, "OutOfRangeInput"),
    ("GET", "none?restype=container&comp=list", {}, b"", 404, "ContainerNotFound"),
    ("GET", "data/missing", {}, b"", 404, "BlobNotFound"),
    ("PUT", "data/new", {}, b"1", 400, "MissingRequiredHeader"),
    ("PUT", "data/new", {"x_ms_blob_type": "PageBlob"}, b"", 501, "NotImplementedLocally"),
    ("PUT", "data/file", {"x_ms_blob_type": "BlockBlob", "if_none_match": "*"}, b"1", 409, "BlobAlreadyExists"),
    ("PUT", "data/dir", {"x_ms_blob_type": "BlockBlob"}, b"1", 409, "BlobAlreadyExists"),
    ("PUT", "data/new?comp=block&blockid=%25", {}, b"1", 400, "InvalidBlockId"),
    ("PUT", "data/new?comp=block", {}, b"1", 400, "MissingRequiredQueryParameter"),
    ("PUT", "data/new?comp=blocklist", {}, LIST.format("AAAA").encode(), 400, "InvalidBlockList"),
    ("PUT", "data/new?comp=blocklist", {}, b"<BlockList>", 400, "InvalidXmlDocument"),
    ("PUT", "data/new?comp=blocklist", {}, b"<List/>", 400, "InvalidXmlDocument"),
    ("GET", "data/file?comp=blocklist&blocklisttype=x", {}, b"", 400, "InvalidQueryParameterValue"),
    ("PUT", "data/file?comp=tier", {"x_ms_access_tier": "Archive"}, b"", 501, "NotImplementedLocally"),
    ("PUT", "data/file?comp=tier", {"x_ms_access_tier": "Smart"}, b"", 501, "NotImplementedLocally"),
    ("PUT", "data/file?comp=tier", {"x_ms_access_tier": "Warm"}, b"", 400, "InvalidHeaderValue"),
    ("PUT", "data/file?comp=tier", {}, b"", 400, "MissingRequiredHeader"),
    (
        "PUT",
        "data/new",
        {"x_ms_blob_type": "BlockBlob", "x_ms_access_tier": "Archive"},
        b"",
        501,
        "NotImplementedLocally",
    ),
    (
        "PUT",
        "data/new",
        {"x_ms_copy_source": "https://else.blob.core.windows.net/a/b"},
        b"",
        501,
        "NotImplementedLocally",
    ),
    ("PUT", "data/new", {"x_ms_copy_source": "{blob}data/missing"}, b"", 404, "CannotVerifyCopySource"),
    ("PUT", "data/new", {"x_ms_copy_source": "{blob}none/file"}, b"", 404, "CannotVerifyCopySource"),
    ("PUT", "data/new", {"x_ms_copy_source": "{blob}data"}, b"", 400, "InvalidHeaderValue"),
    ("PUT", "data/new", {"x_ms_copy_source": "{blob}data/file?a=b"}, b"", 501, "NotImplementedLocally"),
    (
        "PUT",
        "data/file?comp=lease",
        {"x_ms_lease_action": "renew", "x_ms_lease_id": "1"},
        b"",
        409,
        "LeaseNotPresentWithLeaseOperation",
    ),
    ("PUT", "data/file?comp=lease", {"x_ms_lease_action": "keep"}, b"", 400, "InvalidHeaderValue"),
    ("PUT", "data/file?comp=lease", {"x_ms_lease_action": "change"}, b"", 400, "MissingRequiredHeader"),
    (
        "PUT",
        "data/file?comp=lease",
        {"x_ms_lease_action": "acquire", "x_ms_lease_duration": "5"},
        b"",
        400,
        "InvalidHeaderValue",
    ),
    ("DELETE", "data/dir", {}, b"", 409, "DirectoryIsNotEmpty"),
    ("DELETE", "data/file?snapshot=1", {}, b"", 400, "InvalidQueryParameterValue"),
    ("GET", "data/none?comp=tags", {}, b"", 404, "BlobNotFound"),
    ("PUT", "data/file?comp=seal", {}, b"", 501, "UnknownRoute"),
    ("POST", "?restype=service&comp=userdelegationkey", {}, b"<Key", 400, "InvalidXmlDocument"),
    ("POST", "?restype=service&comp=userdelegationkey", {}, b"<KeyInfo/>", 400, "InvalidXmlDocument"),
    (
        "POST",
        "?restype=service&comp=userdelegationkey",
        {},
        b"<KeyInfo><Expiry>tomorrow</Expiry></KeyInfo>",
        400,
        "InvalidXmlNodeValue",
    ),
    (
        "POST",
        "?restype=service&comp=userdelegationkey",
        {},
        b"<KeyInfo><Expiry>2001-01-01T00:00:00Z</Expiry></KeyInfo>",
        400,
        "InvalidXmlNodeValue",
    ),
    (
        "POST",
        "?restype=service&comp=userdelegationkey",
        {},
        b"<KeyInfo><DelegatedUserTid>a</DelegatedUserTid></KeyInfo>",
        501,
        "NotImplementedLocally",
    ),
    ("POST", "?comp=blobs", {}, b"", 501, "UnknownRoute"),
    ("PUT", "data/new", {"x_ms_blob_type": "Blob"}, b"1", 400, "InvalidHeaderValue"),
    ("GET", "data/file", {"x_ms_version": "2017-07-29"}, b"", 403, "AuthenticationFailed"),
    ("PUT", "data/file?comp=block&blockid=QUFB", {}, b"1", 409, "BlobOperationNotSupported"),
    ("PUT", "data/file?comp=blocklist", {}, LIST.format("QUFB").encode(), 409, "BlobOperationNotSupported"),
    ("PUT", f"data/new?comp=block&blockid={'QUFB' * 22}", {}, b"1", 400, "OutOfRangeInput"),
    ("PUT", "data/file?comp=copy&copyid=1", {"x_ms_copy_action": "abort"}, b"", 409, "NoPendingCopyOperation"),
    ("PUT", "data/file?comp=copy&copyid=1", {"x_ms_copy_action": "stop"}, b"", 400, "InvalidHeaderValue"),
    ("PUT", "data/file?comp=copy", {"x_ms_copy_action": "abort"}, b"", 400, "MissingRequiredQueryParameter"),
    ("PUT", "data/none?comp=copy&copyid=1", {"x_ms_copy_action": "abort"}, b"", 404, "BlobNotFound"),
    ("GET", "data/file", {"x_ms_range_get_content_md5": "true"}, b"", 400, "InvalidHeaderValue"),
    (
        "GET",
        "data/file",
        {"range": "bytes=0-1", "x_ms_range_get_content_md5": "true", "x_ms_range_get_content_crc64": "true"},
        b"",
        400,
        "InvalidHeaderValue",
    ),
    ("PUT", "data/file?comp=expiry", {}, b"", 400, "MissingRequiredHeader"),
    ("PUT", "data/file?comp=expiry", {"x_ms_expiry_option": "Soon"}, b"", 400, "InvalidHeaderValue"),
    ("PUT", "data/file?comp=expiry", {"x_ms_expiry_option": "RelativeToNow"}, b"", 400, "MissingRequiredHeader"),
    ("PUT", "data/dir?comp=expiry", {"x_ms_expiry_option": "NeverExpire"}, b"", 409, "ResourceTypeMismatch"),
    ("PUT", "data/none?comp=expiry", {"x_ms_expiry_option": "NeverExpire"}, b"", 404, "BlobNotFound"),
    *(
        (
            "PUT",
            "data/file?comp=expiry",
            {"x_ms_expiry_option": option, "x_ms_expiry_time": time},
            b"",
            400,
            "InvalidHeaderValue",
        )
        for option, time in (
            ("NeverExpire", "1"),
            ("RelativeToNow", "soon"),
            ("RelativeToCreation", "0"),
            ("Absolute", "Mon, 01 Jan 2001 00:00:00 GMT"),
            ("Absolute", "soon"),
        )
    ),
    *(
        ("PUT", "data?restype=container&comp=acl", {}, body, 400, code)
        for body, code in (
            (b"<Policies/>", "InvalidXmlDocument"),
            (POLICIES % b"<Policy/>", "InvalidXmlDocument"),
            (POLICIES % b"".join(POLICY % (b"%d" % each, b"") for each in range(6)), "InvalidXmlDocument"),
            (POLICIES % (POLICY % (b"", b"")), "InvalidXmlNodeValue"),
            (POLICIES % (POLICY % (b"a", b"") * 2), "InvalidXmlNodeValue"),
            (POLICIES % (POLICY % (b"a", b"<Colour>red</Colour>")), "InvalidXmlDocument"),
            (POLICIES % (POLICY % (b"a", b"<Expiry>soon</Expiry>")), "InvalidXmlNodeValue"),
        )
    ),
    *(
        ("PUT", "?restype=service&comp=properties", {}, body, status, code)
        for body, status, code in (
            (b"<Stor", 400, "InvalidXmlDocument"),
            (b"<Properties/>", 400, "InvalidXmlDocument"),
            (SETTINGS % b"<Colour/>", 400, "InvalidXmlDocument"),
            (SETTINGS % b"<DefaultServiceVersion>1</DefaultServiceVersion>", 400, "InvalidXmlNodeValue"),
            (SETTINGS % b"<DeleteRetentionPolicy/>", 400, "MissingRequiredXmlNode"),
            (SETTINGS % RETENTION % b"<Enabled>maybe</Enabled>", 400, "InvalidXmlNodeValue"),
            (SETTINGS % RETENTION % b"<Enabled>true</Enabled>", 400, "MissingRequiredXmlNode"),
            (SETTINGS % RETENTION % b"<Enabled>true</Enabled><Days>366</Days>", 400, "InvalidXmlNodeValue"),
            (SETTINGS % b"<Cors><Rule/></Cors>", 400, "InvalidXmlDocument"),
            (SETTINGS % b"<Cors><CorsRule/></Cors>", 400, "MissingRequiredXmlNode"),
            (SETTINGS % b"<StaticWebsite><Enabled>true</Enabled></StaticWebsite>", 501, "NotImplementedLocally"),
            (SETTINGS % b"<HourMetrics><Enabled>true</Enabled></HourMetrics>", 501, "NotImplementedLocally"),
            (SETTINGS % b"<Logging><Delete>true</Delete></Logging>", 501, "NotImplementedLocally"),
        )
    ),
]


@pytest.fixture
def filled(bench: Bench) -> Bench:
    """An account with /file, /dir/file, /dir/other/file and the empty directory /other."""
    bench.assign("Contributor", OWNER)
    data = bench.made_file_system()
    data.get_file_client("file").upload_data(b"1234", overwrite=True)
    data.create_file("dir/file")
    data.create_file("dir/other/file")
    data.create_directory("other")
    return bench


def _code(answer: requests.Response) -> tuple[int, Any]:
    return answer.status_code, answer.headers.get("x-ms-error-code")


def _id(row: Any) -> str:
    method, path, headers, *_, code = row
    return " ".join([method, path, *(f"{name}={value}" for name, value in headers.items()), code])


@pytest.mark.parametrize("row", DATA_LAKE, ids=_id)
def test_the_data_lake_endpoint_refuses(filled: Bench, row: Any) -> None:
    method, path, headers, body, status, code = row
    answer = filled.send(method, filled.dfs(path), body=body, **headers)
    assert _code(answer) == (status, code)
    if method == "HEAD":
        assert "content-type" not in answer.headers
    else:
        assert answer.json()["error"]["code"] == code
        assert "RequestId:" in answer.json()["error"]["message"]


def test_an_account_without_hierarchy_has_no_access_control(azure: LocalAzure) -> None:
    flat = make_account(azure, hierarchical=False)
    flat.blobs().create_container("data")
    for path, answer in {
        "data/?action=getAccessControl": (400, "HierarchicalNamespaceNotEnabled"),
        "data/file?action=getStatus": (501, "NotImplementedLocally"),
    }.items():
        assert _code(flat.send("HEAD", flat.dfs(path))) == answer


@pytest.mark.parametrize("row", BLOB, ids=_id)
def test_the_blob_endpoint_refuses(filled: Bench, row: Any) -> None:
    method, path, headers, body, status, code = row
    given: Any = {name: value.replace("{blob}", filled.blob("")) for name, value in headers.items()}
    answer = filled.send(method, filled.blob(path), body=body, **given)
    assert _code(answer) == (status, code)
    assert f"<Code>{code}</Code>" in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"x_ms_copy_source_authorization": "Bearer hidden", "x_ms_blob_type": "BlockBlob"},
        {"x_ms_encryption_key": "hidden", "x_ms_blob_type": "BlockBlob"},
        {"x_ms_source_url": "https://else/a?sig=hidden", "x_ms_blob_type": "BlockBlob"},
    ],
)
def test_a_refusal_does_not_tell_secrets(filled: Bench, headers: dict[str, str]) -> None:
    given: Any = headers
    answer = filled.send("PUT", filled.blob("data/new"), **given)
    assert answer.status_code == 501
    assert next(iter(headers)).replace("_", "-") in answer.text
    assert "hidden" not in answer.text


def test_the_blob_endpoint_names_the_header_that_is_wrong(filled: Bench) -> None:
    answer = filled.send("GET", filled.blob("data/file"), x_ms_version="1999-01-01")
    assert "<HeaderName>x-ms-version</HeaderName>" in answer.text
    early = filled.send("GET", filled.blob("data/file"), x_ms_version="2016-05-31")
    assert "<AuthenticationErrorDetail>Authentication scheme Bearer is not supported" in early.text


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"x_ms_version": "2023-11-03"}, 401, "NoAuthenticationInformation"),
        ({}, 409, "PublicAccessNotPermitted"),
        ({"authorization": "Bearer x", "x_ms_version": "2023-11-03"}, 401, "InvalidAuthenticationInfo"),
        ({"authorization": "Bearer x"}, 403, "AuthenticationFailed"),
        ({"authorization": "Basic x", "x_ms_version": "2023-11-03"}, 401, "InvalidAuthenticationInfo"),
        ({"authorization": "SharedKeyLite a:b"}, 501, "NotImplementedLocally"),
        ({"authorization": "SharedKey other:b"}, 403, "AuthenticationFailed"),
        ({"authorization": "SharedKey {account}:b", "date": "no date"}, 403, "AuthenticationFailed"),
        (
            {"authorization": "SharedKey {account}:b", "date": "Mon, 01 Jan 2001 00:00:00 GMT"},
            403,
            "AuthenticationFailed",
        ),
    ],
)
def test_a_sender_who_cannot_be_told_is_refused(filled: Bench, headers: Any, status: int, code: str) -> None:
    given: Any = {name: value.replace("{account}", filled.name) for name, value in headers.items()}
    answer = filled.send("GET", filled.blob("data/file"), "", **given)
    assert _code(answer) == (status, code)
    if status == 401:
        assert answer.headers["www-authenticate"].startswith(
            "Bearer authorization_uri=https://login.microsoftonline.com/"
        )


def test_a_token_for_another_service_is_refused(filled: Bench) -> None:
    token = filled.credential(OWNER, "https://vault.azure.net").get_token().token
    authorization = f"Bearer {token}"
    answer = filled.send("GET", filled.dfs("data/file"), "", authorization=authorization, x_ms_version="2023-11-03")
    assert _code(answer) == (401, "InvalidAuthenticationInfo")


def test_an_account_may_switch_its_keys_off(filled: Bench) -> None:
    assert [each.name for each in filled.lake("key").list_file_systems()] == ["data"]
    filled.change_account(allowSharedKeyAccess=False)
    answer = filled.send("GET", filled.blob("data/file"), "", authorization=f"SharedKey {filled.name}:x")
    assert _code(answer) == (403, "KeyBasedAuthenticationNotPermitted")


def test_the_data_lake_endpoint_of_a_flat_account_keeps_filesystems_and_no_paths(flat: Bench) -> None:
    client = flat.lake().create_file_system("data", metadata={"zone": "raw"})
    found = client.get_file_system_properties()
    assert found.metadata == {"zone": "raw"}
    head = flat.send("HEAD", flat.dfs("data?resource=filesystem"))
    assert (head.status_code, head.headers["x-ms-namespace-enabled"]) == (200, "false")
    assert [each.name for each in flat.lake().list_file_systems()] == ["data"]
    path = flat.send("PUT", flat.dfs("data/file?resource=file"))
    assert path.headers["x-ms-error-code"] == "NotImplementedLocally"
    listed = flat.send("GET", flat.dfs("data?resource=filesystem&recursive=true"))
    assert listed.headers["x-ms-error-code"] == "NotImplementedLocally"
    client.delete_file_system()
    assert list(flat.blobs().list_containers()) == []
