"""Decisions of a finished run: filtered, sorted, searched, with what a person said of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

from admatch.apps.web.catalogs import picture_address
from admatch.apps.web.reader import Reader
from admatch.errors import InputError

# Actions that change the account (decisions/actions.py, which would load polars here).
CHANGING = (
    *("negate-exact", "negate-phrase", "negate-product", "harvest-exact", "isolate"),
    *("move-to-right-product", "bid-down", "bid-up"),
)
SORTABLE = (
    *("decision", "search_term", "action", "outcome", "campaign", "ad_group", "title"),
    *("impressions", "clicks", "spend", "orders", "sales", "acos", "probability"),
    *("product_probability", "spend_freed", "sales_at_risk", "profit_gain", "verdict"),
)
_LISTED = ("action", "outcome", "verdict")
_EQUAL = ("currency", "campaign", "ad_group", "product_id")

_ALL = f"""
WITH said AS (
    SELECT unnest($numbers::INTEGER[]) AS decision, unnest($verdicts::VARCHAR[]) AS verdict,
        unnest($notes::VARCHAR[]) AS note
), rows AS (
    SELECT rows.*, verdict, note,
        action IN {CHANGING} AND CASE verdict
            WHEN 'accepted' THEN true WHEN 'rejected' THEN false ELSE chosen END AS in_file
    FROM read_parquet($file) AS rows LEFT JOIN said USING (decision)
)
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which decisions: every field that is given has to hold; lists are parted by commas."""

    q: str | None = None
    action: str | None = None
    outcome: str | None = None
    verdict: str | None = None
    in_file: str | None = None
    chosen: str | None = None
    currency: str | None = None
    campaign: str | None = None
    ad_group: str | None = None
    product_id: str | None = None

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Wanted":
        """Return the filter that some fields make; raises InputError for one that is not known."""
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(given) - known):
            raise InputError(
                f"decisions cannot be filtered by '{unknown[0]}'; use {', '.join(sorted(known))}"
            )
        return cls(**given)

    def where(self, *, without_action: bool = False) -> tuple[str, dict[str, object]]:
        """Return a condition and its values."""
        parts, values = ["true"], dict[str, object]()
        for name in _LISTED:
            given = getattr(self, name)
            if given and not (name == "action" and without_action):
                column = f"coalesce({name}, 'undecided')" if name == "verdict" else name
                parts.append(f"list_contains(${name}::VARCHAR[], {column})")
                values[name] = [one.strip() for one in given.split(",")]
        for name in _EQUAL:
            if (given := getattr(self, name)) is not None:
                parts.append(f"coalesce({name}, '') = ${name}")
                values[name] = given
        for name in ("in_file", "chosen"):
            if (given := getattr(self, name)) is not None:
                parts.append(name if _truth(name, given) else f"NOT {name}")
        if self.q and self.q.strip():
            text = "lower(concat_ws(' ', search_term, title, product_id, campaign, ad_group))"
            parts.append(f"contains({text}, $q)")
            values["q"] = " ".join(self.q.lower().split())
        return " AND ".join(parts), values


def _truth(name: str, given: str) -> bool:
    if given.lower() not in ("true", "false"):
        raise InputError(f"{name} is true or false, not '{given[:20]}'")
    return given.lower() == "true"


class Said:
    """A run's verdicts, as a query takes them."""

    def __init__(self, verdicts: Sequence[Mapping[str, Any]]) -> None:
        self.values: dict[str, object] = {
            "numbers": [one["decision"] for one in verdicts],
            "verdicts": [one["verdict"] for one in verdicts],
            "notes": [one["note"] for one in verdicts],
        }


_AMOUNTS = (
    *("clicks", "spend", "orders", "sales"),
    *("spend_freed", "profit_gain", "sales_at_risk"),
)


def page_of(
    reader: Reader, result: Path, said: Said, wanted: Wanted, sort: str, page: int, size: int
) -> dict[str, Any]:
    """Return a page of decisions with the sums over all that the filter finds."""
    where, values = wanted.where()
    paging = {"size": size, "skip": (page - 1) * size}
    items = reader.query(
        f"{_ALL} SELECT * FROM rows WHERE {where} ORDER BY {_order(sort)} LIMIT $size OFFSET $skip",
        _given(result, said) | values | paging,
    )
    actions = _by_action(reader, result, said, wanted)
    own = wanted.action.split(",") if wanted.action else None
    found = [one for one in actions if own is None or one["action"] in map(str.strip, own)]
    total = sum(one["rows"] for one in found)
    return {
        "total": total,
        "page": page,
        "size": size,
        "sums": {"rows": total, "in_file": sum(one["in_file"] for one in found)} | _sums(found),
        "actions": {one["action"]: one["rows"] for one in actions},
        "items": items,
    }


def _by_action(reader: Reader, result: Path, said: Said, wanted: Wanted) -> list[dict[str, Any]]:
    """Return rows and amounts of every action, whichever of them is wanted."""
    where, values = wanted.where(without_action=True)
    sums = ", ".join(f"sum({name}) AS {name}" for name in _AMOUNTS)
    return reader.query(
        f"{_ALL} SELECT action, count(*) AS rows, count(*) FILTER (in_file) AS in_file,"
        f" list(DISTINCT coalesce(currency, '')) AS currencies, {sums} FROM rows WHERE {where}"
        " GROUP BY action ORDER BY rows DESC, action",
        _given(result, said) | values,
    )


def _sums(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the sums over actions; amounts of several currencies have none."""
    single = len({code for one in found for code in one["currencies"]}) <= 1
    told = {}
    for name in _AMOUNTS:
        known = [one[name] for one in found if one[name] is not None]
        addable = single or name in ("clicks", "orders")
        told[name] = _plain(sum(known)) if known and addable else None
    return told


def numbers_of(
    reader: Reader, result: Path, said: Said, wanted: Wanted | None, numbers: Sequence[int]
) -> list[int]:
    """Return the decisions that a filter finds, or those named, with all of the same change."""
    where = "list_contains($named::INTEGER[], decision)"
    values: dict[str, object] = {"named": list(numbers)}
    if wanted is not None:
        where, values = wanted.where()
    changing = f"action IN {CHANGING}"
    rows = reader.query(
        f"{_ALL}, found AS (SELECT * FROM rows WHERE {where}) SELECT decision FROM rows WHERE"
        " decision IN (SELECT decision FROM found) OR"
        f" ({changing} AND unit IN (SELECT unit FROM found WHERE {changing})) ORDER BY decision",
        _given(result, said) | values,
    )
    return [row["decision"] for row in rows]


def accepted(reader: Reader, result: Path, said: Said) -> list[int]:
    """Return the decisions that go into the file for upload."""
    rows = reader.query(
        f"{_ALL} SELECT decision FROM rows WHERE in_file ORDER BY decision", _given(result, said)
    )
    return [row["decision"] for row in rows]


def detail_of(reader: Reader, result: Path, said: Said, number: int) -> dict[str, Any] | None:
    """Return one decision with all of its evidence and the products that its term retrieves."""
    given = _given(result, said) | {"number": number}
    found = reader.query(f"{_ALL} SELECT * FROM rows WHERE decision = $number", given)
    if not found:
        return None
    row = found[0]
    products = reader.query(
        "SELECT rank, product_id, title, semantic_id, probability FROM read_parquet($products)"
        " WHERE search_term = $term ORDER BY rank",
        {"products": str(result / "products.parquet"), "term": row["search_term"]},
    )
    same = numbers_of(reader, result, said, None, [number])
    for name in ("other_ad_groups", "blast_radius", "conflicts"):
        row[name] = row[name] or []
    return row | {"products": products, "same_change": [one for one in same if one != number]}


def shown(
    row: Mapping[str, Any], names: Sequence[str], catalog_id: str, pictured: frozenset[str]
) -> Any:  # noqa: ANN401
    """Return the fields of a row that are told, with the address of the product's picture."""
    own = {name: _plain(row[name]) for name in names if name in row}
    product = row.get("product_id")
    has = product in pictured
    return own | {"picture": picture_address(catalog_id, str(product)) if has else None}


def _plain(value: Any) -> Any:  # noqa: ANN401 - a cell
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        return None
    return value


def _given(result: Path, said: Said) -> dict[str, object]:
    return {"file": str(result / "decisions.parquet"), **said.values}


def _order(sort: str) -> str:
    name = sort.removeprefix("-")
    if name not in SORTABLE:
        raise InputError(f"decisions cannot be sorted by '{name[:40]}'; use {', '.join(SORTABLE)}")
    return f"{name} {'DESC' if sort.startswith('-') else 'ASC'} NULLS LAST, decision"
