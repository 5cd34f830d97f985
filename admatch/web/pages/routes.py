"""The pages' addresses: ``mount``."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from admatch.messages import say
from admatch.web.auth import CurrentServer, Visitor, too_many, visitor_or_none
from admatch.web.catalogs import catalog_name
from admatch.web.pages.assets import mount_assets
from admatch.web.pages.errors import show_errors
from admatch.web.pages.language import LANGUAGES
from admatch.web.pages.page import LANGUAGE_COOKIE, THEME_COOKIE, THEMES, render
from admatch.web.problems import ProblemError, not_found
from admatch.web.store.audits import latest_audit
from admatch.web.store.runs import find_run
from admatch.web.store.uploads import find_products
from admatch.web.work.ahead import SLIDERS
from admatch.web.work.eta import STAGES

# name on the page, and least, most and step in per cent
_SLIDERS = [
    (name, *(one / 100 for one in SLIDERS[setting]))
    for name, setting in (("target", "target_acos"), ("risk", "sales_at_risk"), ("rho", "rho"))
]
router = APIRouter(include_in_schema=False)
_YEAR = 365 * 86400


async def reader(
    server: CurrentServer, found: Annotated[Visitor | None, Depends(visitor_or_none)]
) -> Visitor:
    """Return who opens a page; raises 401, which becomes the page to sign in, and 429."""
    if found is None:
        raise ProblemError(401, say("web.sign_in.first"))
    wait = server.rates.take("request", found.account.id)
    if wait:
        raise too_many(wait)
    return found


Reader = Annotated[Visitor, Depends(reader)]
Back = Annotated[str, Query(max_length=500)]


def mount(app: FastAPI) -> None:
    """Add the pages with their styles and scripts to the app, and show errors as pages."""
    app.include_router(router)
    mount_assets(app)
    show_errors(app)


@router.get("/")
def start(request: Request, visitor: Reader) -> HTMLResponse:
    """Show the first page: uploads, and the example."""
    return render(request, "start", visitor, marketplaces=_marketplaces(), structures=_structures())


@router.get("/runs")
def history(request: Request, visitor: Reader) -> HTMLResponse:
    """Show all runs and uploads."""
    return render(request, "history", visitor)


@router.get("/runs/{run_id}")
def run(request: Request, server: CurrentServer, visitor: Reader, run_id: str) -> HTMLResponse:
    """Show one run: its progress, or its results once it is done."""
    row = find_run(server.workspace, visitor.account.id, run_id)
    if row is None:
        raise not_found("run")
    name = "results" if row["state"] == "done" else "progress"
    products = find_products(server.workspace, visitor.account.id, row["catalog_id"])
    return render(
        request, name, visitor, run_id=run_id, catalog_id=row["catalog_id"],
        products=products is not None, marketplaces=_marketplaces(), sliders=_SLIDERS,
        structures=_structures(),
        stages=[one for one in STAGES if one != "starting"],
    )  # fmt: skip


@router.get("/search")
def search(request: Request, visitor: Reader) -> HTMLResponse:
    """Show the search of products by words, by picture, or by both."""
    return render(request, "search", visitor)


@router.get("/catalogs/{catalog_id}/audit")
def audit(
    request: Request, server: CurrentServer, visitor: Reader, catalog_id: str
) -> HTMLResponse:
    """Show what can be improved in the listings of a catalog."""
    row = find_products(server.workspace, visitor.account.id, catalog_id)
    if row is None:
        raise not_found("catalog")
    earlier = latest_audit(server.workspace, visitor.account.id, catalog_id)
    return render(
        request, "audit", visitor, catalog_id=catalog_id, catalog_name=catalog_name(row),
        audited=earlier is not None,
    )  # fmt: skip


@router.get("/settings")
def settings(request: Request, server: CurrentServer, visitor: Reader) -> HTMLResponse:
    """Show the settings: language, colours, how long data are kept, deleting them."""
    return render(request, "settings", visitor, usual_days=server.settings.keep_days)


@router.get("/login")
def login(
    request: Request,
    found: Annotated[Visitor | None, Depends(visitor_or_none)],
    next: Back = "/",
) -> Response:
    """Show the page to sign in; whoever need not is redirected."""
    if found is not None:
        return RedirectResponse(_own_path(next), 303)
    return render(request, "login", next=_own_path(next))


@router.get("/language/{language}")
def set_language(server: CurrentServer, language: str, back: Back = "/") -> Response:
    """Store the language of the pages, and go back."""
    if language not in LANGUAGES:
        raise not_found("language")
    return _store(server.settings.secure, LANGUAGE_COOKIE, language, back)


@router.get("/theme/{theme}")
def set_theme(server: CurrentServer, theme: str, back: Back = "/") -> Response:
    """Store the colours of the pages, and go back."""
    if theme not in THEMES:
        raise not_found("theme")
    return _store(server.settings.secure, THEME_COOKIE, theme, back)


def _store(secure: bool, cookie: str, value: str, back: str) -> Response:
    answer = RedirectResponse(_own_path(back), 303)
    answer.set_cookie(cookie, value, _YEAR, secure=secure, httponly=True, samesite="lax")
    return answer


def _own_path(path: str) -> str:
    """Return the path if it is on this site, else the first page: nobody is led to another site."""
    plain = path.isprintable() and path.startswith("/") and "\\" not in path
    return path if plain and not path.startswith("//") else "/"


@cache
def _structures() -> list[tuple[str, str, str]]:
    """Return each structure of new campaigns with its usual names of campaigns and ad groups."""
    from admatch.pipeline.options import NewCampaigns, Structure

    laid_out = map(NewCampaigns, Structure)
    return [(str(one.structure), one.campaign, one.ad_group) for one in laid_out]


@cache
def _marketplaces() -> list[str]:
    file = files("admatch.export.bulk") / "marketplaces.toml"
    return sorted(tomllib.loads(file.read_text(encoding="utf-8")))
