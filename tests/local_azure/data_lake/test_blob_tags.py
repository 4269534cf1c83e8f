"""Tags of blobs: who sets and reads them, with what conditions, and how blobs are found by them."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core import MatchConditions
from azure.storage.blob import BlobClient, ContainerClient
from lake_bench import Bench, refused

TAGS = {"stage": "raw", "key with +-./:=_": "a b+c"}


@pytest.fixture
def blob(container: ContainerClient) -> BlobClient:
    """A blob with TAGS."""
    return container.upload_blob("one", b"1", tags=TAGS)


def test_tags_come_with_a_write_and_are_replaced_without_a_new_version(blob: BlobClient) -> None:
    before = blob.get_blob_properties()
    assert (blob.get_blob_tags(), before.tag_count) == (TAGS, 2)
    blob.set_blob_tags({"stage": "curated"})
    after = blob.get_blob_properties()
    assert (blob.get_blob_tags(), after.tag_count, after.etag) == ({"stage": "curated"}, 1, before.etag)
    blob.upload_blob(b"2", overwrite=True)
    assert (blob.get_blob_tags(), blob.get_blob_properties().tag_count) == ({}, None)


def test_a_file_of_an_account_with_hierarchy_has_tags_too(bench: Bench) -> None:
    file = bench.made_file_system().create_file("below/file")
    file.set_tags(TAGS)
    assert file.get_tags() == TAGS


def test_tags_are_read_and_replaced_under_conditions(blob: BlobClient) -> None:
    etag = blob.get_blob_properties().etag
    other: Any = {"etag": etag, "match_condition": MatchConditions.IfModified}
    for act in (lambda: blob.set_blob_tags({}, **other), lambda: blob.get_blob_tags(**other)):
        with refused(412, "ConditionNotMet"):
            act()
    lease = blob.acquire_lease()
    with refused(412, "LeaseIdMissing"):
        blob.set_blob_tags({})
    blob.set_blob_tags({}, lease=lease)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("stage = 'raw'", True),
        ("\"stage\" >= 'ra' AND \"key with +-./:=_\" = 'a b+c'", True),
        ("stage = 'curated' or (stage > 'r' and stage <> 'x')", True),
        ("stage < 'raw'", False),
        ("other = 'raw'", False),
        ("other <> 'raw'", True),
        ("stage = 'raw' and other = ''", False),
    ],
)
def test_requests_are_conditional_on_tags(blob: BlobClient, condition: str, holds: bool) -> None:
    if holds:
        assert blob.download_blob(if_tags_match_condition=condition).readall() == b"1"
        blob.delete_blob(if_tags_match_condition=condition)
        return
    for act in (blob.download_blob, blob.delete_blob, blob.get_blob_tags):
        with refused(412, "ConditionNotMet"):
            act(if_tags_match_condition=condition)


def test_a_copy_is_conditional_on_the_tags_of_its_source(container: ContainerClient, blob: BlobClient) -> None:
    copied = container.get_blob_client("copy")
    with refused(412, "ConditionNotMet"):
        copied.start_copy_from_url(blob.url, source_if_tags_match_condition="stage = 'curated'")
    copied.start_copy_from_url(blob.url, source_if_tags_match_condition="stage = 'raw'")
    assert copied.download_blob().readall() == b"1"


@pytest.mark.parametrize("condition", ["stage", "stage = raw", "= 'raw'", "stage = 'raw' and", "stage = 'raw' x", "()"])
def test_a_condition_that_is_none_is_refused(blob: BlobClient, condition: str) -> None:
    with refused(400, "InvalidHeaderValue"):
        blob.get_blob_properties(if_tags_match_condition=condition)


@pytest.mark.parametrize(
    ("pairs", "code"),
    [
        ([("", "value")], "EmptyTagName"),
        ([("a", "1"), ("a", "2")], "DuplicateTagNames"),
        ([(str(number), "") for number in range(11)], "TagsTooLarge"),
        ([("n" * 129, "")], "TagsTooLarge"),
        ([("name", "v" * 257)], "TagsTooLarge"),
        ([("name", "!")], "InvalidTag"),
    ],
)
def test_tags_that_are_none_are_refused(flat: Bench, blob: BlobClient, pairs: list[Any], code: str) -> None:
    tags = "".join(f"<Tag><Key>{name}</Key><Value>{value}</Value></Tag>" for name, value in pairs)
    body = f"<Tags><TagSet>{tags}</TagSet></Tags>".encode()
    answer = flat.send("PUT", flat.blob("data/one?comp=tags"), body=body)
    assert (answer.status_code, answer.headers["x-ms-error-code"]) == (400, code)
    assert flat.send("PUT", flat.blob("data/one?comp=tags"), body=b"<Tags />").status_code == 400
    assert blob.get_blob_tags() == TAGS


def test_blobs_are_found_by_tags_in_pages(flat: Bench, container: ContainerClient) -> None:
    other = flat.blobs().create_container("other")
    for place, name, year in ((container, "a", "2001"), (container, "b", "2003"), (other, "c", "2002")):
        place.upload_blob(name, b"", tags={"year": year, "kind": "x"})
    container.upload_blob("bare", b"")
    search = flat.blobs().find_blobs_by_tags("year >= '2000' and kind = 'x'", results_per_page=2).by_page()
    pages = [[(each.container_name, each.name, each.tags) for each in page] for page in search]
    assert [[(each[0], each[1]) for each in page] for page in pages] == [
        [("data", "a"), ("data", "b")],
        [("other", "c")],
    ]
    assert pages[1][0][2] == {"year": "2002", "kind": "x"}
    within = flat.blobs().find_blobs_by_tags("@container = 'other' and year > '2001'")
    assert [(each.name, each.tags) for each in within] == [("c", {"year": "2002"})]
    assert [each.name for each in container.find_blobs_by_tags("year < '2003'")] == ["a"]
    with refused(400, "InvalidQueryParameterValue"):
        list(container.find_blobs_by_tags("year = '2001' or year = '2003'"))
    answer = flat.send("GET", flat.blob("?comp=blobs"))
    assert answer.headers["x-ms-error-code"] == "MissingRequiredQueryParameter"


def test_tags_are_listed_where_they_are_asked_for(container: ContainerClient, blob: BlobClient) -> None:
    assert [each.tags for each in container.list_blobs(include=["tags"])] == [TAGS]
    assert [(each.tags, each.tag_count) for each in container.list_blobs()] == [(None, 2)]


def test_only_roles_for_tags_open_them(flat: Bench, blob: BlobClient) -> None:
    flat.assign("Storage Blob Data Contributor", "data-scientist")
    seen = flat.blobs("data-scientist").get_blob_client("data", "one")
    assert seen.get_blob_properties().tag_count is None
    for act in (
        seen.get_blob_tags,
        lambda: seen.set_blob_tags({}),
        lambda: seen.upload_blob(b"", overwrite=True, tags={"a": "b"}),
        lambda: seen.download_blob(if_tags_match_condition="stage = 'raw'"),
        lambda: list(flat.blobs("data-scientist").find_blobs_by_tags("a = 'b'")),
        lambda: list(flat.blobs("data-scientist").get_container_client("data").list_blobs(include=["tags"])),
    ):
        with refused(403, "AuthorizationPermissionMismatch"):
            act()


def test_a_copy_has_the_tags_that_it_is_given_or_those_of_its_source(flat: Bench, blob: BlobClient) -> None:
    copies = flat.blobs().get_container_client("data")
    token = flat.credential("data-engineer").get_token().token
    rows: list[tuple[str, Any, dict[str, str]]] = [
        ("bare", None, {}),
        ("given", {"a": "b"}, {"a": "b"}),
        ("copied", "COPY", TAGS),
    ]
    for name, given, expected in rows:
        target = copies.get_blob_client(name)
        target.start_copy_from_url(blob.url, requires_sync=True, source_authorization=f"Bearer {token}", tags=given)
        assert target.get_blob_tags() == expected, name
