"""The changes made in an account before a night, from its workspace: ``history_of``."""

from datetime import date
from functools import partial

from admatch.jobs.records import AccountJob
from admatch.jobs.store.facts import files_of
from admatch.jobs.store.held import held_changes, released_changes
from admatch.jobs.store.judgements import rejected
from admatch.jobs.store.proposals import FLIP_DAYS, mature_changes, seen_changes
from admatch.pipeline.history import ChangeHistory
from admatch.pipeline.records import AFTER, FRESH_DAYS
from admatch.store.workspace import Transaction

_WINDOW, _EVER = 7, 36_500  # days


def history_of(transaction: Transaction, job: AccountJob, as_of: date) -> ChangeHistory:
    """Return the earlier changes, as the account and the journals show them."""
    window = job.options.window_days or _window(transaction, job.name) or _WINDOW
    ripe = AFTER + window + FRESH_DAYS  # by then all orders of their clicks are reported
    days = ripe if job.cooldown_days is None else job.cooldown_days
    seen = partial(seen_changes, transaction, job.name, as_of)
    mature = mature_changes(transaction, job.name, as_of, max(days, ripe))
    return ChangeHistory(
        cooling=seen(days),
        earlier=seen(max(days, FLIP_DAYS), standing=True),
        every=seen(_EVER),
        mature=mature,
        held=held_changes(transaction, job.name, mature),
        released=released_changes(transaction, job.name, as_of),
        rejected=rejected(transaction, job.name, as_of),
    )


def _window(transaction: Transaction, account: str) -> int | None:
    windows = [file["window_days"] for file in files_of(transaction, account)]
    return max((days for days in windows if days), default=None)
