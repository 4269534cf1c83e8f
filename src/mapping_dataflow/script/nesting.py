"""How deep a script may be nested, and the room that Python needs for it.

Every level of brackets and every operator of a chain is a level of the tree, which everything behind the parser walks
down by recursion.
"""

from __future__ import annotations

import sys

from mapping_dataflow.errors import ProblemFound, Span

MOST_LEVELS = 500
"""So many columns are added up, or conditions nested, by generated flows at the most."""
FEW_LEVELS = 30
"""For so many there is room without asking."""
_FRAMES_A_LEVEL = 60
"""Calls of Python that stand in each other for one level, at the most (while SQL is written)."""


def check_depth(levels: int, span: Span) -> None:
    """Makes room for so many levels; it is kept, since trees live longer than their parser. Raises ProblemFound."""
    if levels > MOST_LEVELS:
        raise ProblemFound(
            "the script is nested too deeply here",
            span,
            expected=f"at most {MOST_LEVELS} brackets and operators in each other",
            hint="compute a part of it in a derive before",
        )
    needed = MOST_LEVELS * _FRAMES_A_LEVEL
    if sys.getrecursionlimit() < needed:
        sys.setrecursionlimit(needed)
