"""Leases: which request changes which state into which, and what a read or a write has to show.

https://learn.microsoft.com/rest/api/storageservices/lease-blob#outcomes-of-lease-operations-on-blobs-by-lease-state
"""

from __future__ import annotations

from typing import Any

import pytest
from azure.storage.blob import BlobLeaseClient
from lake_bench import Bench, refused

from local_azure.services.data_lake.leases import LeaseRefusal, Wish, change, lease_headers, state_of

A, B = "aaaaaaaa-0000-0000-0000-000000000000", "bbbbbbbb-0000-0000-0000-000000000000"
SECOND = 1_000_000
NOW = 100 * SECOND
LEASES: dict[str, dict[str, Any]] = {
    "available": {},
    "leased": {"id": A, "duration": 30, "expires": NOW + 30 * SECOND},
    "infinite": {"id": A, "duration": -1, "expires": 0},
    "expired": {"id": A, "duration": 30, "expires": NOW},
    "breaking": {"id": A, "duration": 30, "expires": NOW + 30 * SECOND, "breaks": NOW + 10 * SECOND},
    "broken": {"id": A, "duration": 30, "expires": NOW + 30 * SECOND, "breaks": NOW},
}


@pytest.mark.parametrize(("name", "lease"), LEASES.items())
def test_a_lease_is_in_one_state(name: str, lease: dict[str, Any]) -> None:
    state = "leased" if name == "infinite" else name
    assert state_of(lease, NOW) == state
    locked = "locked" if state in ("leased", "breaking") else "unlocked"
    duration = {"leased": {"x-ms-lease-duration": "fixed"}, "infinite": {"x-ms-lease-duration": "infinite"}}
    assert lease_headers(lease, NOW) == {
        "x-ms-lease-status": locked,
        "x-ms-lease-state": state,
        **duration.get(name, {}),
    }


@pytest.mark.parametrize(
    ("state", "wish", "outcome"),
    [
        ("available", Wish("acquire", proposed_id=A, duration=15), "leased"),
        ("leased", Wish("acquire", proposed_id=A, duration=15), "leased"),
        ("expired", Wish("acquire", proposed_id=B, duration=15), "leased"),
        ("broken", Wish("acquire", proposed_id=B, duration=15), "leased"),
        ("leased", Wish("renew", A), "leased"),
        ("expired", Wish("renew", A), "leased"),
        ("leased", Wish("change", A, B), "leased"),
        ("leased", Wish("change", B, A), "leased"),
        ("leased", Wish("release", A), "available"),
        ("breaking", Wish("release", A), "available"),
        ("broken", Wish("release", A), "available"),
        ("expired", Wish("release", A), "available"),
    ],
)
def test_a_request_changes_the_state(state: str, wish: Wish, outcome: str) -> None:
    after, _ = change(LEASES[state], wish, NOW)
    assert state_of(after, NOW) == outcome


@pytest.mark.parametrize(
    ("state", "wish", "code"),
    [
        ("leased", Wish("acquire", proposed_id=B, duration=15), "LeaseAlreadyPresent"),
        ("breaking", Wish("acquire", proposed_id=A, duration=15), "LeaseIsBreakingAndCannotBeAcquired"),
        ("breaking", Wish("acquire", proposed_id=B, duration=15), "LeaseAlreadyPresent"),
        ("available", Wish("renew", A), "LeaseNotPresentWithLeaseOperation"),
        ("leased", Wish("renew", B), "LeaseIdMismatchWithLeaseOperation"),
        ("broken", Wish("renew", A), "LeaseIsBrokenAndCannotBeRenewed"),
        ("breaking", Wish("change", A, B), "LeaseIsBreakingAndCannotBeChanged"),
        ("leased", Wish("release", B), "LeaseIdMismatchWithLeaseOperation"),
        ("available", Wish("break"), "LeaseNotPresentWithLeaseOperation"),
        ("leased", Wish("change", B, B), "LeaseIdMismatchWithLeaseOperation"),
    ],
)
def test_a_request_that_does_not_fit_the_state_is_refused(state: str, wish: Wish, code: str) -> None:
    with pytest.raises(LeaseRefusal) as refusal:
        change(LEASES[state], wish, NOW)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("state", "period", "seconds"),
    [
        ("leased", None, 30),
        ("leased", 10, 10),
        ("leased", 60, 30),
        ("infinite", None, 0),
        ("infinite", 60, 60),
        ("breaking", None, 10),
        ("breaking", 0, 0),
        ("breaking", 30, 10),
        ("broken", 10, 0),
        ("expired", None, 0),
    ],
)
def test_a_break_takes_the_time_that_is_left_or_the_shorter_one_that_is_wished(
    state: str, period: int | None, seconds: int
) -> None:
    after, left = change(LEASES[state], Wish("break", break_period=period), NOW)
    assert left == seconds
    assert state_of(after, NOW) == ("breaking" if seconds else "broken")
    assert state_of(after, NOW + seconds * SECOND) == "broken"


def test_a_read_needs_no_lease_but_one_that_is_shown_must_fit(bench: Bench) -> None:
    bench.made_file_system()
    blob: Any = bench.blobs().get_blob_client("data", "blob")
    blob.upload_blob(b"1")
    lease = blob.acquire_lease(lease_id=A)
    assert blob.download_blob().readall() == blob.download_blob(lease=lease).readall() == b"1"
    with refused(412, "LeaseIdMismatchWithBlobOperation"):
        blob.download_blob(lease=B)
    lease.change(B)
    with refused(412, "LeaseIdMismatchWithBlobOperation"):
        blob.upload_blob(b"2", overwrite=True, lease=A)
    blob.upload_blob(b"2", overwrite=True, lease=lease)


def test_a_lease_that_was_broken_is_lost_and_another_one_was_never_there(bench: Bench) -> None:
    file: Any = bench.made_file_system().create_file("file")
    file.acquire_lease(lease_id=A).break_lease(0)
    with refused(412, "LeaseLost"):
        file.append_data(b"1", 0, lease=A)
    with refused(412, "LeaseNotPresentWithBlobOperation"):
        file.append_data(b"1", 0, lease=B)
    file.append_data(b"1", 0)


def test_a_leased_container_is_deleted_with_its_lease_only(bench: Bench) -> None:
    bench.made_file_system()
    container = bench.blobs().get_container_client("data")
    with refused(412, "LeaseNotPresentWithContainerOperation"):
        container.delete_container(lease=A)
    lease: BlobLeaseClient = container.acquire_lease(lease_id=A)
    with refused(412, "LeaseIdMissing"):
        container.delete_container()
    with refused(412, "LeaseIdMismatchWithContainerOperation"):
        container.delete_container(lease=B)
    container.upload_blob("inside", b"a lease of the container does not lock what is in it")
    container.delete_container(lease=lease)


def test_a_file_is_made_with_its_lease_which_writes_renew_and_release(bench: Bench) -> None:
    data = bench.made_file_system()
    file: Any = data.get_file_client("file")
    file.create_file(lease_id=A, lease_duration=15)
    assert file.get_file_properties().lease.duration == "fixed"
    with refused(412, "LeaseIdMissing"):
        file.append_data(b"1", 0)
    file.append_data(b"1", 0, lease=A, lease_action="auto-renew")
    file.flush_data(1, lease=A, lease_action="release")
    assert file.get_file_properties().lease.state == "available"


def test_a_write_acquires_a_lease(bench: Bench) -> None:
    file: Any = bench.made_file_system().create_file("file")
    file.append_data(b"1", 0, lease_action="acquire", lease_duration=-1, lease=A)
    assert file.get_file_properties().lease.duration == "infinite"
    with refused(412, "LeaseIdMissing"):
        file.flush_data(1)
    file.flush_data(1, lease=A, lease_action="release")
    file.append_data(b"2", 1)
    file.flush_data(2, lease=A, lease_action="acquire-release", lease_duration=15)
    assert file.get_file_properties().lease.state == "available"
    assert file.download_file().readall() == b"12"


def test_who_shows_the_lease_of_a_blob_may_replace_it(bench: Bench) -> None:
    bench.made_file_system()
    blob: Any = bench.blobs().get_blob_client("data", "blob")
    blob.upload_blob(b"1")
    with refused(409, "BlobAlreadyExists"):
        blob.upload_blob(b"2")
    lease = blob.acquire_lease(lease_id=A)
    blob.upload_blob(b"2", lease=lease)
    assert blob.download_blob().readall() == b"2"
