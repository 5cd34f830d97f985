"""Requests to Amazon that never do a thing twice: ``AdsClient``."""

import logging
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
from admatch.errors import MissingDependencyError, shorten

try:
    import httpx
except ImportError:  # pragma: no cover - an optional package
    raise MissingDependencyError(
        "Amazon is asked with httpx, which is not installed; run: pip install 'admatch[amazon]'"
    ) from None

_T = TypeVar("_T")

ATTEMPTS = 8  # of one request; with the waits below a quarter of an hour
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 120.0  # seconds
_TIMEOUT = 60.0  # Amazon answers batches of a thousand in some ten seconds
_JSON = "application/json"
# They log whole addresses, and that of a report lets anybody in.
_TALKATIVE = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.proxy")
# No request went out: the connection was never made.
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


@dataclass(frozen=True, slots=True)
class Answer:
    """What Amazon answered: a status below 400 and the JSON of the body."""

    status: int
    body: Any


class AdsClient:
    """One profile of one region, asked with waits and retries; a context manager.

    Raises ``AmazonError`` where Amazon cannot be asked for long, or lets nobody in.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        credentials: Credentials,
        profile: str | None = None,
        *,
        clock: Clock | None = None,
        timeout: float = _TIMEOUT,
        rng: random.Random | None = None,
    ) -> None:
        self.profile = profile
        self.clock = clock or SystemClock()
        self.endpoints = endpoints
        self._credentials = credentials
        self._rng = rng or random.Random()
        for name in _TALKATIVE:
            logging.getLogger(name).addFilter(_silence)
        self._http = httpx.Client(timeout=timeout, follow_redirects=False, verify=_trusted())
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
        """Return the answer to a request that changes nothing; asked again after any failure.

        Raises ``Declined`` for what Amazon refuses.
        """
        return self._attempts(lambda: self._once(method, path, body, media), again=Unsure)

    def send(self, method: str, path: str, body: object, media: str) -> Answer:
        """Return the answer to a request that changes something.

        It is sent again only where Amazon cannot have done anything. Raises ``Unsure`` where it
        may have, ``Declined`` where it did nothing and never will, ``Throttled`` for not yet.
        """
        return self._attempts(lambda: self._once(method, path, body, media), again=Untouched)

    def download(self, url: str) -> bytes:
        """Return a report's file; no credentials go along, as the address is enough.

        Raises ``Declined`` where the address has expired.
        """
        if not (url.startswith("https://") or self.endpoints.is_local):
            raise AmazonError("Amazon named an address for a report that is not https; try later")
        return self._attempts(lambda: self._downloaded(url), again=Unsure)

    def hidden(self, text: str) -> str:
        """Return ``text`` without anything secret."""
        return hidden(text, (*self._credentials.secrets, *self._token.secrets))

    def _attempts(self, ask: Callable[[], _T], again: type[Unsure]) -> _T:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return ask()
            except Later as later:
                reason, wait, throttled = "throttles the requests", later.wait, True
            except again as error:
                reason, wait, throttled = str(error), None, False
            if attempt < ATTEMPTS:
                self.clock.sleep(self._wait(attempt) if wait is None else wait)
        told = f"Amazon could not be asked in {ATTEMPTS} attempts ({self.hidden(reason)}); "
        raise (Throttled if throttled else AmazonError)(told + "run the same command again later")

    def _wait(self, attempt: int) -> float:
        """Return seconds that double, half of them by chance so that clients do not march."""
        longest = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0**attempt)
        return longest * (0.5 + 0.5 * self._rng.random())

    def _once(self, method: str, path: str, body: object, media: str) -> Answer:
        """Ask once, and once more with a new token where the present one is refused."""
        answer = self._asked(method, path, body, media)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._token.forget()
            answer = self._asked(method, path, body, media)
        return self._judged(answer)

    def _asked(self, method: str, path: str, body: object, media: str) -> httpx.Response:
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
            raise Untouched("no connection") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unsure(f"no answer: {type(error).__name__}") from None

    def _headers(self, media: str) -> dict[str, str]:
        headers = {
            "Authorization": f"Bearer {self._token.current()}",
            "Amazon-Advertising-API-ClientId": self._credentials.client_id,
            "Content-Type": media,
            "Accept": media,
        }
        if self.profile is not None:
            headers["Amazon-Advertising-API-Scope"] = self.profile
        return headers

    def _judged(self, answer: httpx.Response) -> Answer:
        """Return a good answer; raises what the others mean."""
        status = answer.status_code
        if status == httpx.codes.TOO_MANY_REQUESTS:
            raise Later(_retry_after(answer.headers, self.clock.now()))
        if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise AmazonError(
                f"Amazon does not let this application into profile {self.profile or '(none)'} "
                f"(status {status}); check the credentials, the region and the profile"
            )
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise Unsure(f"status {status}")
        if status >= httpx.codes.BAD_REQUEST:
            raise Declined(status, self._reason(answer))
        try:
            return Answer(status, answer.json())
        except ValueError:
            raise Unsure(f"status {status} with a body that is no JSON") from None

    def _reason(self, answer: httpx.Response) -> str:
        """Return Amazon's words for a refusal."""
        try:
            told = answer.json()
        except ValueError:
            told = answer.text
        if isinstance(told, dict):
            told = next(
                (told[key] for key in ("detail", "details", "message") if key in told), told
            )
        return shorten(self.hidden(str(told)), 300)

    def _downloaded(self, url: str) -> bytes:
        try:
            answer = self._http.get(url)
        except httpx.HTTPError as error:
            raise Unsure(f"no answer: {type(error).__name__}") from None
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise Later(_retry_after(answer.headers, self.clock.now()))
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise Unsure(f"status {answer.status_code}")
        if answer.status_code != httpx.codes.OK:
            raise Declined(answer.status_code, f"status {answer.status_code}")
        return answer.content


def _retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds of a Retry-After header, which has seconds or a date."""
    told = headers.get("Retry-After", "")
    try:
        return min(max(float(told), 0.0), 3600.0)
    except ValueError:
        pass
    try:
        return min(max(parsedate_to_datetime(told).timestamp() - now, 0.0), 3600.0)
    except ValueError:
        return None


@cache
def _trusted() -> ssl.SSLContext:
    """Return the certificates that are trusted, which take long to load."""
    return httpx.create_ssl_context()


def _silence(record: logging.LogRecord) -> bool:
    return False
