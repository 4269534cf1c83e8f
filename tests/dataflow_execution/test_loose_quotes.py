"""Loose quotes are found and escaped part by part: a file larger than memory is no difference."""

import io
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from hypothesis import example, given
from hypothesis import strategies as st

from dataflow_execution.formats import DelimitedText
from dataflow_execution.readers import loose_quotes
from dataflow_execution.readers.loose_quotes import with_escaped_quotes


@given(st.text('",\\ab|\n\r', max_size=40), st.integers(1, 9), st.sampled_from([",", "||"]))
@example('"a,\n""b"",c"\n', 3, ",")
def test_quotes_are_escaped_in_parts_as_in_the_whole(text: str, part: int, delimiter: str) -> None:
    form = DelimitedText(column_delimiter=delimiter, multi_line=True)
    with TemporaryDirectory() as name:
        file = Path(name, "x.csv")
        file.write_text(text, encoding="utf-8", newline="")
        whole = with_escaped_quotes(file, form, Path(name, "whole")).read_bytes()
        with patch.object(loose_quotes, "_BYTES_AT_ONCE", part):
            assert with_escaped_quotes(file, form, Path(name, "parts")).read_bytes() == whole


def test_a_quote_without_an_end_is_not_kept_for_the_rest_of_a_file() -> None:
    text = b'"open,' + b"x,y\n" * 100
    with patch.object(loose_quotes, "_BYTES_AT_ONCE", 8), patch.object(loose_quotes, "_LONGEST_VALUE", 16):
        parts = list(loose_quotes._Escaping(DelimitedText()).of_stream(io.BytesIO(text)))
    assert b"".join(parts) == text
    assert max(map(len, parts)) < 40
