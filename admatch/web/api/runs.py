"""Routes of runs: start, show, follow, cancel, delete."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from admatch.errors import InputError
from admatch.messages import from_json, say
from admatch.pipeline.options import NewCampaigns
from admatch.store.workspace import Row
from admatch.web.api.models import (
    Named,
    NewRun,
    Run,
    RunProgress,
    RunResult,
    RunSettings,
    RunUpload,
)
from admatch.web.auth import CurrentServer, CurrentVisitor, Visitor, too_many
from admatch.web.problems import ProblemError, not_found
from admatch.web.server import Server, new_id
from admatch.web.store.deletion import delete_run
from admatch.web.store.queue import OPEN, Queue, State, cancel_job, open_jobs, waiting_before
from admatch.web.store.runs import add_run, find_run, list_runs
from admatch.web.store.uploads import Kind, find_products, find_upload
from admatch.web.work.eta import STAGES, seconds_left, share_done
from admatch.web.work.known_uploads import known_uploads

router = APIRouter(tags=["runs"])

_MOST_OPEN = 20  # runs of one account that are queued or running
_LOOK = 1.0  # seconds between two looks at a run that is followed
_MOST_STREAMS = 50  # of an account: each asks the database once a second
_LONGEST = 1800.0  # seconds that one stream of events lasts at most
_UNREADABLE = {
    Kind.CATALOG: say("web.run.catalog_unreadable"),
    Kind.REPORT: say("web.run.report_unreadable"),
}


@router.post("/runs", status_code=202)
def new_run(
    server: CurrentServer,
    visitor: CurrentVisitor,
    body: NewRun,
    response: Response,
    idempotency_key: Annotated[
        str | None,
        Header(min_length=1, max_length=200, description="The same key returns the same run"),
    ] = None,
) -> Run:
    """Queue a run of a report over a catalog; 200 and the earlier run for a known key."""
    account_id = visitor.account.id
    wait = server.rates.take("run", account_id)
    if wait:
        raise too_many(wait)
    catalog_id = body.catalog_id or body.report_id
    _check_uploads(server, account_id, catalog_id, body.report_id)
    settings = body.settings.model_dump()
    if settings["new_campaigns"] is not None:
        NewCampaigns(**settings["new_campaigns"])  # raises 422 for a pattern that cannot be meant
    run_id, fresh = queue_run(
        server, account_id, catalog_id, body.report_id, settings, idempotency_key
    )
    if not fresh:
        response.status_code = 200
    return run_model(server, _found(server, visitor, run_id))


def _check_uploads(server: Server, account_id: str, catalog_id: str, report_id: str) -> None:
    """Raise 404 where an upload is missing, 409 where it cannot be analysed."""
    report = find_upload(server.workspace, account_id, Kind.REPORT, report_id)
    own = catalog_id == report_id
    catalog = report if own else find_products(server.workspace, account_id, catalog_id)
    for kind, upload in ((Kind.CATALOG, catalog), (Kind.REPORT, report)):
        if upload is None:
            raise not_found(Kind.REPORT.value if own else kind.value)
        if upload["state"] in (State.FAILED, State.CANCELLED):
            raise ProblemError(409, _UNREADABLE[Kind.REPORT if own else kind])
    lacking = ((report or {}).get("facts") or {}).get("lacking")
    if lacking:
        raise ProblemError(409, from_json(lacking))


def queue_run(
    server: Server,
    account_id: str,
    catalog_id: str,
    report_id: str,
    settings: dict[str, Any],
    key: str | None = None,
) -> tuple[str, bool]:
    """Queue a run; return its id and whether it is new. Raises 429 where too many are queued."""
    if open_jobs(server.workspace, account_id, Queue.RUNS) >= _MOST_OPEN:
        raise ProblemError(429, say("web.run.too_many", n=_MOST_OPEN), {"Retry-After": "60"})
    try:
        made = add_run(server.workspace, new_id(), account_id, catalog_id, report_id, settings, key)
    except InputError as error:
        raise ProblemError(409, error.message) from None
    server.runs.look()
    return made


@router.get("/runs")
def runs(server: CurrentServer, visitor: CurrentVisitor) -> list[Run]:
    """List the runs, the newest first."""
    return [run_model(server, row) for row in list_runs(server.workspace, visitor.account.id)]


@router.get("/runs/{run_id}")
def run(server: CurrentServer, visitor: CurrentVisitor, run_id: str) -> Run:
    """Return a run: its state, and how far it is."""
    return run_model(server, _found(server, visitor, run_id))


@router.get(
    "/runs/{run_id}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "A Run per event"}},
)
async def events(
    request: Request, server: CurrentServer, visitor: CurrentVisitor, run_id: str
) -> StreamingResponse:
    """Follow a run until it ends: an event with the JSON of GET whenever something changed."""
    await run_in_threadpool(_found, server, visitor, run_id)
    if server.streams[visitor.account.id] >= _MOST_STREAMS:
        raise too_many(_LOOK)
    stream = _events(request, server, visitor, run_id)
    return StreamingResponse(stream, media_type="text/event-stream")


@router.delete("/runs/{run_id}")
def cancel(server: CurrentServer, visitor: CurrentVisitor, run_id: str) -> Run:
    """Cancel a queued or running run; one that is over stays as it is."""
    row = _found(server, visitor, run_id)
    if cancel_job(server.workspace, visitor.account.id, row["id"]) is State.RUNNING:
        server.runs.interrupt(row["id"])
    return run_model(server, _found(server, visitor, run_id))


@router.delete("/runs/{run_id}/data", status_code=204)
def delete(server: CurrentServer, visitor: CurrentVisitor, run_id: str) -> None:
    """Delete a run with its results and verdicts."""
    row = _found(server, visitor, run_id)
    if cancel_job(server.workspace, visitor.account.id, row["id"]):
        server.runs.interrupt(row["id"])
    delete_run(server.workspace, visitor.account.id, row["id"])


async def _events(
    request: Request, server: Server, visitor: Visitor, run_id: str
) -> AsyncIterator[str]:
    server.streams[visitor.account.id] += 1
    try:
        async for event in _changes(request, server, visitor, run_id):
            yield event
    finally:
        server.streams[visitor.account.id] -= 1


async def _changes(
    request: Request, server: Server, visitor: Visitor, run_id: str
) -> AsyncIterator[str]:
    last, until = "", time.monotonic() + _LONGEST
    quiet = 0
    while time.monotonic() < until and not await request.is_disconnected():
        row = await run_in_threadpool(find_run, server.workspace, visitor.account.id, run_id)
        if row is None:
            return
        model = await run_in_threadpool(run_model, server, row)
        text = json.dumps(model.model_dump(mode="json"))
        quiet += 1
        if text != last:
            yield f"data: {text}\n\n"
            last, quiet = text, 0
        elif quiet >= 15:
            yield ": still here\n\n"
            quiet = 0
        if row["state"] not in OPEN:
            return
        await asyncio.sleep(_LOOK)


def _found(server: Server, visitor: Visitor, run_id: str) -> Row:
    row = find_run(server.workspace, visitor.account.id, run_id)
    if row is None:
        raise not_found("run")
    return row


def run_model(server: Server, row: Row) -> Run:
    """Return a run as the API has it."""
    queued = row["state"] == State.QUEUED
    return Run(
        id=row["id"],
        state=State(row["state"]),
        reason=row["reason"],
        attempts=row["attempts"],
        catalog=None
        if row["catalog_id"] == row["report_id"]
        else Named(id=row["catalog_id"], name=row["catalog_name"]),
        report=Named(id=row["report_id"], name=row["report_name"]),
        settings=RunSettings(**row["settings"]),
        progress=_progress(server, row),
        waiting_before=waiting_before(server.workspace, row["id"]) if queued else 0,
        created=row["created"],
        started=row["started"],
        ended=row["ended"],
        period=_period(server, row),
        results=[_result(one["expected"]) for one in (row["summary"] or {}).get("currencies", [])],
        uploads=_uploads(server, row),
    )


def _period(server: Server, row: Row) -> list[str] | None:
    report = find_upload(server.workspace, row["account_id"], Kind.REPORT, row["report_id"])
    period: list[str] | None = ((report or {}).get("facts") or {}).get("period")
    return period


def _uploads(server: Server, row: Row) -> list[RunUpload]:
    """Return what Amazon reported on the uploads of a run."""
    known = known_uploads(server.workspace.path(row["account_id"], row["id"]))
    return [
        RunUpload(read=one["read"], made=one["made"], failed=len(one["failed"])) for one in known
    ]


def _result(expected: dict[str, Any]) -> RunResult:
    """Return the figures of one currency that a list of runs shows."""
    before, after = expected["spend_before"], expected["spend_after"]
    return RunResult(
        currency=expected["currency"],
        changes=expected["changes"],
        freed=None if before is None or after is None else before - after,
        acos_before=expected["acos_before"],
        acos_after=expected["acos_after"],
        waiting=expected.get("unwritable") or 0,
    )


def _progress(server: Server, row: Row) -> RunProgress | None:
    progress = server.runs.progress(row["id"])
    if progress is None or row["state"] != State.RUNNING:
        return None
    products, terms = _size(server, row)
    now = time.monotonic()
    return RunProgress(
        stage=progress.stage,
        stages=list(STAGES),
        done=progress.done,
        total=progress.total,
        share=round(share_done(progress, products, terms, now), 3),
        seconds_left=seconds_left(progress, now, products, terms),
    )


def _size(server: Server, row: Row) -> tuple[int, int]:
    """Return how many products and terms a run has."""
    account_id = row["account_id"]
    catalog = find_products(server.workspace, account_id, row["catalog_id"])
    report = find_upload(server.workspace, account_id, Kind.REPORT, row["report_id"])
    products = ((catalog or {}).get("facts") or {}).get("products") or 0
    terms = sum((((report or {}).get("facts") or {}).get("terms") or {"": 1000}).values())
    return int(products), int(terms)
