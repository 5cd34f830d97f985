"""The journals of ``admatch apply`` and ``rollback``, stored in a job's workspace."""

from collections.abc import Iterator
from pathlib import Path

from admatch.amazon.journal import read_journal
from admatch.amazon.outcomes import GOOD, StepOutcome, endings
from admatch.jobs.read import read_job
from admatch.jobs.store.applied import Ending, What, note_applied
from admatch.jobs.store.nights import nights_of
from admatch.store.workspace import DATABASE, Row, Transaction, Workspace
from admatch.tables.toml_file import parsed

MANIFESTS = ("changes", "bids/bids")  # of a night, in the order of its proposals
_STANDING = (*GOOD, StepOutcome.UNSEEN)  # Amazon reports success, but does not list it yet
_JOURNALS = {What.APPLIED: "applied", What.ROLLED_BACK: "rolled-back"}


def remember_applied(job_file: Path) -> None:
    """Store the journals of a job's nights in its workspace, if it has one.

    Raises ``InputError`` while another process uses the workspace; the next ``admatch run`` stores
    them then.
    """
    if "account" not in parsed(job_file):
        return
    job = read_job(job_file)
    if not (job.workspace / DATABASE).exists():
        return
    workspace = Workspace(job.workspace)
    try:
        with workspace.writing() as transaction:
            for account in job.accounts:
                take_journals(transaction, account.name)
    finally:
        workspace.close()


def take_journals(transaction: Transaction, account: str) -> None:
    """Store what the journals beside the manifests of an account's nights record.

    Raises ``InputError`` for a damaged journal, as it no longer shows what was done.
    """
    for night in nights_of(transaction, account):
        if night["folder"]:
            for what, found in _recorded(night):
                note_applied(transaction, night["id"], what, found)


def _recorded(night: Row) -> Iterator[tuple[What, list[Ending]]]:
    first = 0
    for name, count in zip(MANIFESTS, ("to_upload", "new_bids"), strict=True):
        for what, word in _JOURNALS.items():
            found = journal_endings(Path(night["folder"]) / f"{name}.{word}.jsonl", first)
            if found:
                yield what, found
        first += night["summary"].get(count) or 0


def journal_endings(path: Path, first: int = 0) -> list[Ending]:
    """Return how the steps of a journal ended; ``first`` is the number of its first proposal."""
    return [
        Ending(
            first + one.step - 2, one.outcome.value, one.outcome in _STANDING, one.note, one.id,
            moment,
        )
        for one, moment in endings(read_journal(path))
    ]  # fmt: skip
