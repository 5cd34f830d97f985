"""Requests to Amazon that never do a thing twice: ``AdsClient``."""

import logging
import math
import random
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from types import TracebackType
from typing import Any, Self, TypeVar

from admatch.amazon.clock import Clock, SystemClock
from admatch.amazon.credentials import Credentials, hidden
from admatch.amazon.failures import (
    AmazonError,
    Declined,
    Later,
    Throttled,
    Unsure,
    Untouched,
)
from admatch.amazon.regions import Endpoints
from admatch.amazon.token import AccessToken
from admatch.amazon.versions import ApiVersion
from admatch.errors import MissingDependencyError, shorten
from admatch.messages import say

try:
    import httpx
except ImportError:  # pragma: no cover - an optional package
    raise MissingDependencyError(say("amazon.missing_httpx")) from None

_T = TypeVar("_T")

ATTEMPTS = 8  # of one request; with the waits below a quarter of an hour
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 120.0  # seconds
_LONGEST_RETRY_AFTER = 3600.0  # seconds; a longer wait is no use to a command that is waiting
_TIMEOUT = 60.0  # Amazon answers batches of a thousand in some ten seconds
_REASON = 300  # letters of Amazon's reason that are quoted
_JSON = "application/json"
# Pages of version 1 use the second name, and some servers took the first one there, too.
_CLIENT_ID = ("Amazon-Advertising-API-ClientId", "Amazon-Ads-ClientId")
# These loggers write whole addresses, and whoever has a report's address can download it.
_TALKATIVE = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.proxy")
# No request went out: the connection was never made.
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of Amazon: a status below 400, and the body's JSON."""

    status: int
    body: Any


class AdsClient:
    """A client of one profile in one region, with waits and retries; a context manager.

    Raises ``AmazonError`` where Amazon stays out of reach or refuses access.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        credentials: Credentials,
        profile: str | None = None,
        *,
        version: ApiVersion = ApiVersion.V3,
        clock: Clock | None = None,
        timeout: float = _TIMEOUT,
        rng: random.Random | None = None,
    ) -> None:
        self.profile = profile
        self.version = version
        self.clock = clock or SystemClock()
        self.endpoints = endpoints
        self._credentials = credentials
        self._rng = rng or random.Random()
        for name in _TALKATIVE:
            logging.getLogger(name).addFilter(_silence)
        self._http = httpx.Client(timeout=timeout, follow_redirects=False, verify=_certificates())
        self._token = AccessToken(endpoints.token, credentials, self._http, self.clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def read(self, method: str, path: str, body: object = None, media: str = _JSON) -> Answer:
        """Return the answer to a request that changes nothing; any failure is tried again.

        Raises ``Declined`` for a request that Amazon refuses.
        """
        return self._attempts(lambda: self._once(method, path, body, media), again=Unsure)

    def send(self, method: str, path: str, body: object, media: str) -> Answer:
        """Return the answer to a request that changes something.

        It is sent again only where Amazon cannot have done anything. Raises ``Unsure`` where
        Amazon may have carried it out, ``Declined`` where it did not and never will, and
        ``Throttled`` where it did not yet.
        """
        return self._attempts(lambda: self._once(method, path, body, media), again=Untouched)

    def download(self, url: str) -> bytes:
        """Return a report's file; no credentials are sent, as the address is enough.

        Raises ``Declined`` where the address has expired.
        """
        if not (url.startswith("https://") or self.endpoints.is_local):
            raise AmazonError(say("amazon.report.not_https"))
        return self._attempts(lambda: self._download_once(url), again=Unsure)

    def hidden(self, text: str) -> str:
        """Return ``text`` without any secret."""
        return hidden(text, (*self._credentials.secrets, *self._token.secrets))

    def _attempts(self, attempt: Callable[[], _T], again: type[Unsure]) -> _T:
        reason: str
        error: type[AmazonError]
        for number in range(1, ATTEMPTS + 1):
            try:
                return attempt()
            except Later as later:
                reason, wait, error = say("amazon.failure.throttled"), later.wait, Throttled
            except again as failure:
                reason, wait, error = failure.reason, None, AmazonError
            if number < ATTEMPTS:
                self.clock.sleep(self._wait(number) if wait is None else wait)
        raise error(say("amazon.failure.attempts", attempts=ATTEMPTS, why=reason))

    def _wait(self, attempt: int) -> float:
        """Return seconds that double with each attempt; half is random, to spread clients out."""
        longest = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0**attempt)
        return longest * (0.5 + 0.5 * self._rng.random())

    def _once(self, method: str, path: str, body: object, media: str) -> Answer:
        """Return one request's answer; a refused token is renewed and the request repeated once."""
        response = self._request(method, path, body, media)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            self._token.forget()
            response = self._request(method, path, body, media)
        return self._answer(response)

    def _request(self, method: str, path: str, body: object, media: str) -> httpx.Response:
        headers = self._headers(media)
        content = {} if body is None else {"json": body}
        try:
            return self._http.request(
                method,
                self.endpoints.api + path,
                headers=headers,
                **content,  # type: ignore[arg-type]
            )
        except _UNSENT:
            raise Untouched(say("amazon.failure.no_connection")) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unsure(say("amazon.failure.no_answer", error=type(error).__name__)) from None

    def _headers(self, media: str) -> dict[str, str]:
        headers = {
            "Authorization": f"Bearer {self._token.current()}",
            **dict.fromkeys(_CLIENT_ID, self._credentials.client_id),
            "Content-Type": media,
            "Accept": media,
        }
        if self.profile is not None:
            headers["Amazon-Advertising-API-Scope"] = self.profile
        return headers

    def _answer(self, response: httpx.Response) -> Answer:
        """Return a good answer; raises the failure that any other status means."""
        status = response.status_code
        if status == httpx.codes.TOO_MANY_REQUESTS:
            raise Later(_retry_after(response.headers, self.clock.now()))
        if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            profile = self.profile or say("amazon.profile.none")
            raise AmazonError(say("amazon.profile.refused", profile=profile, status=str(status)))
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise Unsure(say("amazon.failure.status", status=str(status)))
        if status >= httpx.codes.BAD_REQUEST:
            raise Declined(status, self._reason(response))
        try:
            return Answer(status, response.json())
        except ValueError:
            raise Unsure(say("amazon.failure.not_json", status=str(status))) from None

    def _reason(self, response: httpx.Response) -> str:
        """Return Amazon's own words for a refusal."""
        try:
            body = response.json()
        except ValueError:
            body = response.text
        if isinstance(body, dict):
            keys = ("detail", "details", "message")
            body = next((body[key] for key in keys if key in body), body)
        return shorten(self.hidden(str(body)), _REASON)

    def _download_once(self, url: str) -> bytes:
        try:
            response = self._http.get(url)
        except httpx.HTTPError as error:
            raise Unsure(say("amazon.failure.no_answer", error=type(error).__name__)) from None
        status = response.status_code
        if status == httpx.codes.TOO_MANY_REQUESTS:
            raise Later(_retry_after(response.headers, self.clock.now()))
        reason = say("amazon.failure.status", status=str(status))
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise Unsure(reason)
        if status != httpx.codes.OK:
            raise Declined(status, reason)
        return response.content


def _retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds of a Retry-After header, given as seconds or as a date.

    None where it has neither, or a number that is none, such as ``nan``.
    """
    value = headers.get("Retry-After", "")
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - now
        except (ValueError, OverflowError, OSError):  # OSError: a year that this system lacks
            return None
    if math.isnan(seconds):
        return None
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER)


@cache
def _certificates() -> ssl.SSLContext:
    """Return the trusted certificates, which are slow to load."""
    return httpx.create_ssl_context()


def _silence(record: logging.LogRecord) -> bool:
    return False
