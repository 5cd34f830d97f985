"""What was passed over or repaired while reading, as JSON can hold it."""

from collections.abc import Sequence
from typing import Any

from admatch.errors import Problem
from admatch.messages import as_json

_MOST = 500


def problem_facts(problems: Sequence[Problem]) -> dict[str, Any]:
    """Return the first problems, each with file, row, column, value and remedy, and their count."""
    return {
        "problems": [
            {
                "file": one.file.name,
                "row": one.row,
                "column": one.column,
                "value": one.value,
                "what": as_json(one.what),
                "remedy": as_json(one.remedy),
                "text": str(one),
            }
            for one in problems[:_MOST]
        ],
        "problem_count": len(problems),
    }
