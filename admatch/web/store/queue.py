"""The queue of jobs: what is to be done, for which account, and how it ended."""

from enum import StrEnum

from admatch.messages import say
from admatch.store.workspace import Row, Transaction, Workspace, now
from admatch.web.messages import to_text

ATTEMPTS = 2  # a job whose process died twice is not tried again


class State(StrEnum):
    """How far a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Queue(StrEnum):
    """Which workers do a job: those that read files, or those that do runs."""

    READING = "reading"
    RUNS = "runs"


OPEN = (State.QUEUED, State.RUNNING)


def add_job(transaction: Transaction, job_id: str, account_id: str, queue: Queue) -> None:
    """Queue a job, in the transaction that makes its upload or run."""
    transaction.run(
        "INSERT INTO jobs VALUES (?, ?, ?, ?, 0, NULL, ?, NULL, NULL)",
        [job_id, account_id, queue.value, State.QUEUED.value, now()],
    )


def take_job(workspace: Workspace, queue: Queue) -> Row | None:
    """Return the next job of a queue, now running; None where none can start.

    The account with the fewest running jobs comes first, so that no account waits for all jobs of
    another. A run waits until its uploads are read, and fails where one of them cannot be.
    """
    with workspace.writing() as transaction:
        _fail_orphans(transaction)
        found = transaction.row(_NEXT, [queue.value, queue.value])
        if found is None:
            return None
        transaction.run(
            "UPDATE jobs SET state = 'running', attempts = attempts + 1, started = ?, reason = NULL"
            " WHERE id = ?",
            [now(), found["id"]],
        )
    return found | {"state": State.RUNNING.value, "attempts": found["attempts"] + 1}


def end_job(transaction: Transaction, job_id: str, state: State, reason: str | None = None) -> bool:
    """Set how a running job ended; return False where it was no longer running."""
    done = transaction.run(
        "UPDATE jobs SET state = ?, reason = ?, ended = ? WHERE id = ? AND state = 'running'"
        " RETURNING id",
        [state.value, to_text(reason), now(), job_id],
    )
    return bool(done)


def interrupted(transaction: Transaction, job_id: str, *, by_us: bool = False) -> State | None:
    """Queue a job again whose process ended, or fail it after its last attempt; return its state.

    ``by_us``: the server was stopped in good order, which says nothing about the job.
    """
    row = transaction.row("SELECT attempts FROM jobs WHERE id = ? AND state = 'running'", [job_id])
    if row is None:
        return None
    if row["attempts"] >= ATTEMPTS and not by_us:
        end_job(transaction, job_id, State.FAILED, say("web.job.interrupted"))
        return State.FAILED
    transaction.run(
        "UPDATE jobs SET state = 'queued', attempts = attempts - ? WHERE id = ?",
        [int(by_us), job_id],
    )
    return State.QUEUED


def recover(workspace: Workspace) -> list[str]:
    """Queue again what was running when the last server ended; return those jobs' ids."""
    with workspace.writing() as transaction:
        rows = transaction.run("SELECT id FROM jobs WHERE state = 'running'")
        for row in rows:
            interrupted(transaction, row["id"])
    return [row["id"] for row in rows]


def cancel_job(workspace: Workspace, account_id: str, job_id: str) -> State | None:
    """Cancel a job that is queued or running; return what it was, or None where it is over."""
    with workspace.writing() as transaction:
        row = transaction.row(
            "SELECT state FROM jobs WHERE id = ? AND account_id = ?", [job_id, account_id]
        )
        if row is None or row["state"] not in OPEN:
            return None
        transaction.run(
            "UPDATE jobs SET state = 'cancelled', reason = ?, ended = ? WHERE id = ?",
            [to_text(say("web.job.cancelled")), now(), job_id],
        )
    return State(row["state"])


def is_known(workspace: Workspace, job_id: str) -> bool:
    """Return whether there is an upload, a run or an audit with this id."""
    return workspace.row("SELECT id FROM jobs WHERE id = ?", [job_id]) is not None


def waiting_before(workspace: Workspace, job_id: str) -> int:
    """Return how many jobs of the same queue were added before this one."""
    row = workspace.row(
        "SELECT count(*) AS n FROM jobs JOIN jobs AS own ON own.lane = jobs.lane"
        " WHERE own.id = ? AND jobs.state = 'queued' AND jobs.created < own.created",
        [job_id],
    )
    return int(row["n"]) if row else 0


def open_jobs(workspace: Workspace, account_id: str, queue: Queue) -> int:
    """Return how many jobs of an account are queued or running in a queue."""
    row = workspace.row(
        "SELECT count(*) AS n FROM jobs WHERE account_id = ? AND lane = ?"
        " AND state IN ('queued', 'running')",
        [account_id, queue.value],
    )
    return int(row["n"]) if row else 0


_NEXT = """
WITH busy AS (
    SELECT account_id, count(*) AS n FROM jobs WHERE state = 'running' AND lane = ? GROUP BY ALL
)
SELECT jobs.* FROM jobs LEFT JOIN busy USING (account_id)
LEFT JOIN runs ON runs.id = jobs.id
LEFT JOIN jobs AS catalog ON catalog.id = runs.catalog_id
LEFT JOIN jobs AS report ON report.id = runs.report_id
WHERE jobs.state = 'queued' AND jobs.lane = ?
    AND (runs.id IS NULL OR (catalog.state = 'done' AND report.state = 'done'))
ORDER BY coalesce(busy.n, 0), jobs.created, jobs.id LIMIT 1
"""


def _fail_orphans(transaction: Transaction) -> None:
    """Fail the queued runs whose uploads are gone or cannot be read."""
    orphans = transaction.run(
        "SELECT runs.id FROM runs JOIN jobs ON jobs.id = runs.id"
        " LEFT JOIN jobs AS catalog ON catalog.id = runs.catalog_id"
        " LEFT JOIN jobs AS report ON report.id = runs.report_id"
        " WHERE jobs.state = 'queued' AND (coalesce(catalog.state, 'failed')"
        " IN ('failed', 'cancelled')"
        " OR coalesce(report.state, 'failed') IN ('failed', 'cancelled'))"
    )
    reason = to_text(say("web.job.no_uploads"))
    for row in orphans:
        transaction.run(
            "UPDATE jobs SET state = 'failed', ended = ?, reason = ? WHERE id = ?",
            [now(), reason, row["id"]],
        )
