"""Who asks: a session's cookie, a bearer token, or whoever sits at this computer."""

import hashlib
import hmac
import re
import threading
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from admatch.web.problems import ProblemError
from admatch.web.server import Server
from admatch.web.store.accounts import (
    LOCAL,
    Account,
    account_by_id,
    find_session,
    local_account,
    verified,
)

SAFE = ("GET", "HEAD", "OPTIONS")
CSRF_HEADER, CSRF_FIELD = "X-CSRF-Token", "csrf_token"
_OWNED = re.compile(r"^adm_([0-9a-f]{16})_")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks, and how they said so; ``csrf`` is None where no cookie vouches for them."""

    account: Account
    csrf: str | None = None


def the_server(request: Request) -> Server:
    """Return the server that the app runs."""
    server: Server = request.app.state.server
    return server


TheServer = Annotated[Server, Depends(the_server)]


def cookie_name(server: Server) -> str:
    """Return the session cookie's name; __Host- binds it to this very host."""
    return "__Host-admatch" if server.settings.secure else "admatch"


def visitor_or_none(request: Request, server: TheServer) -> Visitor | None:
    """Return who asks, or None where they have to sign in."""
    header = request.headers.get("Authorization", "")
    if header[:7].lower() == "bearer ":
        account = request.app.state.tokens.account(server, header[7:].strip())
        if account is None:
            _slow_down(request, server)
            raise ProblemError(
                401, "this token is not known; check it", {"WWW-Authenticate": "Bearer"}
            )
        return Visitor(account)
    cookie = request.cookies.get(cookie_name(server))
    session = find_session(server.workspace, cookie) if cookie else None
    if session is not None:
        return Visitor(session.account, session.csrf)
    return Visitor(local_account(server.workspace)) if server.settings.open_access else None


async def visitor(
    request: Request, server: TheServer, found: Annotated[Visitor | None, Depends(visitor_or_none)]
) -> Visitor:
    """Return who asks; raises 401, 403 for a request that another site made them send, 429."""
    if found is None:
        raise ProblemError(
            401,
            "sign in first, or send 'Authorization: Bearer TOKEN'",
            {"WWW-Authenticate": "Bearer"},
        )
    wait = server.rates.take("request", found.account.id)
    if wait:
        raise too_many(wait)
    if request.method not in SAFE and "Authorization" not in request.headers:
        await check_same_site(request, found.csrf)
    return found


Asking = Annotated[Visitor, Depends(visitor)]


async def check_same_site(request: Request, csrf: str | None) -> None:
    """Raise 403 where another site may have made the browser send this."""
    origin, host = request.headers.get("Origin"), request.headers.get("Host", "")
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if origin is not None and origin.partition("://")[2] != host:
        raise ProblemError(403, "this request comes from another site")
    if site not in ("same-origin", "none"):
        raise ProblemError(403, "this request comes from another site")
    if csrf is None:
        return  # no cookie vouches for it: a program at this computer
    given = request.headers.get(CSRF_HEADER) or await _field(request)
    if not hmac.compare_digest(given.encode(), csrf.encode()):
        raise ProblemError(
            403, f"the page is too old: load it again ({CSRF_HEADER} is missing or wrong)"
        )


async def _field(request: Request) -> str:
    """Return the token that a form carries; only small ones, as uploads send the header."""
    if "urlencoded" not in request.headers.get("Content-Type", ""):
        return ""
    value = (await request.form()).get(CSRF_FIELD, "")
    return "" if isinstance(value, UploadFile) else value


def too_many(seconds: float) -> ProblemError:
    """Return the problem of asking too often."""
    wait = int(seconds) + 1
    return ProblemError(
        429, f"too many requests; try again in {wait} s", {"Retry-After": str(wait)}
    )


def _slow_down(request: Request, server: Server) -> None:
    """Count a secret that was wrong; raises 429 after ten of them in a minute."""
    wait = server.rates.take("login", request.client.host if request.client else "")
    if wait:
        raise too_many(wait)


def check_secret(request: Request, server: Server, account: Account | None, secret: str) -> Account:
    """Return the account if the secret is its own; raises 401, or 429 for too many guesses."""
    wait = server.rates.take("login", request.client.host if request.client else "")
    if wait:
        raise too_many(wait)
    nobody = Account("nobody", "nobody")  # as slow as a real one: names cannot be tried out
    if not verified(server.workspace, account or nobody, secret) or account is None:
        raise ProblemError(401, "name or token is wrong; check both")
    return account


class Tokens:
    """Bearer tokens that were found right before: checking one takes 50 ms on purpose."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._lock = threading.Lock()

    def account(self, server: Server, token: str) -> Account | None:
        """Return the account that a token belongs to, or None."""
        digest = hashlib.sha256(token.encode()).hexdigest()
        known = self._known.get(digest)
        if known is not None:
            return account_by_id(server.workspace, known)
        owner = _OWNED.match(token)
        account = account_by_id(server.workspace, owner[1] if owner else LOCAL)
        if account is None or not verified(server.workspace, account, token):
            return None
        with self._lock:
            self._known[digest] = account.id
        return account
