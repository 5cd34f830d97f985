"""What is proposed about the settings of whole campaigns: ``settings_lines``."""

from collections.abc import Mapping
from functools import lru_cache

import polars as pl

from admatch.decisions.budgets import budget_lines
from admatch.decisions.campaign_lines import as_lines, without_ruled_out
from admatch.decisions.guard_rails import GuardRails
from admatch.decisions.placements import placement_lines
from admatch.impact.changes import ChangeSet
from admatch.impact.placements import placements
from admatch.reports.account.records import Account
from admatch.reports.records import SearchTermReport


def settings_lines(
    rows: pl.DataFrame,
    account: Account | None,
    guard_rails: GuardRails,
    capped: Mapping[str, float],
    known: pl.DataFrame,
    ruled_out: tuple[ChangeSet | None, ChangeSet | None, pl.DataFrame | None],
) -> pl.DataFrame:
    """Return a line for each setting of a campaign that should change, a unit of its own.

    ``rows`` are decided. ``known`` is what the clicks of each placement bring. ``ruled_out`` are
    recent changes, earlier ones whose opposite is not proposed, and what people rejected.
    """
    if known.is_empty() and not capped:
        return _no_lines(tuple(rows.schema.items()), guard_rails)
    lines = [
        placement_lines(rows, known, guard_rails, capped),
        budget_lines(rows, account, guard_rails, capped),
    ]
    found = pl.concat(lines, how="diagonal_relaxed")
    return as_lines(without_ruled_out(found, *ruled_out), rows)


@lru_cache(maxsize=4)
def _no_lines(
    columns: tuple[tuple[str, pl.DataType], ...], guard_rails: GuardRails
) -> pl.DataFrame:
    """Return the lines of an account that does not say its settings: none, in any analysis."""
    rows = pl.DataFrame(schema=dict(columns))
    lines = [
        placement_lines(rows, placements(None), guard_rails, {}),
        budget_lines(rows, None, guard_rails, {}),
    ]
    return as_lines(pl.concat(lines, how="diagonal_relaxed"), rows)


def days_of(report: SearchTermReport) -> int:
    """Return the length of a report, at least one day."""
    period = report.period
    return 1 if period is None else (period[1] - period[0]).days + 1
