"""What is proposed about the settings of whole campaigns: ``settings_lines``."""

from collections.abc import Mapping

import polars as pl

from admatch.decisions.campaign_lines import as_lines, without_ruled_out
from admatch.decisions.guard_rails import GuardRails
from admatch.decisions.placements import placement_lines
from admatch.impact.changes import ChangeSet
from admatch.impact.placements import placements
from admatch.reports.account.records import Account


def settings_lines(
    rows: pl.DataFrame,
    account: Account | None,
    guard_rails: GuardRails,
    capped: Mapping[str, float],
    ruled_out: tuple[ChangeSet | None, ChangeSet | None, pl.DataFrame | None],
) -> pl.DataFrame:
    """Return a line for each setting of a campaign that should change, a unit of its own.

    ``rows`` are decided. ``ruled_out`` are recent changes, earlier ones whose opposite is not
    proposed, and what people rejected.
    """
    lines = placement_lines(rows, placements(account), guard_rails, capped)
    return as_lines(without_ruled_out(lines, *ruled_out), rows)
