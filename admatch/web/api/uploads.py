"""Routes of catalogs and reports: upload, list, show, delete."""

import json
import shutil
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Query, UploadFile
from fastapi.responses import FileResponse
from pydantic import TypeAdapter, ValidationError

from admatch.messages import say
from admatch.pipeline.target import propose_target
from admatch.store.workspace import Row
from admatch.tables.dates import YEARS
from admatch.web.api.models import Catalog, Parts, Product, Products, Report, Target
from admatch.web.auth import CurrentServer, CurrentVisitor, Visitor, too_many
from admatch.web.catalogs import catalog_name, find_products, picture_file
from admatch.web.goals import parts_page
from admatch.web.problems import ProblemError, not_found
from admatch.web.server import Server
from admatch.web.store.audits import audits_using
from admatch.web.store.deletion import delete_upload
from admatch.web.store.queue import Queue, State, cancel_job, open_jobs
from admatch.web.store.uploads import (
    Kind,
    find_upload,
    list_uploads,
    runs_using,
)
from admatch.web.store.uploads import (
    find_products as find_with_products,
)
from admatch.web.uploads import Earlier, accept_upload
from admatch.web.work.file_names import UNREAD

router = APIRouter()

_OfProducts = Literal["title", "product_id", "brand", "price", "description", "sku"]
_OfReports = Literal[
    "search_term", "clicks", "spend", "sales", "orders", "impressions", "campaign", "ad_group",
    "targeting", "match_type", "currency", "date", "start_date", "end_date",
]  # fmt: skip
_COLUMNS = TypeAdapter(dict[str, dict[_OfProducts, str] | dict[_OfReports, str]])
_MOST_UNREAD = 100  # uploads of one account that may wait to be read

Currency = Annotated[
    str | None, Form(pattern="^[A-Z]{3}$", description="For rows whose file does not name it.")
]

Period = Annotated[
    str | None,
    Form(
        pattern=r"^[0-9]{4}(-[0-9]{2}){2}/[0-9]{4}(-[0-9]{2}){2}$",
        description="First and last day, for rows whose file names none.",
    ),
]


@router.post("/catalogs", status_code=202, tags=["catalogs"])
def upload_catalog(
    server: CurrentServer,
    visitor: CurrentVisitor,
    file: Annotated[
        UploadFile, File(description="Products as CSV, XLSX …, or a zip with pictures")
    ],
    pictures: Annotated[
        list[UploadFile] | None, File(description="Pictures, or zips of them")
    ] = None,
) -> Catalog:
    """Upload a catalog; it is read in the background."""
    _admit(server, visitor)
    account_id = visitor.account.id
    files = [file, *(pictures or [])]
    upload_id = accept_upload(server, account_id, Kind.CATALOG, files)
    return Catalog(**_fields(server, _found(server, visitor, Kind.CATALOG, upload_id)))


@router.get("/catalogs", tags=["catalogs"])
def catalogs(server: CurrentServer, visitor: CurrentVisitor) -> list[Catalog]:
    """List the catalogs, the newest first, with those that came among other files."""
    account_id = visitor.account.id
    rows = [
        *list_uploads(server.workspace, account_id, Kind.CATALOG),
        *(
            one
            for one in list_uploads(server.workspace, account_id, Kind.REPORT)
            if (one["facts"] or {}).get("products")
        ),
    ]
    rows.sort(key=lambda one: one["created"], reverse=True)
    return [_catalog(server, row) for row in rows]


@router.get("/catalogs/{catalog_id}", tags=["catalogs"])
def catalog(server: CurrentServer, visitor: CurrentVisitor, catalog_id: str) -> Catalog:
    """Return a catalog: its state, what was read, what was passed over."""
    return _catalog(server, _products(server, visitor, catalog_id), problems=True)


@router.delete("/catalogs/{catalog_id}", status_code=204, tags=["catalogs"])
def delete_catalog(server: CurrentServer, visitor: CurrentVisitor, catalog_id: str) -> None:
    """Delete a catalog, its pictures, and every run over it."""
    _delete(server, visitor, Kind.CATALOG, catalog_id)


@router.get("/catalogs/{catalog_id}/products", tags=["catalogs"])
def products(
    server: CurrentServer,
    visitor: CurrentVisitor,
    catalog_id: str,
    q: Annotated[str, Query(max_length=200)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Products:
    """List the products of a catalog, or those whose title, brand or id contains some words."""
    _products(server, visitor, catalog_id)
    folder = server.workspace.path(visitor.account.id, catalog_id)
    total, items = find_products(server.frames, folder, catalog_id, q, page, size)
    return Products(total=total, page=page, size=size, items=[Product(**one) for one in items])


@router.get(
    "/catalogs/{catalog_id}/pictures/{product_id:path}",
    tags=["catalogs"],
    response_class=FileResponse,
    responses={200: {"content": {"image/jpeg": {}}}},
)
def picture(
    server: CurrentServer,
    visitor: CurrentVisitor,
    catalog_id: str,
    product_id: str,
    side: Annotated[int, Query(ge=32, le=1024)] = 144,
) -> FileResponse:
    """Return a product's first picture as a JPEG inside a square of ``side`` pixels."""
    _products(server, visitor, catalog_id)
    folder = server.workspace.path(visitor.account.id, catalog_id)
    found = picture_file(server, folder, product_id, side)
    if found is None:
        raise not_found("picture")
    headers = {"Cache-Control": "private, max-age=86400"}
    return FileResponse(found, media_type="image/jpeg", headers=headers)


@router.post("/reports", status_code=202, tags=["reports"])
def upload_report(
    server: CurrentServer,
    visitor: CurrentVisitor,
    files: Annotated[
        list[UploadFile] | None,
        File(description="Reports, bulk files, products, pictures: XLSX, CSV, JSON, or zips"),
    ] = None,
    currency: Currency = None,
    columns: Annotated[
        str | None,
        Form(
            max_length=10_000,
            description='Headers by field: {"FILE ID": {"title": …}} of products, '
            '{"FILE ID": {"search_term": …, "clicks": …, "spend": …}} of a report.',
        ),
    ] = None,
    period: Period = None,
    of: Annotated[
        str | None, Form(max_length=64, description="An upload whose files come along")
    ] = None,
    without: Annotated[
        list[str] | None, Form(max_length=1000, description="Ids of its files that do not")
    ] = None,
) -> Report:
    """Upload files of an account in any order; they are read together, in the background."""
    _admit(server, visitor)
    base = None if of is None else _found(server, visitor, Kind.REPORT, of)
    options = _options(base, currency, columns, period)
    earlier = _earlier(server, base, without or [])
    upload_id = accept_upload(
        server, visitor.account.id, Kind.REPORT, files or [], options, earlier
    )
    return Report(**_fields(server, _found(server, visitor, Kind.REPORT, upload_id)))


@router.get("/reports", tags=["reports"])
def reports(server: CurrentServer, visitor: CurrentVisitor) -> list[Report]:
    """List the reports, the newest first; without those that went on in a later one."""
    rows = list_uploads(server.workspace, visitor.account.id, Kind.REPORT)
    older = {(one["files"][0].get("options") or {}).get("of") for one in rows}
    rows = [
        one for one in rows if one["id"] not in older or runs_using(server.workspace, one["id"])
    ]
    return [Report(**_fields(server, row) | {"problems": []}) for row in rows]


@router.get("/reports/{report_id}", tags=["reports"])
def report(server: CurrentServer, visitor: CurrentVisitor, report_id: str) -> Report:
    """Return a report: what was recognised, totals, problems by row."""
    return Report(**_fields(server, _found(server, visitor, Kind.REPORT, report_id)))


@router.get("/reports/{report_id}/target", tags=["reports"])
def target(
    server: CurrentServer,
    visitor: CurrentVisitor,
    report_id: str,
    margin: Annotated[float | None, Query(gt=0, le=1, description="Profit before ads")] = None,
) -> Target:
    """Return a target ACOS for these reports, proposed from their ACOS and a margin."""
    facts = _found(server, visitor, Kind.REPORT, report_id)["facts"] or {}
    totals = sorted(facts.get("totals") or [], key=lambda one: -(one["spend"] or 0))
    proposed = propose_target(totals[0]["acos"] if totals else None, margin)
    return Target(target_acos=proposed.target_acos, why=proposed.why)


@router.get("/reports/{report_id}/parts", tags=["reports"])
def parts(
    server: CurrentServer,
    visitor: CurrentVisitor,
    report_id: str,
    catalog_id: Annotated[str | None, Query(max_length=64)] = None,
    kind: Literal["campaign", "portfolio", "brand", "product"] | None = None,
    q: Annotated[str, Query(max_length=200)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    size: Annotated[int, Query(ge=1, le=200)] = 25,
) -> Parts:
    """List campaigns, portfolios, brands and products, which may have goals of their own."""
    report = _found(server, visitor, Kind.REPORT, report_id)
    catalog = _products(server, visitor, catalog_id) if catalog_id else report
    path = server.workspace.path
    folders = tuple(path(one["account_id"], one["id"]) for one in (report, catalog))
    return Parts(**parts_page(server.frames, (folders[0], folders[1]), kind, q, page, size))


@router.delete("/reports/{report_id}", status_code=204, tags=["reports"])
def delete_report(server: CurrentServer, visitor: CurrentVisitor, report_id: str) -> None:
    """Delete a report and every run over it."""
    _delete(server, visitor, Kind.REPORT, report_id)


def _admit(server: Server, visitor: Visitor) -> None:
    """Raise 429 where the account uploads too much at once, 503 where the disk is nearly full."""
    wait = server.rates.take("upload", visitor.account.id)
    if wait:
        raise too_many(wait)
    if open_jobs(server.workspace, visitor.account.id, Queue.READING) >= _MOST_UNREAD:
        raise too_many(30)
    if shutil.disk_usage(server.workspace.folder).free < 2 * server.limits.request:
        raise ProblemError(503, say("web.upload.disk_full"))


def _found(server: Server, visitor: Visitor, kind: Kind, upload_id: str) -> Row:
    row = find_upload(server.workspace, visitor.account.id, kind, upload_id)
    if row is None:
        raise not_found(kind.value)
    return row


def _products(server: Server, visitor: Visitor, upload_id: str) -> Row:
    row = find_with_products(server.workspace, visitor.account.id, upload_id)
    if row is None:
        raise not_found(Kind.CATALOG.value)
    return row


def _catalog(server: Server, row: Row, *, problems: bool = False) -> Catalog:
    """Return an upload with products as a catalog; of other files only what both have."""
    fields = {k: v for k, v in _fields(server, row).items() if k in Catalog.model_fields}
    fields["name"] = catalog_name(row)
    return Catalog(**fields | ({} if problems else {"problems": []}))


def _options(
    base: Row | None, currency: str | None, columns: str | None, period: str | None
) -> dict[str, Any]:
    """Return how files are read: as those that they are added to, unless it is said anew."""
    options: dict[str, Any] = {}
    if base is not None:
        options = dict(base["files"][0].get("options") or {}) | {"of": base["id"]}
    if currency:
        options["currency"] = currency
    if period:
        options["period"] = _days(period)
    if columns:
        try:
            named = _COLUMNS.validate_json(columns)
        except ValidationError:
            raise ProblemError(422, say("web.upload.columns")) from None
        options["columns"] = options.get("columns", {}) | named
    return options


def _days(period: str) -> list[str]:
    """Return the first and the last day of "2025-05-01/2025-05-30"."""
    try:
        first, last = (date.fromisoformat(one) for one in period.split("/"))
    except ValueError:
        raise ProblemError(422, say("web.upload.period")) from None
    if last < first or not {first.year, last.year} <= set(YEARS):
        raise ProblemError(422, say("web.upload.period"))
    return [first.isoformat(), last.isoformat()]


def _earlier(server: Server, base: Row | None, without: list[str]) -> list[Earlier]:
    if base is None:
        return []
    folder = server.workspace.path(base["account_id"], base["id"]) / "source"
    return [
        Earlier(folder / one["kept"], one) for one in base["files"] if one["kept"] not in without
    ]


def _delete(server: Server, visitor: Visitor, kind: Kind, upload_id: str) -> None:
    row = _found(server, visitor, kind, upload_id)
    account_id = visitor.account.id
    using = (*runs_using(server.workspace, upload_id), *audits_using(server.workspace, upload_id))
    for job_id in (*using, row["id"]):
        if cancel_job(server.workspace, account_id, job_id):
            server.runs.interrupt(job_id)
            server.reading.interrupt(job_id)
    delete_upload(server.workspace, account_id, row["id"])


def _unread(server: Server, row: Row) -> list[dict[str, Any]]:
    """Return what is known of files of which none could be used."""
    path = server.workspace.path(row["account_id"], row["id"]) / UNREAD
    if row["state"] != State.FAILED or not path.exists():
        return []
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _fields(server: Server, row: Row) -> dict[str, Any]:
    """Return an upload as its model has it: files that were read replace those that were sent."""
    facts = dict(row["facts"] or {})
    read = facts.pop("files", None) or _unread(server, row)
    sizes = {one["name"]: one["bytes"] for one in row["files"]}
    files = [one | {"bytes": sizes.get(one["name"])} for one in read or []]
    sent = [{"id": one["kept"], "name": one["name"], "bytes": one["bytes"]} for one in row["files"]]
    names = ("id", "name", "state", "reason", "created")
    fields = {name: row[name] for name in names} | facts | {"files": files or sent}
    progress = server.reading.progress(row["id"])
    if progress is None:
        return fields
    return fields | {"stage": progress.stage, "done": progress.done, "total": progress.total}
