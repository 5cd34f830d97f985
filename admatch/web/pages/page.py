"""One page → HTML: ``render``."""

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from admatch import __version__
from admatch.web.auth import Visitor
from admatch.web.pages.assets import address
from admatch.web.pages.language import LANGUAGES, TAGS, Labels, choose

LANGUAGE_COOKIE, THEME_COOKIE = "admatch_language", "admatch_theme"
THEMES = ("auto", "light", "dark")


def render(
    request: Request,
    name: str,
    visitor: Visitor | None = None,
    status: int = 200,
    **values: Any,  # noqa: ANN401 - what the template shows
) -> HTMLResponse:
    """Return a page in the reader's language and colours."""
    labels = labels_of(request)
    theme = request.cookies.get(THEME_COOKIE, "auto")
    page = (
        _templates()
        .get_template(f"{name}.html.jinja")
        .render(
            t=labels.say,
            page=name,
            language=labels.language,
            tag=TAGS[labels.language],
            languages=LANGUAGES,
            theme=theme if theme in THEMES else "auto",
            themes=THEMES,
            account=visitor.account.name if visitor else None,
            open_access=request.app.state.server.settings.open_access,
            here=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            version=__version__,
            **values,
        )
    )
    headers = {"Content-Language": TAGS[labels.language], "Vary": "Accept-Language, Cookie"}
    return HTMLResponse(page, status, headers)


def labels_of(request: Request) -> Labels:
    """Return the labels in the reader's language."""
    accepted = request.headers.get("Accept-Language", "")
    return Labels(choose(request.cookies.get(LANGUAGE_COOKIE), accepted))


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = address
    return environment
