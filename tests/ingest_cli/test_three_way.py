"""What Studio changed is put into a file that holds placeholders and values of its own."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ingest_cli.three_way import Merge

values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "a", "b"]), inner),
    max_leaves=10,
)


def merged(base: Any, ours: Any, theirs: Any) -> tuple[Any, list[str]]:
    merge = Merge()
    return merge.merged(base, ours, theirs), merge.conflicts


def test_a_placeholder_stays_where_studio_changed_something_else() -> None:
    base = {"url": "https://lake", "retry": 1, "activities": [{"name": "a", "v": "https://lake"}, {"name": "b"}]}
    ours = {"url": "<bound>", "retry": 1, "activities": [{"name": "a", "v": "<bound>"}, {"name": "b"}]}
    theirs = {"url": "https://lake", "activities": [{"name": "c"}, {"name": "a", "v": "https://lake", "w": 1}], "x": 2}
    assert merged(base, ours, theirs) == (
        {"url": "<bound>", "activities": [{"name": "c"}, {"name": "a", "v": "<bound>", "w": 1}], "x": 2},
        [],
    )


def test_what_both_changed_is_told_and_left() -> None:
    base = {"a": 1, "list": [1], "gone": 1}
    ours = {"a": 2, "list": [2], "gone": 2}
    theirs = {"a": 3, "list": [1, 3]}
    assert merged(base, ours, theirs) == (ours, [".a", ".list", ".gone"])


@given(values, values)
def test_without_an_edit_of_the_file_it_becomes_what_studio_made(base: Any, theirs: Any) -> None:
    assert merged(base, base, theirs) == (theirs, [])


@given(values, values)
def test_without_a_change_in_studio_the_file_stays(base: Any, ours: Any) -> None:
    assert merged(base, ours, base) == (ours, [])
