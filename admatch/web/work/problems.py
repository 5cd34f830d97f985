"""What was passed over while reading, as JSON can hold it."""

from collections.abc import Sequence
from typing import Any

from admatch.errors import Problem

_SHOWN = 500


def told_problems(problems: Sequence[Problem]) -> dict[str, Any]:
    """Return the first problems, each with file, row, column, value and remedy, and their count."""
    return {
        "problems": [
            {
                "file": one.file.name,
                "row": one.row,
                "column": one.column,
                "value": one.value,
                "what": one.what,
                "remedy": one.remedy,
                "text": str(one),
            }
            for one in problems[:_SHOWN]
        ],
        "problem_count": len(problems),
    }
