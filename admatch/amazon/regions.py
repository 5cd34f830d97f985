"""Where Amazon is asked: the ``Endpoints`` of each region."""

from dataclasses import dataclass

from admatch.errors import InputError


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The addresses of the Ads API and of Login with Amazon."""

    api: str
    token: str

    @property
    def is_local(self) -> bool:
        """Whether this is a server on this computer, which needs no TLS."""
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
    """Return the addresses of a region; raises ``InputError`` naming the known ones."""
    if code.upper() not in _REGIONS:
        raise InputError(
            f"'{code}' is no region; choose NA (Americas), EU (Europe, Middle East, India) or "
            "FE (Japan, Australia, Singapore)"
        )
    return _REGIONS[code.upper()]
