"""Tables beside a report that hold figures but no search terms: they are named, not read."""

from collections.abc import Sequence
from pathlib import Path

from admatch.errors import Problem
from admatch.messages import say
from admatch.reports.account.kinds import recognise_account
from admatch.reports.candidates import Candidate

_FIGURES = {"clicks", "spend"}


def other_tables(path: Path, candidates: Sequence[Candidate]) -> tuple[Problem, ...]:
    """Return a problem that names such tables, if there are any, by their sheets.

    The tabs of a bulk file are not among them: they list what an account runs.
    """
    others = [
        one.table
        for one in candidates
        if one.found.missing
        and _FIGURES & one.found.columns.keys()
        and one.table.frame.height
        and recognise_account(one.table) is None
    ]
    if not others:
        return ()
    sheets = ", ".join(dict.fromkeys(table.sheet or path.name for table in others))
    what = say("reports.sheets.other_tables", n=len(others), sheets=sheets)
    return (Problem(path, what, say("reports.sheets.nothing_to_do")),)
