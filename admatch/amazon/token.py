"""The access token that every request carries: ``AccessToken``."""

import math
from typing import TYPE_CHECKING

from admatch.amazon.clock import Clock
from admatch.amazon.credentials import Credentials
from admatch.amazon.failures import AmazonError, Later, Untouched
from admatch.messages import say

if TYPE_CHECKING:
    import httpx

_EARLY = 60.0  # seconds before it expires that a token is renewed
_LIFE = 3600.0  # seconds that a token lasts where the answer does not say


class AccessToken:
    """A token of Login with Amazon, renewed before it expires or after it was refused."""

    def __init__(
        self, address: str, credentials: Credentials, http: "httpx.Client", clock: Clock
    ) -> None:
        self._address = address
        self._credentials = credentials
        self._http = http
        self._clock = clock
        self._token: str | None = None
        self._expires = 0.0
        self._issued: tuple[str, ...] = ()

    @property
    def secrets(self) -> tuple[str, ...]:
        """The texts that must never be shown or logged."""
        return self._issued

    def current(self) -> str:
        """Return a valid token.

        Raises ``AmazonError`` where the credentials are refused, ``Untouched`` or ``Later`` where
        no token can be had now: the request that needs it has not gone out.
        """
        if self._token is None or self._clock.now() > self._expires - _EARLY:
            self._renew()
        return self._token or ""

    def forget(self) -> None:
        """Make the next request renew the token."""
        self._token = None

    def _renew(self) -> None:
        import httpx

        form = {
            "grant_type": "refresh_token",
            "refresh_token": self._credentials.refresh_token,
            "client_id": self._credentials.client_id,
            "client_secret": self._credentials.client_secret,
        }
        try:
            answer = self._http.post(self._address, data=form)
        except httpx.HTTPError as error:
            why = type(error).__name__
            raise Untouched(say("amazon.failure.no_token", why=why)) from None
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise Later(None)
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            status = say("amazon.failure.status", status=str(answer.status_code))
            raise Untouched(say("amazon.failure.no_token", why=status))
        self._take(answer)

    def _take(self, answer: "httpx.Response") -> None:
        """Set the token from an answer; raises ``AmazonError`` for a refusal."""
        try:
            body = answer.json()
            if answer.is_success:
                self._token = str(body["access_token"])
                self._issued = (*self._issued, self._token)
                self._expires = self._clock.now() + _seconds(body.get("expires_in"))
                return
            reason = str(body.get("error", ""))
        except (ValueError, KeyError, AttributeError, TypeError):
            unreadable = say("amazon.failure.unreadable")
            raise Untouched(say("amazon.failure.no_token", why=unreadable)) from None
        # Only an OAuth error code is quoted: anything else might repeat what was sent.
        if reason.isascii() and reason.replace("_", "").isalpha():
            raise AmazonError(say("amazon.token.refused", reason=reason))
        raise AmazonError(say("amazon.token.refused_without_reason"))


def _seconds(life: object) -> float:
    """Return the seconds that a token lasts; an hour where the answer gives no usable number."""
    seconds = _LIFE if life is None else float(life)  # type: ignore[arg-type]
    return seconds if math.isfinite(seconds) else _LIFE
