"""Who makes a request: a session's cookie, a bearer token, or whoever uses this computer."""

import hashlib
import hmac
import re
import threading
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from admatch.messages import say
from admatch.web.problems import ProblemError
from admatch.web.server import Server
from admatch.web.store.accounts import (
    LOCAL,
    Account,
    account_by_id,
    find_session,
    local_account,
    secret_version,
    verified,
)

SAFE = ("GET", "HEAD", "OPTIONS")
CSRF_HEADER, CSRF_FIELD = "X-CSRF-Token", "csrf_token"
_OWNED = re.compile(r"^adm_([0-9a-f]{16})_")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who makes a request, and what proves it.

    ``csrf`` is the session's, None without one. ``bearer`` marks a token that was verified: no
    browser sends it unasked, so such a request cannot come from another site.
    """

    account: Account
    csrf: str | None = None
    bearer: bool = False


def current_server(request: Request) -> Server:
    """Return the server that the app runs."""
    server: Server = request.app.state.server
    return server


CurrentServer = Annotated[Server, Depends(current_server)]


def cookie_name(server: Server) -> str:
    """Return the session cookie's name; __Host- binds it to this very host."""
    return "__Host-admatch" if server.settings.secure else "admatch"


def visitor_or_none(request: Request, server: CurrentServer) -> Visitor | None:
    """Return who makes the request, or None where they have to sign in."""
    header = request.headers.get("Authorization", "")
    if header[:7].lower() == "bearer ":
        return Visitor(_account_of_token(request, server, header[7:].strip()), bearer=True)
    open_access = server.settings.open_access
    cookie = request.cookies.get(cookie_name(server))
    session = find_session(server.workspace, cookie, open_access=open_access) if cookie else None
    if session is not None:
        return Visitor(session.account, session.csrf)
    return Visitor(local_account(server.workspace)) if open_access else None


def _account_of_token(request: Request, server: Server, token: str) -> Account:
    """Return the account; raises 401 for a wrong token, 429 for too many guesses."""
    tokens: VerifiedTokens = request.app.state.tokens
    account = tokens.known(server, token)
    if account is None:
        # Verifying takes 50 ms, which guesses beyond the limit must not cost.
        if wait := server.rates.wait("login", _address(request)):
            raise too_many(wait)
        account = tokens.verify(server, token)
    if account is None:
        _count_guess(request, server)
        raise ProblemError(401, say("web.sign_in.unknown_token"), {"WWW-Authenticate": "Bearer"})
    return account


def why_refused(request: Request) -> ProblemError | None:
    """Return why a request is not anybody's, judged by its head; None where it may be answered."""
    try:
        found = visitor_or_none(request, current_server(request))
    except ProblemError as problem:
        return problem
    if found is None:
        return _sign_in_needed()
    if not found.bearer and _is_of_another_site(request):
        return ProblemError(403, say("web.request.other_site"))
    return None


async def visitor(
    request: Request,
    server: CurrentServer,
    found: Annotated[Visitor | None, Depends(visitor_or_none)],
) -> Visitor:
    """Return who makes the request.

    Raises 401 for nobody, 403 where another site may have sent it, 429 for too many.
    """
    if found is None:
        raise _sign_in_needed()
    wait = server.rates.take("request", found.account.id)
    if wait:
        raise too_many(wait)
    if request.method not in SAFE and not found.bearer:
        await check_same_site(request, found.csrf)
    return found


CurrentVisitor = Annotated[Visitor, Depends(visitor)]


async def check_same_site(request: Request, csrf: str | None) -> None:
    """Raise 403 where another site may have made the browser send this."""
    if _is_of_another_site(request):
        raise ProblemError(403, say("web.request.other_site"))
    if csrf is None:
        return  # there is no cookie: a program on this computer
    given = request.headers.get(CSRF_HEADER) or await _form_field(request)
    if not hmac.compare_digest(given.encode(), csrf.encode()):
        raise ProblemError(403, say("web.request.stale_page", header=CSRF_HEADER))


def _is_of_another_site(request: Request) -> bool:
    origin, host = request.headers.get("Origin"), request.headers.get("Host", "")
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    foreign = origin is not None and origin.partition("://")[2] != host
    return foreign or site not in ("same-origin", "none")


def _sign_in_needed() -> ProblemError:
    return ProblemError(401, say("web.sign_in.needed"), {"WWW-Authenticate": "Bearer"})


async def _form_field(request: Request) -> str:
    """Return the CSRF token of a small form; uploads send the header."""
    if "urlencoded" not in request.headers.get("Content-Type", ""):
        return ""
    value = (await request.form()).get(CSRF_FIELD, "")
    return "" if isinstance(value, UploadFile) else value


def too_many(seconds: float) -> ProblemError:
    """Return the problem of too many requests."""
    wait = int(seconds) + 1
    return ProblemError(429, say("web.request.too_many", n=wait), {"Retry-After": str(wait)})


def _count_guess(request: Request, server: Server) -> None:
    """Count a wrong secret; raises 429 after ten in a minute."""
    if wait := server.rates.take("login", _address(request)):
        raise too_many(wait)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def check_secret(request: Request, server: Server, account: Account | None, secret: str) -> Account:
    """Return the account if the secret is its own; raises 401, or 429 for too many guesses."""
    _count_guess(request, server)
    nobody = Account("nobody", "nobody")  # as slow as a real one: names cannot be tried out
    if not verified(server.workspace, account or nobody, secret) or account is None:
        raise ProblemError(401, say("web.sign_in.wrong"))
    return account


class VerifiedTokens:
    """Bearer tokens that were verified before: verifying one takes 50 ms on purpose."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, bytes]] = {}  # account and version of its secret
        self._lock = threading.Lock()

    def known(self, server: Server, token: str) -> Account | None:
        """Return the account of a token that was verified and is still right, else None."""
        account_id, version = self._known.get(_digest(token), (None, None))
        if account_id is not None and version == secret_version(server.workspace, account_id):
            return account_by_id(server.workspace, account_id)
        return None

    def verify(self, server: Server, token: str) -> Account | None:
        """Return the account that a token belongs to, or None."""
        owner = _OWNED.match(token)
        account = account_by_id(server.workspace, owner[1] if owner else LOCAL)
        if account is None or not verified(server.workspace, account, token):
            return None
        with self._lock:
            self._known[_digest(token)] = account.id, secret_version(server.workspace, account.id)
        return account


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
