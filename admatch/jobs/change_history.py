"""What was changed in an account before a night, and what that keeps it from: ``ChangeHistory``."""

from dataclasses import dataclass
from datetime import date
from functools import partial

import polars as pl

from admatch.decisions.guard_rails import FRESH_DAYS
from admatch.decisions.holdout import Name
from admatch.decisions.outcomes import AFTER, AppliedChanges
from admatch.impact.changes import ChangeSet
from admatch.jobs.records import AccountJob
from admatch.jobs.store.facts import files_of
from admatch.jobs.store.held import held_changes, released_changes
from admatch.jobs.store.judgements import rejected
from admatch.jobs.store.proposals import FLIP_DAYS, mature_changes, seen_changes
from admatch.store.workspace import Transaction

_WINDOW, _EVER = 7, 36_500  # days


@dataclass(frozen=True, slots=True)
class ChangeHistory:
    """Changes that are not to be judged yet, those not to be taken back, those to learn from.

    ``held`` are the ones left undone on purpose beside ``mature`` ones of the same night,
    ``released`` those that were left undone for long enough. ``rejected`` is what people said no
    to.
    """

    cooling: ChangeSet
    earlier: ChangeSet
    every: ChangeSet
    mature: list[AppliedChanges]
    held: list[AppliedChanges]
    released: frozenset[Name]
    rejected: pl.DataFrame


def history_of(transaction: Transaction, ask: AccountJob, as_of: date) -> ChangeHistory:
    """Return what was changed before, as the account and the journals show it."""
    window = ask.window_days or _window(transaction, ask.name) or _WINDOW
    ripe = AFTER + window + FRESH_DAYS  # their clicks have had all their orders told
    days = ripe if ask.cooldown_days is None else ask.cooldown_days
    seen = partial(seen_changes, transaction, ask.name, as_of)
    mature = mature_changes(transaction, ask.name, as_of, max(days, ripe))
    return ChangeHistory(
        cooling=seen(days),
        earlier=seen(max(days, FLIP_DAYS), standing=True),
        every=seen(_EVER),
        mature=mature,
        held=held_changes(transaction, ask.name, mature),
        released=released_changes(transaction, ask.name, as_of),
        rejected=rejected(transaction, ask.name, as_of),
    )


def _window(transaction: Transaction, account: str) -> int | None:
    windows = [file["window_days"] for file in files_of(transaction, account)]
    return max((days for days in windows if days), default=None)
