"""Routes of the session, the account and its data, the example, and search."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile

from admatch import __version__
from admatch.messages import say
from admatch.pipeline.sample import sample_folder
from admatch.web.api import models
from admatch.web.api.runs import queue_run
from admatch.web.auth import (
    CurrentServer,
    CurrentVisitor,
    Visitor,
    check_same_site,
    check_secret,
    cookie_name,
    visitor_or_none,
)
from admatch.web.catalogs import picture_address
from admatch.web.limits import MIB
from admatch.web.problems import ProblemError, not_found
from admatch.web.server import Server, new_id
from admatch.web.store.accounts import (
    Account,
    account_by_id,
    close_session,
    find_account,
    keep_for,
    open_session,
)
from admatch.web.store.deletion import delete_everything
from admatch.web.store.queue import State, cancel_job
from admatch.web.store.uploads import Kind, find_products
from admatch.web.uploads import accept_local

router = APIRouter()

_WAIT = 120.0  # seconds for a search: the first one of a catalog may have to index it


@router.get("/session", tags=["session"])
def session(
    response: Response,
    server: CurrentServer,
    visitor: Annotated[Visitor | None, Depends(visitor_or_none)],
) -> models.SessionInfo:
    """Return who is signed in; where nobody has to sign in, this opens the session."""
    if visitor is None:
        raise ProblemError(401, say("web.sign_in.first"))
    return session_info(server, with_session(response, server, visitor))


@router.post("/session", tags=["session"])
async def sign_in(
    request: Request, response: Response, server: CurrentServer, body: models.Credentials
) -> models.SessionInfo:
    """Sign in with an account's name and token."""
    await check_same_site(request, None)
    account = check_secret(request, server, find_account(server.workspace, body.name), body.token)
    return session_info(server, start_session(response, server, account))


@router.delete("/session", status_code=204, tags=["session"])
def sign_out(
    request: Request, response: Response, server: CurrentServer, visitor: CurrentVisitor
) -> None:
    """End the session."""
    cookie = request.cookies.get(cookie_name(server))
    if cookie:
        close_session(server.workspace, cookie)
    response.delete_cookie(cookie_name(server))


@router.get("/account", tags=["account"])
def account(visitor: CurrentVisitor) -> models.Account:
    """Return the account."""
    return models.Account(**asdict(visitor.account))


@router.put("/account", tags=["account"])
def set_account(
    server: CurrentServer, visitor: CurrentVisitor, body: models.Retention
) -> models.Account:
    """Set after how many days uploads and runs are deleted."""
    keep_for(server.workspace, visitor.account, body.keep_days)
    updated = account_by_id(server.workspace, visitor.account.id) or visitor.account
    return models.Account(**asdict(updated))


@router.delete("/account/data", status_code=204, tags=["account"])
def delete_data(server: CurrentServer, visitor: CurrentVisitor) -> None:
    """Delete every upload, run and verdict of the account, from the disk as well."""
    open_jobs = server.workspace.rows(
        "SELECT id, lane FROM jobs WHERE account_id = ? AND state IN ('queued', 'running')",
        [visitor.account.id],
    )
    for job in open_jobs:
        if cancel_job(server.workspace, visitor.account.id, job["id"]) is State.RUNNING:
            server.queue(job["lane"]).interrupt(job["id"])
    delete_everything(server.workspace, visitor.account)
    server.frames.clear()


@router.post("/sample", status_code=202, tags=["sample"])
def sample(server: CurrentServer, visitor: CurrentVisitor, body: models.NewSample) -> models.Sample:
    """Add the example, an invented shop's products, reports and account, and run it."""
    folder, account_id = sample_folder(), visitor.account.id
    catalog_id = accept_local(
        server, account_id, Kind.CATALOG, [folder / "catalog.csv"], folder / "images"
    )
    files = [folder / "search_terms.csv", folder / "bulk.xlsx"]
    report_id = accept_local(server, account_id, Kind.REPORT, files)
    run_id = None
    if body.run:
        settings = models.RunSettings.model_validate({"target_acos": 0.30}).model_dump()
        run_id, _ = queue_run(server, account_id, catalog_id, report_id, settings)
    return models.Sample(catalog_id=catalog_id, report_id=report_id, run_id=run_id)


@router.post("/search", tags=["search"])
def search(
    server: CurrentServer,
    visitor: CurrentVisitor,
    catalog_id: Annotated[str, Form(max_length=64)],
    words: Annotated[str, Form(max_length=500)] = "",
    image: Annotated[UploadFile | None, File(description="A picture to search with")] = None,
    k: Annotated[int, Form(ge=1, le=100)] = 20,
) -> models.SearchResults:
    """Find the products of a catalog that are nearest to words, to a picture, or to both."""
    account_id = visitor.account.id
    upload = find_products(server.workspace, account_id, catalog_id)
    if upload is None:
        raise not_found("catalog")
    if upload["state"] != State.DONE:
        raise ProblemError(409, say("web.search.not_read"))
    picture = _picture(server, image)
    if not words.strip() and picture is None:
        raise ProblemError(422, say("web.search.nothing"))
    folder = server.workspace.path(account_id, catalog_id)
    arguments = {"catalog": str(folder), "words": words, "picture": picture, "k": k}
    try:
        ranked = server.search_pool.ask("search", arguments, _WAIT)
    finally:
        if picture is not None:
            (server.incoming / picture).unlink(missing_ok=True)
    pictured = server.frames.with_picture(folder, [one["product_id"] for one in ranked])
    items = [
        models.FoundProduct(
            **one,
            picture=picture_address(catalog_id, one["product_id"])
            if one["product_id"] in pictured
            else None,
        )
        for one in ranked
    ]
    return models.SearchResults(items=items)


@router.get("/search/progress", tags=["search"])
def search_progress(server: CurrentServer, visitor: CurrentVisitor) -> models.SearchProgress:
    """Return what a search that waits is waiting for: models or an index that is being loaded."""
    step = server.search_pool.step
    return models.SearchProgress(**asdict(step)) if step else models.SearchProgress()


def _picture(server: Server, image: UploadFile | None) -> str | None:
    """Return the file that a picture was written to."""
    most = server.limits.picture
    if image is None or not (content := image.file.read(most + 1)):
        return None
    if len(content) > most:
        raise ProblemError(413, say("web.search.picture_too_large", most=most // MIB))
    file = server.incoming / f"{new_id()}.picture"
    file.write_bytes(content)
    return str(file)


def with_session(response: Response, server: Server, visitor: Visitor) -> Visitor:
    """Return the visitor with a session, a new one where there was none."""
    return visitor if visitor.csrf else start_session(response, server, visitor.account)


def start_session(response: Response, server: Server, account: Account) -> Visitor:
    """Open a session and set its cookie."""
    cookie, session = open_session(server.workspace, account)
    response.set_cookie(
        cookie_name(server),
        cookie,
        max_age=14 * 86400,
        httponly=True,
        samesite="strict",
        secure=server.settings.secure,
        path="/",
    )
    return Visitor(account, session.csrf)


def session_info(server: Server, visitor: Visitor) -> models.SessionInfo:
    """Return what the page needs to know of its session."""
    return models.SessionInfo(
        account=models.Account(**asdict(visitor.account)),
        csrf=visitor.csrf,
        open_access=server.settings.open_access,
        limits=models.UploadLimits(**asdict(server.limits)),
        version=__version__,
    )
