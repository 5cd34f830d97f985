"""Every route of the page's app, and what is sent to those that its document does not describe."""

from urllib.parse import quote

from fastapi.routing import iter_route_contexts

from tests.attacks.entered import HOSTILE
from tests.web.test_openapi import LEFT_OUT

TEXTS = [
    *HOSTILE.values(), "..", "../../admatch/web/pages/page.py", "%2e%2e/", "a/../../b", ".", "",
    "en", "zh", "dark", "//evil.example", "https://evil.example", "/\\evil.example", "run",
]  # fmt: skip
# What the campaign of random requests leaves out: it is asked by hand in ``test_routes``.
BY_HAND = LEFT_OUT


def routes_of(app):
    """Return every route as method and path; of folders the path of a file in it."""
    found = set()
    for one in iter_route_contexts(app.routes):
        methods = getattr(one, "methods", None)
        if methods is None:
            found.add(("GET", f"{one.path}/{{file:path}}"))
        found |= {(method, one.path) for method in methods or ()}
    return {one for one in found if one[0] != "HEAD"}


def described(app):
    """Return the routes of the API's document, which random requests are made of."""
    paths = app.openapi()["paths"]
    return {(method.upper(), path) for path, held in paths.items() for method in held}


def pages(app):
    """Return the routes outside the document that only show something."""
    document = {(method, plain(path)) for method, path in described(app)}
    return {
        (method, path)
        for method, path in routes_of(app)
        if method == "GET" and (method, plain(path)) not in document
    }


def plain(path):
    """Return a path as the document writes it: without the kinds of its parameters."""
    return path.replace(":path}", "}")


def addresses(path, known, texts=TEXTS):
    """Yield addresses of a page with hostile values; ``known`` is a value that there is."""
    names = [part.split("}")[0] for part in path.split("{")[1:]]
    for text in [known, *texts]:
        value = quote(text.encode("utf-8", "surrogatepass"), safe="/.%")
        filled = path
        for name in names:
            filled = filled.replace(f"{{{name}}}", value)
        yield filled
        for query in ("back", "next", "view", "q", "page"):
            yield f"{filled}?{query}={value}&{query}={value}"
        if not names and text == known:
            yield filled + "/"
