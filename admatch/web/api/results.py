"""Routes of results: the headline, decisions, verdicts, what-if, downloads."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse

from admatch.messages import from_json, say
from admatch.store.workspace import Row
from admatch.web.api.decision_models import (
    Decision,
    DecisionDetail,
    Decisions,
    DecisionSums,
    NewVerdicts,
    RetrievedProduct,
    VerdictsGiven,
)
from admatch.web.api.result_models import ChangesFile, Download, Results, WhatIf, WhatIfResult
from admatch.web.auth import CurrentServer, CurrentVisitor, Visitor
from admatch.web.catalogs import picture_address
from admatch.web.decisions import VERDICTS, DecisionFilter, DecisionTable, api_row
from admatch.web.messages import STATES, joined
from admatch.web.problems import ProblemError, not_found
from admatch.web.server import Server
from admatch.web.store.queue import State
from admatch.web.store.runs import find_run
from admatch.web.store.verdicts import give_verdicts, verdicts_of

router = APIRouter(prefix="/runs/{run_id}", tags=["results"])

_WAIT = 30.0  # seconds for an answer that somebody waits for
TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
}
_CHANGES = {
    "changes.xlsx": say("web.file.changes"),
    "changes.inverse.xlsx": say("web.file.inverse"),
    "changes.manifest.json": say("web.file.manifest"),
}
_OFFERED = {
    "recommendations.html": say("web.file.decisions_page"),
    "recommendations.csv": say("web.file.decisions_csv"),
    "recommendations.parquet": say("web.file.decisions_parquet"),
    "matches.html": say("web.file.matches_page"),
    "matches.csv": say("web.file.matches_csv"),
    "matches.parquet": say("web.file.matches_parquet"),
    VERDICTS: say("web.file.verdicts"),
}


@router.get("/results")
def results(server: CurrentServer, visitor: CurrentVisitor, run_id: str) -> Results:
    """Return the headline: spend, ACOS, waste by cause, the expected change, the frontier."""
    row = _done(server, visitor, run_id)
    summary = {name: value for name, value in row["summary"].items() if name != "settings"}
    return Results(run_id=run_id, **summary, downloads=_downloads(server, row))


@router.get("/decisions")
def decisions(
    server: CurrentServer,
    visitor: CurrentVisitor,
    run_id: str,
    q: Annotated[
        str | None, Query(max_length=200, description="Words in term, title, campaign")
    ] = None,
    action: Annotated[
        str | None, Query(max_length=300, description="One, or several separated by commas")
    ] = None,
    outcome: Annotated[str | None, Query(max_length=100)] = None,
    verdict: Annotated[str | None, Query(max_length=100)] = None,
    in_file: bool | None = None,
    chosen: bool | None = None,
    currency: Annotated[str | None, Query(max_length=3)] = None,
    campaign: Annotated[str | None, Query(max_length=500)] = None,
    ad_group: Annotated[str | None, Query(max_length=500)] = None,
    product_id: Annotated[str | None, Query(max_length=200)] = None,
    sort: Annotated[
        str, Query(max_length=40, description="A field; '-' before it: descending")
    ] = "-spend",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    size: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Decisions:
    """Return a page of decisions, filtered, searched and sorted."""
    row = _done(server, visitor, run_id)
    in_file_text, chosen_text = (
        None if one is None else str(one).lower() for one in (in_file, chosen)
    )
    selection = DecisionFilter(
        q=q, action=action, outcome=outcome, verdict=verdict, currency=currency,
        campaign=campaign, ad_group=ad_group, product_id=product_id, in_file=in_file_text,
        chosen=chosen_text,
    )  # fmt: skip
    found = _table(server, row).page(selection, sort, page, size)
    catalog_id, pictured = row["catalog_id"], _with_picture(server, row, found["items"])
    names = tuple(Decision.model_fields)
    items = [Decision(**api_row(one, names, catalog_id, pictured)) for one in found["items"]]
    return Decisions(**found | {"items": items, "sums": DecisionSums(**found["sums"])})


@router.get("/decisions/{decision}")
def decision(
    server: CurrentServer,
    visitor: CurrentVisitor,
    run_id: str,
    decision: Annotated[int, PathParameter(ge=0, lt=2**31)],
) -> DecisionDetail:
    """Return one decision with its evidence, ID paths, and the products that its term retrieves."""
    row = _done(server, visitor, run_id)
    found = _table(server, row).detail(decision)
    if found is None:
        raise not_found("decision")
    catalog_id = row["catalog_id"]
    pictured = _with_picture(server, row, [found, *found["products"]])
    products = [
        RetrievedProduct(
            **one,
            picture=picture_address(catalog_id, one["product_id"])
            if one["product_id"] in pictured
            else None,
        )
        for one in found.pop("products")
    ]
    own = api_row(found, tuple(DecisionDetail.model_fields), catalog_id, pictured)
    return DecisionDetail(**own | {"products": products})


@router.post("/decisions")
def set_verdicts(
    server: CurrentServer, visitor: CurrentVisitor, run_id: str, body: NewVerdicts
) -> VerdictsGiven:
    """Accept or reject decisions, by number or by filter, with a note."""
    row = _done(server, visitor, run_id)
    if (body.decisions is None) == (body.filter is None):
        raise ProblemError(422, say("web.decisions.either"))
    if body.verdict is None and body.note is None:
        raise ProblemError(422, say("web.decisions.nothing"))
    selection = None if body.filter is None else DecisionFilter.of(body.filter)
    numbers = _table(server, row).numbers(selection, _valid(body.decisions))
    give_verdicts(
        server.workspace, visitor.account.id, run_id, numbers, body.verdict, body.note,
        visitor.account.name,
    )  # fmt: skip
    with server.verdicts_lock:
        _table(server, row).write_verdicts(_result(server, row) / "offered" / VERDICTS)
    return VerdictsGiven(changed=len(numbers))


def _valid(numbers: list[int] | None) -> list[int]:
    return [one for one in numbers or [] if 0 <= one < 2**31]


@router.post("/what-if")
def what_if(
    server: CurrentServer, visitor: CurrentVisitor, run_id: str, body: WhatIf
) -> WhatIfResult:
    """Return totals and frontier for another target, cap or rho, at once."""
    row = _done(server, visitor, run_id)
    arguments = server.run_arguments(row) | {"changed": body.model_dump(exclude_none=True)}
    return WhatIfResult(**server.what_if_pool.ask("what if", arguments, _WAIT))


@router.get("/downloads")
def downloads(server: CurrentServer, visitor: CurrentVisitor, run_id: str) -> list[Download]:
    """List the files of a run."""
    return _downloads(server, _done(server, visitor, run_id))


@router.get(
    "/downloads/{name}", response_class=FileResponse, responses={200: {"content": {"*/*": {}}}}
)
def download(
    server: CurrentServer,
    visitor: CurrentVisitor,
    run_id: str,
    name: str,
    marketplace: Annotated[
        str | None, Query(pattern="^[A-Z]{2}$", description="Where one currency has several")
    ] = None,
) -> FileResponse:
    """Download a file; those for upload are made from the accepted decisions as they are now."""
    row = _done(server, visitor, run_id)
    if name in _CHANGES:
        file = Path(_changes(server, row, marketplace)["folder"]) / name
    elif name in _OFFERED:
        file = _result(server, row) / "offered" / name
        if not file.exists():
            raise not_found("download")
    else:
        raise not_found("download")
    headers = {"Content-Security-Policy": "sandbox"}
    return FileResponse(file, media_type=TYPES[file.suffix], filename=name, headers=headers)


@router.get("/changes", tags=["results"])
def changes(
    server: CurrentServer,
    visitor: CurrentVisitor,
    run_id: str,
    marketplace: Annotated[str | None, Query(pattern="^[A-Z]{2}$")] = None,
) -> ChangesFile:
    """Return what changes.xlsx would hold: rows written, and why Amazon would refuse others."""
    made = _changes(server, _done(server, visitor, run_id), marketplace)
    return ChangesFile(**{name: made[name] for name in ChangesFile.model_fields})


def _changes(server: Server, row: Row, marketplace: str | None) -> dict[str, Any]:
    """Write the files for upload unless they are there; return their folder and facts."""
    arguments = server.run_arguments(row) | {
        "decisions": _table(server, row).in_file(),
        "marketplace": marketplace or row["settings"].get("marketplace"),
        "withheld": _withheld(row),
        "settings": _flat(row["summary"]["settings"]),
    }
    made: dict[str, Any] = server.what_if_pool.ask("changes", arguments, _WAIT)
    return made


def _withheld(row: Row) -> str | None:
    """Return why nothing may be written for upload, or None."""
    return joined([from_json(one) for one in row["summary"]["refusals"]])


def _flat(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in settings.items() if not isinstance(one, dict)}


def _downloads(server: Server, row: Row) -> list[Download]:
    reason = _withheld(row)
    account = server.workspace.path(row["account_id"], row["report_id"]) / "read" / "account.json"
    if reason is None and not account.exists():
        reason = say("web.download.no_account")
    address = f"/api/v1/runs/{row['id']}/downloads/"
    made = [
        Download(name=name, what=what, url=address + name, available=reason is None, reason=reason)
        for name, what in _CHANGES.items()
    ]
    return made + [
        Download(name=name, what=what, url=address + name, available=True)
        for name, what in _OFFERED.items()
        if name != VERDICTS or (_result(server, row) / "offered" / name).exists()
    ]


def _done(server: Server, visitor: Visitor, run_id: str) -> Row:
    row = find_run(server.workspace, visitor.account.id, run_id)
    if row is None:
        raise not_found("run")
    if row["state"] != State.DONE or row["summary"] is None:
        raise ProblemError(409, say("web.run.not_done", state=STATES[row["state"]]))
    return row


def _result(server: Server, row: Row) -> Path:
    return server.workspace.path(row["account_id"], row["id"]) / "result"


def _table(server: Server, row: Row) -> DecisionTable:
    verdicts = verdicts_of(server.workspace, row["account_id"], row["id"])
    return DecisionTable(server.frames, _result(server, row), verdicts)


def _with_picture(server: Server, row: Row, items: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return which of the items' products have a picture."""
    folder = server.workspace.path(row["account_id"], row["catalog_id"])
    return server.frames.with_picture(folder, [one["product_id"] for one in items])
