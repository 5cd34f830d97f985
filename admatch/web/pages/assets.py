"""Styles, scripts and pictures of the pages, at an address that changes when they do."""

import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import Response
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from admatch.web.pages.language import LANGUAGES, script
from admatch.web.problems import not_found

_FOLDER = Path(__file__).parent / "static"
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}


class _ImmutableFiles(StaticFiles):
    """Files that a browser may cache for good: another version has another address."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        if isinstance(answer, FileResponse):
            answer.headers.update(_FOREVER)
        return answer


@cache
def version() -> str:
    """Return a short hash of the pages' files and of all messages."""
    digest = hashlib.sha256()
    for file in sorted(_FOLDER.parent.rglob("*")):
        if file.is_file() and file.suffix in (".css", ".js", ".svg", ".toml"):
            digest.update(file.read_bytes())
    for language in LANGUAGES:
        folder = files("admatch.messages").joinpath(language)
        for one in sorted(folder.iterdir(), key=lambda one: one.name):
            digest.update(one.read_bytes())
    return digest.hexdigest()[:12]


def address(path: str) -> str:
    """Return the address of a file of ``static``."""
    return f"/static/{version()}/{path}"


def mount_assets(app: FastAPI) -> None:
    """Add the files to the app."""

    @app.get(address("words/{language}.js"), include_in_schema=False)
    def words(language: str) -> Response:
        if language not in LANGUAGES:
            raise not_found("language")
        return Response(script(language), media_type="text/javascript", headers=_FOREVER)

    app.mount(address(""), _ImmutableFiles(directory=_FOLDER), name="static")
