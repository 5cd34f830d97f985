"""What a job file lets admatch do at Amazon: ``AmazonJob`` and its ``Allowance``."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from admatch.errors import InputError, shorten
from admatch.tables.toml_file import Kinds, check_entries, parsed


class Kind(StrEnum):
    """Kinds of change that a job allows one by one."""

    NEGATIVE_KEYWORD = "negative-keyword"
    NEGATIVE_PRODUCT = "negative-product"
    KEYWORD = "keyword"
    PRODUCT_TARGET = "product-target"
    BID_UP = "bid-up"
    BID_DOWN = "bid-down"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may be applied: in which profiles, which kinds, how much of it at most.

    ``most_money`` bounds, in the account's currency, what one more click on everything that is
    new or dearer costs: the bids of new keywords and targets, and by how much bids rise.
    """

    profiles: frozenset[str]
    kinds: frozenset[Kind]
    most_changes: int
    most_money: float


@dataclass(frozen=True, slots=True)
class AmazonJob:
    """The table [amazon] of a job: whom to ask about whom, and what may be changed there."""

    region: str
    profile: str
    credentials: Path | None = None
    allow: Allowance | None = None


_LIST, _TEXT = (list,), (str,)
_ALLOW: dict[str, Kinds] = {
    "profiles": _LIST,
    "kinds": _LIST,
    "most_changes": (int,),
    "most_money": (int, float),
}
_AMAZON: dict[str, Kinds] = {
    "region": _TEXT,
    "profile": _TEXT,
    "credentials": _TEXT,
    "allow": (dict,),
}


def read_amazon_job(path: Path) -> AmazonJob:
    """Return what a job file says under [amazon]; the other tables are for others.

    Raises ``InputError`` naming the entry that is missing, unknown or of another kind.
    """
    told = parsed(path).get("amazon")
    if not isinstance(told, dict):
        raise InputError(f"{path.name}: there is no table [amazon]; write region and profile in it")
    return amazon_job(told, path.parent, f"{path.name}, [amazon]")


def amazon_job(told: Mapping[str, Any], folder: Path, where: str) -> AmazonJob:
    """Return what a table tells; ``folder`` is where its relative path begins. Raises as above."""
    _check(told, _AMAZON, ("region", "profile"), where)
    allow = told.get("allow")
    credentials = told.get("credentials")
    return AmazonJob(
        region=told["region"],
        profile=told["profile"],
        credentials=folder / credentials if credentials else None,
        allow=None if allow is None else _allowance(allow, f"{where}, allow"),
    )


def _allowance(told: Mapping[str, Any], where: str) -> Allowance:
    _check(told, _ALLOW, tuple(_ALLOW), where)
    unknown = [kind for kind in told["kinds"] if kind not in list(Kind)]
    if unknown:
        raise InputError(
            f"{where}: '{shorten(str(unknown[0]))}' is no kind of change; "
            f"choose of {', '.join(Kind)}"
        )
    if not all(isinstance(one, str) for one in told["profiles"]):
        raise InputError(f'{where}: profiles are texts; write ["1234567890"]')
    return Allowance(
        profiles=frozenset(told["profiles"]),
        kinds=frozenset(map(Kind, told["kinds"])),
        most_changes=told["most_changes"],
        most_money=float(told["most_money"]),
    )


def _check(
    told: Mapping[str, Any], known: Mapping[str, Kinds], needed: tuple[str, ...], where: str
) -> None:
    for name in needed:
        if name not in told:
            raise InputError(f"{where}: {name} is missing; write it")
    check_entries(told, known, where)
