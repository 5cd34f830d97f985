"""The server, opened for one of the two transports: ``serve_agents``."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from admatch.agents.budget import ANSWER_TOKENS
from admatch.agents.call import NightReader
from admatch.agents.root import Root
from admatch.errors import MissingDependencyError
from admatch.messages import say


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """Streamable HTTP on this computer: the port, 0 for a free one, and the token.

    Without a token, one is made. ``ready`` is called with the address, and the token if it was
    made.
    """

    port: int
    token: str | None
    ready: Callable[[str, str | None], None]


def serve_agents(
    root: Path,
    nights: NightReader,
    *,
    http: HttpSettings | None = None,
    answer_tokens: int = ANSWER_TOKENS,
) -> None:
    """Serve agents until they hang up: on stdin and stdout, or by HTTP.

    They read and write inside ``root`` only. Raises ``MissingDependencyError`` without the package
    mcp, ``InputError`` if there is no such folder.
    """
    folder = Root(root)
    try:
        import mcp  # noqa: F401
    except ImportError:
        raise MissingDependencyError(say("agents.missing")) from None
    from admatch.agents.server import Service, build_server

    server = build_server(Service(folder, nights, answer_tokens))
    if http is None:
        server.run("stdio")
        return
    from admatch.agents.http import serve_http, token_or_new

    token = token_or_new(http.token)
    made = token if http.token is None else None
    serve_http(server, http.port, token, lambda address: http.ready(address, made))
