"""The access token that every request carries: ``AccessToken``."""

from typing import TYPE_CHECKING

from admatch.amazon.clock import Clock
from admatch.amazon.credentials import Credentials
from admatch.amazon.failures import AmazonError, Later, Untouched

if TYPE_CHECKING:
    import httpx

_EARLY = 60.0  # seconds before its end that a token is renewed


class AccessToken:
    """A token of Login with Amazon, renewed before it ends or when it was refused."""

    def __init__(
        self, address: str, credentials: Credentials, http: "httpx.Client", clock: Clock
    ) -> None:
        self._address = address
        self._credentials = credentials
        self._http = http
        self._clock = clock
        self._token: str | None = None
        self._ends = 0.0
        self._had: tuple[str, ...] = ()

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must be read nowhere."""
        return self._had

    def current(self) -> str:
        """Return a token that still holds.

        Raises ``AmazonError`` where the credentials are refused, ``Untouched`` or ``Later`` where
        none can be had now: the request it is meant for has not gone out.
        """
        if self._token is None or self._clock.now() > self._ends - _EARLY:
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
            raise Untouched(f"no token: {type(error).__name__}") from None
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise Later(None)
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise Untouched(f"no token: status {answer.status_code}")
        self._keep(answer)

    def _keep(self, answer: "httpx.Response") -> None:
        try:
            told = answer.json()
            if answer.is_success:
                self._token = str(told["access_token"])
                self._had = (*self._had, self._token)
                self._ends = self._clock.now() + float(told.get("expires_in", 3600))
                return
            reason = str(told.get("error", ""))
        except (ValueError, KeyError, AttributeError, TypeError):
            raise Untouched("no token: an answer that cannot be read") from None
        known = reason if reason.isascii() and reason.replace("_", "").isalpha() else "no reason"
        raise AmazonError(
            f"Login with Amazon refuses the credentials ({known}); check the client id, the "
            "secret and the refresh token, and that the application was not removed"
        )
