"""The queue: what is to be done, by whom it was asked, and how it went."""

from enum import StrEnum

from admatch.store.workspace import Row, Transaction, Workspace, now

ATTEMPTS = 2  # a job that took its process down twice is not tried again


class State(StrEnum):
    """How far a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Queue(StrEnum):
    """Which workers do a job: those that read files, or those that run."""

    READING = "reading"
    RUNS = "runs"


OPEN = (State.QUEUED, State.RUNNING)
INTERRUPTED = (
    "admatch stopped twice while this was being worked on; it is not tried again by itself. "
    "Start it anew, with a smaller file if it is a large one."
)


def add_job(transaction: Transaction, job_id: str, account_id: str, lane: Queue) -> None:
    """Queue a job, in the transaction that makes its upload or run."""
    transaction.run(
        "INSERT INTO jobs VALUES (?, ?, ?, ?, 0, NULL, ?, NULL, NULL)",
        [job_id, account_id, lane.value, State.QUEUED.value, now()],
    )


def take_job(workspace: Workspace, lane: Queue) -> Row | None:
    """Return the next job of a lane, now running; None where none can start.

    Whoever has fewest jobs running comes first, so that nobody waits for all of another's. A run
    waits until its uploads are read, and fails where one of them cannot be.
    """
    with workspace.writing() as transaction:
        _fail_orphans(transaction)
        found = transaction.row(_NEXT, [lane.value, lane.value])
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
        [state.value, reason, now(), job_id],
    )
    return bool(done)


def interrupted(transaction: Transaction, job_id: str, *, by_us: bool = False) -> State | None:
    """Queue a job again whose process ended, or fail it after its last attempt; return which.

    ``by_us``: the server was stopped in good order, which says nothing about the job.
    """
    row = transaction.row("SELECT attempts FROM jobs WHERE id = ? AND state = 'running'", [job_id])
    if row is None:
        return None
    if row["attempts"] >= ATTEMPTS and not by_us:
        end_job(transaction, job_id, State.FAILED, INTERRUPTED)
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
            "UPDATE jobs SET state = 'cancelled', reason = 'cancelled by you', ended = ?"
            " WHERE id = ?",
            [now(), job_id],
        )
    return State(row["state"])


def waiting_before(workspace: Workspace, job_id: str) -> int:
    """Return how many jobs of the same lane were queued before this one."""
    row = workspace.row(
        "SELECT count(*) AS n FROM jobs JOIN jobs AS own ON own.lane = jobs.lane"
        " WHERE own.id = ? AND jobs.state = 'queued' AND jobs.created < own.created",
        [job_id],
    )
    return int(row["n"]) if row else 0


def open_jobs(workspace: Workspace, account_id: str, lane: Queue) -> int:
    """Return how many jobs of an account are queued or running in a lane."""
    row = workspace.row(
        "SELECT count(*) AS n FROM jobs WHERE account_id = ? AND lane = ?"
        " AND state IN ('queued', 'running')",
        [account_id, lane.value],
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
    lost = transaction.run(
        "SELECT runs.id FROM runs JOIN jobs ON jobs.id = runs.id"
        " LEFT JOIN jobs AS catalog ON catalog.id = runs.catalog_id"
        " LEFT JOIN jobs AS report ON report.id = runs.report_id"
        " WHERE jobs.state = 'queued' AND (coalesce(catalog.state, 'failed')"
        " IN ('failed', 'cancelled')"
        " OR coalesce(report.state, 'failed') IN ('failed', 'cancelled'))"
    )
    for row in lost:
        transaction.run(
            "UPDATE jobs SET state = 'failed', ended = ?, reason = ? WHERE id = ?",
            [now(), "the catalog or the report of this run could not be read", row["id"]],
        )
