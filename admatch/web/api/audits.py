"""Routes of the listing audit: start, show, findings, products, downloads."""

from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse

from admatch.messages import say
from admatch.store.workspace import Row, Workspace
from admatch.web.api import audit_models as models
from admatch.web.api.downloads import TYPES
from admatch.web.audits import findings_page, one_product, products_page
from admatch.web.auth import CurrentServer, CurrentVisitor, Visitor, too_many
from admatch.web.catalogs import picture_address
from admatch.web.messages import STATES
from admatch.web.problems import ProblemError, not_found
from admatch.web.server import Server, new_id
from admatch.web.store.audits import add_audit, latest_audit
from admatch.web.store.queue import State, cancel_job
from admatch.web.store.uploads import Kind, find_products, find_upload

router = APIRouter(prefix="/catalogs/{catalog_id}/audit", tags=["audit"])

_OFFERED = ("audit.html", "audit.csv", "audit.parquet", "audit.json")
_NOT_READ = {
    Kind.CATALOG: say("web.audit.catalog_not_read"),
    Kind.REPORT: say("web.audit.report_not_read"),
}


@router.post("", status_code=202)
def new_audit(
    server: CurrentServer, visitor: CurrentVisitor, catalog_id: str, body: models.NewAudit
) -> models.Audit:
    """Audit a catalog, with a report's terms if one is named; return an earlier one if it is."""
    account_id = visitor.account.id
    wait = server.rates.take("run", account_id)
    if wait:
        raise too_many(wait)
    needed = [(Kind.CATALOG, catalog_id)]
    needed += [(Kind.REPORT, body.report_id)] if body.report_id else []
    for kind, upload_id in needed:
        find = find_products if kind is Kind.CATALOG else _find_report
        upload = find(server.workspace, account_id, upload_id)
        if upload is None:
            raise not_found(kind.value)
        if upload["state"] != State.DONE:
            raise ProblemError(409, _NOT_READ[kind])
    add_audit(server.workspace, new_id(), account_id, catalog_id, body.report_id)
    server.runs.look()
    return _model(server, _found(server, visitor, catalog_id))


def _find_report(workspace: Workspace, account_id: str, upload_id: str) -> Row | None:
    return find_upload(workspace, account_id, Kind.REPORT, upload_id)


@router.get("")
def audit(server: CurrentServer, visitor: CurrentVisitor, catalog_id: str) -> models.Audit:
    """Return the catalog's newest audit: how far it is, or what it found."""
    return _model(server, _found(server, visitor, catalog_id))


@router.delete("")
def cancel(server: CurrentServer, visitor: CurrentVisitor, catalog_id: str) -> models.Audit:
    """Cancel an audit that is queued or running."""
    row = _found(server, visitor, catalog_id)
    if cancel_job(server.workspace, visitor.account.id, row["id"]) is State.RUNNING:
        server.runs.interrupt(row["id"])
    return _model(server, _found(server, visitor, catalog_id))


@router.get("/findings")
def findings(
    server: CurrentServer,
    visitor: CurrentVisitor,
    catalog_id: str,
    q: Annotated[str | None, Query(max_length=200)] = None,
    aspect: Annotated[str | None, Query(max_length=40)] = None,
    severity: Literal["high", "medium", "low"] | None = None,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    size: Annotated[int, Query(ge=1, le=500)] = 50,
) -> models.Findings:
    """Return a page of findings, the worst first."""
    row = _done(server, visitor, catalog_id)
    frame = server.frames.get(_result(server, row) / "findings.parquet")
    total, items = findings_page(frame, q, aspect, severity, page, size)
    return models.Findings(
        total=total, page=page, size=size, items=_with_pictures(server, row, items)
    )


@router.get("/products")
def products(
    server: CurrentServer,
    visitor: CurrentVisitor,
    catalog_id: str,
    q: Annotated[str | None, Query(max_length=200)] = None,
    sort: Annotated[str, Query(max_length=40)] = "score",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    size: Annotated[int, Query(ge=1, le=500)] = 50,
) -> models.AuditedProducts:
    """Return a page of products with their scores, 0 … 100, the worst first."""
    row = _done(server, visitor, catalog_id)
    frame = server.frames.get(_result(server, row) / "products.parquet")
    total, items = products_page(frame, q, sort, page, size)
    return models.AuditedProducts(
        total=total, page=page, size=size, items=_with_pictures(server, row, items)
    )


@router.get("/products/{product_id:path}")
def product(
    server: CurrentServer, visitor: CurrentVisitor, catalog_id: str, product_id: str
) -> models.AuditedProductDetail:
    """Return one product with its findings, similar products, and terms whose words it lacks."""
    row = _done(server, visitor, catalog_id)
    product = one_product(server.frames, _result(server, row), product_id)
    if product is None:
        raise not_found("product")
    (own,) = _with_pictures(server, row, [product])
    return models.AuditedProductDetail(**own)


@router.get(
    "/downloads/{name}", response_class=FileResponse, responses={200: {"content": {"*/*": {}}}}
)
def download(
    server: CurrentServer, visitor: CurrentVisitor, catalog_id: str, name: str
) -> FileResponse:
    """Download audit.html, audit.csv, audit.parquet or audit.json."""
    row = _done(server, visitor, catalog_id)
    if name not in _OFFERED:
        raise not_found("download")
    file = _result(server, row) / "offered" / name
    headers = {"Content-Security-Policy": "sandbox"}
    return FileResponse(file, media_type=TYPES[file.suffix], filename=name, headers=headers)


def _found(server: Server, visitor: Visitor, catalog_id: str) -> Row:
    row = latest_audit(server.workspace, visitor.account.id, catalog_id)
    if row is None:
        raise not_found("audit")
    return row


def _done(server: Server, visitor: Visitor, catalog_id: str) -> Row:
    row = _found(server, visitor, catalog_id)
    if row["state"] != State.DONE or row["summary"] is None:
        raise ProblemError(409, say("web.audit.not_done", state=STATES[row["state"]]))
    return row


def _result(server: Server, row: Row) -> Path:
    return server.workspace.path(row["account_id"], row["id"]) / "result"


def _model(server: Server, row: Row) -> models.Audit:
    progress = server.runs.progress(row["id"])
    names = ("id", "state", "reason", "catalog_id", "report_id", "created", "summary")
    address = f"/api/v1/catalogs/{row['catalog_id']}/audit/downloads/"
    return models.Audit(
        **{name: row[name] for name in names},
        stage=progress.stage if progress else None,
        done=progress.done if progress else 0,
        total=progress.total if progress else 0,
        downloads=[address + name for name in _OFFERED] if row["summary"] else [],
    )


def _with_pictures(server: Server, row: Row, items: list[dict[str, Any]]) -> list[Any]:
    folder = server.workspace.path(row["account_id"], row["catalog_id"])
    pictured = server.frames.with_picture(folder, [one["product_id"] for one in items])
    return [
        one
        | {
            "picture": picture_address(row["catalog_id"], one["product_id"])
            if one["product_id"] in pictured
            else None
        }
        for one in items
    ]
