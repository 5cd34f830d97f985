"""Situations and the accounts around them, read from TOML; ``build`` makes admatch's records."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CLAUSES = ("close-match", "loose-match", "substitutes", "complements")
KEYWORDS = ("exact", "phrase", "broad")
BID_OVER_CPC = 1.25  # of a targeting whose bid the file does not name

# Words around the head of a spread of thin terms; no title and no background term has them.
_BEFORE = (
    *("black", "white", "small", "heavy duty", "cheap", "best", "mini", "professional"),
    *(
        "red",
        "compact",
        "modern",
        "vintage",
        "wall mounted",
        "portable",
        "blue",
        "folding",
        "deluxe",
        "silent",
    ),
)
_AFTER = (
    *("", "amazon", "for home", "2 pack", "with stand", "gift", "reviews", "for mom", "uk"),
    *("under 20", "for rv", "adjustable"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A search term where it was served, and what its targeting is."""

    campaign: str
    ad_group: str
    targeting: str
    match: str | None
    term: str
    clicks: int
    orders: int
    spend: float
    sales: float | None
    halo: float
    impressions: int
    currency: str | None
    days: tuple[int, int]
    about: dict[str, float]

    @property
    def target(self) -> "Target":
        """What served the term."""
        return Target(self.campaign, self.ad_group, self.targeting, self.match)


@dataclass(frozen=True, slots=True)
class Target:
    """A keyword with its match type, or a product target (``match`` is None)."""

    campaign: str
    ad_group: str
    text: str
    match: str | None


@dataclass(frozen=True, slots=True)
class Running:
    """What the account says of a target: its own bid (None: it inherits), its state."""

    target: Target
    bid: float | None
    state: str = "enabled"


@dataclass(frozen=True)
class Situation:
    """A history, what runs, what is sold, and what a manager would and would not sign."""

    name: str
    theme: str
    why: str
    rows: tuple[Row, ...]
    running: tuple[Running, ...]
    defaults: dict[tuple[str, str], float | None]
    ads: dict[tuple[str, str], list[str]]
    catalog: list[dict[str, Any]]
    options: dict[str, Any]
    must: list[dict[str, Any]]
    proposed: list[dict[str, Any]]
    never: list[dict[str, Any]]
    never_chosen: list[dict[str, Any]]
    own: frozenset[str] = field(default=frozenset())  # terms of the situation, not its background

    def __repr__(self) -> str:
        return f"{self.theme}: {self.name}"

    @property
    def negatives(self) -> list[dict[str, Any]]:
        """The negative keywords in force; without an ad group, of a whole campaign."""
        given: list[dict[str, Any]] = self.options.get("negatives", [])
        return given


@cache
def situations() -> tuple[Situation, ...]:
    """Return every situation of every theme, in the order of files and lines."""
    return tuple(one for path in sorted(HERE.glob("*.toml")) for one in _of_theme(path))


def _of_theme(path: Path) -> Iterator[Situation]:
    theme = tomllib.loads(path.read_text(encoding="utf-8"))
    for given in theme["situation"]:
        yield _situation(theme.get("defaults", {}) | given, path.stem)


_LISTS = ("must", "proposed", "never", "never_chosen")
_KNOWN = {
    *("name", "why", "background", "rows", "running", "catalog", "cpc", "value", "currency"),
    *("target", "margin", "protect", "account", "account_lacks", "budgets", "negatives"),
    *("daily", "paused_campaigns", "marketplace", "placements", "new_campaigns", *_LISTS),
}


def _situation(given: dict[str, Any], theme: str) -> Situation:
    unknown = set(given) - _KNOWN
    assert not unknown, f"{theme}: {given['name']}: unknown keys {sorted(unknown)}"
    around = _background(given.get("background", "kitchen"))
    usual = {name: given.get(name, around.get(name)) for name in ("currency", "cpc", "value")}
    old = {name: around.get(name) for name in ("currency", "cpc", "value")}
    blocks = [(block, old) for block in around.get("rows", [])]
    blocks += [(block, usual) for block in given.get("rows", [])]
    rows = tuple(row for block, base in blocks for row in _rows(block, base))
    extra = given.get("running", [])
    ads: dict[tuple[str, str], list[str]] = {}
    defaults: dict[tuple[str, str], float | None] = {}
    for block in [*(block for block, _ in blocks), *extra]:
        key = block["campaign"], block["ad_group"]
        ads.setdefault(key, []).extend(block.get("ads", []))
        if "default_bid" in block or key not in defaults:
            cost = block.get("cpc", usual["cpc"])
            defaults[key] = block.get("default_bid", round(cost * BID_OVER_CPC, 2))
    own = frozenset(row.term for block in given.get("rows", []) for row in _rows(block, usual))
    return Situation(
        name=given["name"],
        theme=theme,
        why=given["why"],
        rows=rows,
        running=tuple(_running(blocks, extra)),
        defaults=defaults,
        ads=ads,
        catalog=[*around.get("catalog", []), *given.get("catalog", [])],
        options=given,
        own=own,
        **{name: given.get(name, []) for name in _LISTS},
    )


@cache
def _background(name: str) -> dict[str, Any]:
    path = HERE / "backgrounds" / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _rows(block: dict[str, Any], usual: dict[str, Any]) -> Iterator[Row]:
    match = block.get("match")
    spread = _spread(block["spread"]) if "spread" in block else []
    for term, clicks, orders, *more in [*block.get("terms", []), *spread]:
        own = usual | block | (more[0] if more else {})
        cpc, value = own["cpc"], own["value"] or 0.0
        yield Row(
            campaign=block["campaign"],
            ad_group=block["ad_group"],
            targeting=block.get("targeting", term),
            match=match,
            term=term,
            clicks=clicks,
            orders=orders,
            spend=round(own.get("spend", clicks * cpc), 2),
            sales=None if own.get("sales_unknown") else round(own.get("sales", orders * value), 2),
            halo=round(own.get("halo", 0) * value, 2),
            impressions=own.get("impressions", clicks * 120),
            currency=own["currency"] or None,  # TOML has no null
            days=tuple(own.get("days", (1, 31))),
            about=own.get("about", {}),
        )


def _spread(given: dict[str, Any]) -> list[list[Any]]:
    """Return thin terms around ``of``: few have most clicks, and orders come one at a time."""
    count, head = given["terms"], given["of"]
    pairs = ((before, after) for after in _AFTER for before in _BEFORE)
    names = [f"{before} {head} {after}".strip() for before, after in islice(pairs, count)]
    assert len(names) == count, f"at most {len(_BEFORE) * len(_AFTER)} terms in a spread"
    weights = [1 / (3 + number) for number in range(count)]
    total, sums, clicks = sum(weights), 0.0, []
    for weight in weights:
        before = round(sums * (given["clicks"] - count) / total)
        sums += weight
        clicks.append(1 + round(sums * (given["clicks"] - count) / total) - before)
    every = max(count // max(given["orders"], 1), 1)
    orders = [0] * count
    for number in range(given["orders"]):
        orders[(number * every + every // 2) % count] += 1
    return [[name, c, o] for name, c, o in zip(names, clicks, orders, strict=True)]


def _running(
    blocks: list[tuple[dict[str, Any], dict[str, Any]]], extra: list[dict[str, Any]]
) -> Iterator[Running]:
    """Yield each target once: those of the rows, then those without clicks."""
    seen = set()
    for block, usual in blocks:
        cost = block.get("cpc", usual["cpc"])
        given = block.get("bid", round(cost * BID_OVER_CPC, 2))
        bid = None if given == "inherits" else given
        for row in _rows(block, usual):
            if row.target not in seen and not block.get("unlisted"):
                seen.add(row.target)
                yield Running(row.target, bid, block.get("state", "enabled"))
    for block in extra:
        if "text" in block:
            target = Target(block["campaign"], block["ad_group"], block["text"], block.get("match"))
            yield Running(target, block.get("bid"), block.get("state", "enabled"))
