"""The pages' addresses: ``mount``."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from admatch.web.identity import TheServer, Visitor, too_many, visitor_or_none
from admatch.web.pages.assets import mount_assets
from admatch.web.pages.errors import show_errors
from admatch.web.pages.language import LANGUAGES
from admatch.web.pages.page import LANGUAGE_COOKIE, THEME_COOKIE, THEMES, render
from admatch.web.problems import ProblemError, not_found
from admatch.web.store.audits import latest_audit
from admatch.web.store.runs import find_run
from admatch.web.store.uploads import Kind, find_upload
from admatch.web.work.eta import STAGES

router = APIRouter(include_in_schema=False)
_YEAR = 365 * 86400


async def reader(
    server: TheServer, found: Annotated[Visitor | None, Depends(visitor_or_none)]
) -> Visitor:
    """Return who reads; raises 401, which a browser answers with the page to sign in, and 429."""
    if found is None:
        raise ProblemError(401, "sign in first")
    wait = server.rates.take("request", found.account.id)
    if wait:
        raise too_many(wait)
    return found


Reading = Annotated[Visitor, Depends(reader)]
Back = Annotated[str, Query(max_length=500)]


def mount(app: FastAPI) -> None:
    """Add the pages and what they are made with to the app, and show errors as pages."""
    app.include_router(router)
    mount_assets(app)
    show_errors(app)


@router.get("/")
def start(request: Request, visitor: Reading) -> HTMLResponse:
    """Upload, or look at the example."""
    return render(request, "start", visitor, marketplaces=_marketplaces())


@router.get("/runs")
def history(request: Request, visitor: Reading) -> HTMLResponse:
    """All runs, and the files that they are made of."""
    return render(request, "history", visitor)


@router.get("/runs/{run_id}")
def run(request: Request, server: TheServer, visitor: Reading, run_id: str) -> HTMLResponse:
    """One run: its progress, or its results once it is done."""
    found = find_run(server.workspace, visitor.account.id, run_id)
    if found is None:
        raise not_found("run")
    name = "results" if found["state"] == "done" else "progress"
    return render(
        request, name, visitor, run_id=run_id, catalog_id=found["catalog_id"],
        marketplaces=_marketplaces(), stages=[one for one in STAGES if one != "starting"],
    )  # fmt: skip


@router.get("/search")
def search(request: Request, visitor: Reading) -> HTMLResponse:
    """Search own products by words, by picture, or by both."""
    return render(request, "search", visitor)


@router.get("/catalogs/{catalog_id}/audit")
def audit(request: Request, server: TheServer, visitor: Reading, catalog_id: str) -> HTMLResponse:
    """Tell what can be better about the listings of a catalog."""
    found = find_upload(server.workspace, visitor.account.id, Kind.CATALOG, catalog_id)
    if found is None:
        raise not_found("catalog")
    earlier = latest_audit(server.workspace, visitor.account.id, catalog_id)
    return render(
        request, "audit", visitor, catalog_id=catalog_id, catalog_name=found["name"],
        audited=earlier is not None,
    )  # fmt: skip


@router.get("/settings")
def settings(request: Request, server: TheServer, visitor: Reading) -> HTMLResponse:
    """Language, colours, how long data are kept, and deleting them."""
    usual = server.settings.keep_days
    return render(request, "settings", visitor, usual_days=usual)


@router.get("/login")
def login(
    request: Request,
    found: Annotated[Visitor | None, Depends(visitor_or_none)],
    next: Back = "/",
) -> Response:
    """Sign in; whoever need not is sent on."""
    if found is not None:
        return RedirectResponse(_own(next), 303)
    return render(request, "login", next=_own(next))


@router.get("/language/{language}")
def set_language(server: TheServer, language: str, back: Back = "/") -> Response:
    """Remember the language of the pages, and go back."""
    if language not in LANGUAGES:
        raise not_found("language")
    return _remember(server.settings.secure, LANGUAGE_COOKIE, language, back)


@router.get("/theme/{theme}")
def set_theme(server: TheServer, theme: str, back: Back = "/") -> Response:
    """Remember the colours of the pages, and go back."""
    if theme not in THEMES:
        raise not_found("theme")
    return _remember(server.settings.secure, THEME_COOKIE, theme, back)


def _remember(secure: bool, cookie: str, value: str, back: str) -> Response:
    answer = RedirectResponse(_own(back), 303)
    answer.set_cookie(cookie, value, _YEAR, secure=secure, httponly=True, samesite="lax")
    return answer


def _own(path: str) -> str:
    """Return the path if it is one of these pages, else the first page: nobody is led away."""
    plain = path.isprintable() and path.startswith("/") and "\\" not in path
    return path if plain and not path.startswith("//") else "/"


@cache
def _marketplaces() -> list[str]:
    file = files("admatch.export.bulk") / "marketplaces.toml"
    return sorted(tomllib.loads(file.read_text(encoding="utf-8")))
