"""A finished run, as the routes of its results find it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from admatch.messages import from_json, say
from admatch.store.workspace import Row
from admatch.web.auth import Visitor
from admatch.web.decisions import DecisionTable
from admatch.web.messages import STATES, joined
from admatch.web.problems import ProblemError, not_found
from admatch.web.server import Server
from admatch.web.store.queue import State
from admatch.web.store.runs import find_run
from admatch.web.store.verdicts import verdicts_of


def done_run(server: Server, visitor: Visitor, run_id: str) -> Row:
    """Return a finished run; raises 404 where there is none, 409 where it is not done."""
    row = find_run(server.workspace, visitor.account.id, run_id)
    if row is None:
        raise not_found("run")
    if row["state"] != State.DONE or row["summary"] is None:
        raise ProblemError(409, say("web.run.not_done", state=STATES[row["state"]]))
    return row


def result_folder(server: Server, row: Row) -> Path:
    """Return the folder with a run's results."""
    return server.workspace.path(row["account_id"], row["id"]) / "result"


def decision_table(server: Server, row: Row) -> DecisionTable:
    """Return a run's decisions with the verdicts on them."""
    verdicts = verdicts_of(server.workspace, row["account_id"], row["id"])
    return DecisionTable(server.frames, result_folder(server, row), verdicts)


@contextmanager
def writing_for(server: Server, row: Row) -> Iterator[None]:
    """Within it files of a run are written; of a run that is deleted meanwhile none are left."""
    try:
        yield
    finally:
        account_id, run_id = row["account_id"], row["id"]
        if find_run(server.workspace, account_id, run_id) is None:
            server.workspace.remove_files(account_id, run_id)


def withheld(row: Row) -> str | None:
    """Return why nothing may be written for upload, or None."""
    return joined([from_json(one) for one in row["summary"]["refusals"]])
