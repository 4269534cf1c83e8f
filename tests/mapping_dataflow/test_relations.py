"""Relations check themselves: a violation is a defect of the compiler and never reaches the engine."""

from __future__ import annotations

import pytest

from mapping_dataflow.analysis.columns import Column
from mapping_dataflow.analysis.datatypes import BOOLEAN, INTEGER, STRING
from mapping_dataflow.expressions import ColumnReference, Literal
from mapping_dataflow.relations import Filter, Output, Project, Scan, Union

A, B = Column("a", INTEGER, "a"), Column("b", STRING, "b")
SCAN = Scan("t", (A, B))


def test_two_columns_may_not_share_a_key_in_any_case_of_letters() -> None:
    outputs = (Output(A, Literal(1, INTEGER)), Output(Column("x", INTEGER, "A"), Literal(2, INTEGER)))
    with pytest.raises(ValueError, match="internal-error: two columns share a key among"):
        Project(SCAN, outputs)


@pytest.mark.parametrize(
    "reference",
    [ColumnReference("c", INTEGER), ColumnReference("a", STRING), ColumnReference("a", INTEGER, 1)],
)
def test_a_reference_must_be_a_column_of_its_input(reference: ColumnReference) -> None:
    with pytest.raises(ValueError, match=r"internal-error: .* is not a column of input"):
        Project(SCAN, (Output(Column("x", reference.type, "x"), reference),))


def test_a_condition_must_be_boolean() -> None:
    with pytest.raises(ValueError, match="internal-error: a condition of type integer"):
        Filter(SCAN, ColumnReference("a", INTEGER))
    assert Filter(SCAN, Literal(True, BOOLEAN)).columns == (A, B)


def test_every_part_of_a_union_has_all_columns() -> None:
    with pytest.raises(ValueError, match="internal-error: a part of a union lacks columns"):
        Union((SCAN,), (A, B), ((ColumnReference("a", INTEGER),),))
