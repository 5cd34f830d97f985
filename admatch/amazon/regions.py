"""The addresses of the Ads API by region: ``Endpoints``."""

from dataclasses import dataclass

from admatch.errors import InputError
from admatch.messages import say


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The addresses of the Ads API and of Login with Amazon in one region."""

    api: str
    token: str

    @property
    def is_local(self) -> bool:
        """Whether the server runs on this computer, where TLS is not needed."""
        return self.api.startswith("http://127.0.0.1:")


_REGIONS = {
    "NA": Endpoints("https://advertising-api.amazon.com", "https://api.amazon.com/auth/o2/token"),
    "EU": Endpoints(
        "https://advertising-api-eu.amazon.com", "https://api.amazon.co.uk/auth/o2/token"
    ),
    "FE": Endpoints(
        "https://advertising-api-fe.amazon.com", "https://api.amazon.co.jp/auth/o2/token"
    ),
}


def find_region(code: str) -> Endpoints:
    """Return the addresses of a region; raises ``InputError`` for an unknown one."""
    if code.upper() not in _REGIONS:
        raise InputError(say("amazon.region.unknown", code=code))
    return _REGIONS[code.upper()]
