"""Files that end by themselves: when, who tells it, and that nothing is left of them."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from lake_bench import Bench, refused


def test_a_file_tells_when_it_ends_until_it_never_does(bench: Bench) -> None:
    data = bench.made_file_system()
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    file = data.get_file_client("file")
    file.create_file(expires_on=end)
    assert file.get_file_properties().expiry_time == end
    assert [each.expiry_time for each in data.get_paths()] == [end]
    assert "<Expiry-Time>" in bench.send("GET", bench.blob("data?restype=container&comp=list")).text
    file.set_file_expiry("RelativeToCreation", expires_on=7_200_000)
    later = file.get_file_properties().expiry_time
    assert later is not None and later >= end + timedelta(minutes=59)
    file.set_file_expiry("NeverExpire")
    assert file.get_file_properties().expiry_time is None


def test_nothing_is_left_of_a_file_that_ended(bench: Bench) -> None:
    data = bench.made_file_system()
    data.create_directory("dir")
    file = data.get_file_client("dir/file")
    file.upload_data(b"1", overwrite=True)
    file.set_file_expiry("RelativeToNow", expires_on=1)
    time.sleep(0.01)
    assert [each.name for each in data.get_paths()] == ["dir"]
    with refused(404, "BlobNotFound"):
        file.get_file_properties()
    data.get_file_client("dir/file").create_file(match_condition=None)
    assert file.get_file_properties().size == 0


def test_a_directory_whose_files_have_ended_is_empty(bench: Bench) -> None:
    data = bench.made_file_system()
    data.get_file_client("dir/file").create_file(expires_on=1)
    time.sleep(0.01)
    assert bench.send("DELETE", bench.dfs("data/dir?recursive=false")).status_code == 200


def test_directories_and_flat_accounts_do_not_end(bench: Bench, flat: Bench) -> None:
    bench.made_file_system()
    wanted: Any = {"x_ms_expiry_option": "RelativeToNow", "x_ms_expiry_time": "1"}
    assert bench.send("PUT", bench.dfs("data/dir?resource=directory"), **wanted).status_code == 400
    flat.blobs().create_container("data").upload_blob("blob", b"1")
    answer = flat.send("PUT", flat.blob("data/blob?comp=expiry"), **wanted)
    assert (answer.status_code, answer.headers["x-ms-error-code"]) == (400, "HierarchicalNamespaceNotEnabled")
