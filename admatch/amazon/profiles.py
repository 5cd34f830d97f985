"""Who advertises where: the ``Profile`` of a job, and those that the credentials open."""

from dataclasses import dataclass

from admatch.amazon.client import AdsClient
from admatch.amazon.failures import AmazonError
from admatch.errors import shorten

_SAME = {"GB": "UK"}  # profiles say GB where bids and bulk files say UK


@dataclass(frozen=True, slots=True)
class Profile:
    """One advertiser in one marketplace."""

    id: str
    country: str
    currency: str
    name: str

    def __str__(self) -> str:
        return f"{self.id} ({self.country}, {shorten(self.name)})"


def list_profiles(client: AdsClient) -> list[Profile]:
    """Return the profiles that the credentials open, in Amazon's order."""
    told = client.read("GET", "/v2/profiles").body
    if not isinstance(told, list):
        raise AmazonError("Amazon lists profiles in an unknown form; try again later")
    return [
        Profile(
            id=str(one["profileId"]),
            country=_SAME.get(one.get("countryCode"), one.get("countryCode") or ""),
            currency=one.get("currencyCode") or "",
            name=(one.get("accountInfo") or {}).get("name") or "",
        )
        for one in told
    ]


def find_profile(client: AdsClient) -> Profile:
    """Return the client's profile; raises ``AmazonError`` naming those that there are."""
    known = list_profiles(client)
    found = next((one for one in known if one.id == client.profile), None)
    if found is None:
        there = ", ".join(map(str, known[:20])) or "none"
        raise AmazonError(
            f"these credentials do not open profile {client.profile or '(none)'}; "
            f"those that they open in this region: {there}"
        )
    return found
