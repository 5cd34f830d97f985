"""Advertisers and their marketplaces: the ``Profile`` of a job, and all that credentials open."""

from dataclasses import dataclass

from admatch.amazon.client import AdsClient
from admatch.amazon.failures import AmazonError
from admatch.errors import shorten
from admatch.messages import say

_SAME = {"GB": "UK"}  # profiles say GB where bids and bulk files say UK
_SHOWN = 20  # profiles that a message lists


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
    rows = client.read("GET", "/v2/profiles").body
    if not isinstance(rows, list):
        raise AmazonError(say("amazon.profile.unknown_form"))
    return [
        Profile(
            id=str(row["profileId"]),
            country=_SAME.get(row.get("countryCode"), row.get("countryCode") or ""),
            currency=row.get("currencyCode") or "",
            name=(row.get("accountInfo") or {}).get("name") or "",
        )
        for row in rows
    ]


def find_profile(client: AdsClient) -> Profile:
    """Return the client's profile; raises ``AmazonError`` naming those that can be opened."""
    known = list_profiles(client)
    profile = next((one for one in known if one.id == client.profile), None)
    if profile is not None:
        return profile
    named = client.profile or say("amazon.profile.none")
    if not known:
        raise AmazonError(say("amazon.profile.nothing_open", profile=named))
    shown = ", ".join(map(str, known[:_SHOWN]))
    raise AmazonError(say("amazon.profile.not_open", profile=named, known=shown))
