"""The web application: ``create_app``."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import anyio.to_thread
from fastapi import APIRouter, FastAPI

from admatch import __version__
from admatch.store.workspace import Workspace
from admatch.web.api import audits, decisions, downloads, results, runs, session, uploads
from admatch.web.auth import VerifiedTokens, why_refused
from admatch.web.middleware import AccessLog, RequestGuard
from admatch.web.problems import PROBLEMS, handle_problems
from admatch.web.server import Server, ServerSettings

API = "/api/v1"
_THREADS = 80  # requests that may wait for files or answers at the same time
_PAGES = "admatch.web.pages.routes"


def create_app(folder: Path, settings: ServerSettings | None = None) -> FastAPI:
    """Return the application over a workspace folder, which it has open while it runs.

    Raises InputError where another process has the workspace open.
    """
    settings = settings or ServerSettings()
    server = Server(Workspace(folder), settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
        server.open()
        yield
        server.close()

    app = FastAPI(
        title="admatch",
        version=__version__,
        summary="Which of your products each search term is about, and what to do about it.",
        lifespan=lifespan,
        openapi_url=f"{API}/openapi.json",
        docs_url=None,  # it would load its scripts from elsewhere
        redoc_url=None,
    )
    app.state.server, app.state.tokens = server, VerifiedTokens()
    api = APIRouter(prefix=API, responses=PROBLEMS)
    for part in (session, uploads, audits, runs, results, decisions, downloads):
        api.include_router(part.router)
    app.include_router(api)
    handle_problems(app)
    if find_spec("admatch.web.pages") and find_spec(_PAGES):
        import_module(_PAGES).mount(app)
    app.add_middleware(
        RequestGuard,
        hosts=settings.hosts,
        largest=settings.limits.request,
        secure=settings.secure,
        why_refused=why_refused,
    )
    app.add_middleware(AccessLog, file=folder / "access.log")
    return app
