"""The journals of ``admatch apply`` and ``rollback``, taken into a job's workspace."""

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
_STANDING = (*GOOD, StepOutcome.UNSEEN)  # Amazon says that it did what it does not list
_JOURNALS = {What.APPLIED: "applied", What.ROLLED_BACK: "rolled-back"}


def remember_applied(job_file: Path) -> None:
    """Take the journals of a job's nights into its workspace, where it has one.

    Raises ``InputError`` where another process has the workspace: the next ``admatch run`` will do
    it.
    """
    if "account" not in parsed(job_file):
        return
    job = read_job(job_file)
    if not (job.workspace / DATABASE).exists():
        return
    workspace = Workspace(job.workspace)
    try:
        with workspace.writing() as transaction:
            for ask in job.accounts:
                take_journals(transaction, ask.name)
    finally:
        workspace.close()


def take_journals(transaction: Transaction, account: str) -> None:
    """Keep what the journals beside the manifests of an account's nights tell.

    Raises ``InputError`` where one is damaged: then it is not known what was done.
    """
    for night in nights_of(transaction, account):
        if night["folder"]:
            for what, found in _told(night):
                note_applied(transaction, night["id"], what, found)


def _told(night: Row) -> Iterator[tuple[What, list[Ending]]]:
    first = 0
    for name, count in zip(MANIFESTS, ("to_upload", "new_bids"), strict=True):
        for what, word in _JOURNALS.items():
            found = journal_endings(Path(night["folder"]) / f"{name}.{word}.jsonl", first)
            if found:
                yield what, found
        first += night["summary"].get(count) or 0


def journal_endings(path: Path, first: int = 0) -> list[Ending]:
    """Return how the steps of a journal ended; the first of its manifest has number ``first``."""
    return [
        Ending(
            first + one.step - 2, one.outcome.value, one.outcome in _STANDING, one.note, one.id,
            moment,
        )
        for one, moment in endings(read_journal(path))
    ]  # fmt: skip
