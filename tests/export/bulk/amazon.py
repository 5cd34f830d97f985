"""A tiny Amazon: takes bulk sheets as its documentation says, and gives its account back."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import openpyxl
import polars as pl

from admatch.reports.account.records import ACCOUNT_SCHEMA, Account

SHEET = "Sponsored Products Campaigns"
_ID_COLUMNS = {True: "Keyword ID", False: "Product Targeting ID"}


@dataclass(frozen=True)
class Held:
    entity: str
    campaign_id: str
    ad_group_id: str | None
    text: str
    match_type: str | None
    bid: float | None = None
    state: str = "enabled"

    @property
    def key(self):
        where = self.ad_group_id or self.campaign_id
        return self.entity, where, self.match_type, self.text.lower()

    @property
    def is_keyword(self):
        return self.match_type is not None


@dataclass
class Amazon:
    """Two campaigns (1 manual, 2 auto), ad groups 11 and 12 in the first, 21 in the second."""

    held: dict[str, Held] = field(default_factory=dict)
    currency: str = "EUR"
    campaigns = {"1": ("Lamps", "manual"), "2": ("Auto lamps", "auto")}  # noqa: RUF012
    groups = {"11": ("1", "Desk", 0.75), "12": ("1", "Floor", 1.2), "21": ("2", "All", 0.4)}  # noqa: RUF012

    def hold(self, *things: Held):
        for thing in things:
            self.held[str(1000 + len(self.held))] = thing
        return self

    def upload(self, path: Path) -> list[str]:
        """Take every row; return what is wrong with those that are not taken."""
        errors = []
        for number, row in enumerate(rows_of(path), start=2):
            try:
                getattr(self, f"_{row['Operation'].lower()}")(row)
            except (AssertionError, KeyError) as error:
                errors.append(f"row {number}: {error!r} {row}")
        return errors

    def _create(self, row):
        is_keyword = "Keyword Text" in row
        made = Held(
            entity=row["Entity"],
            campaign_id=row["Campaign ID"],
            ad_group_id=row.get("Ad Group ID"),
            text=row["Keyword Text" if is_keyword else "Product Targeting Expression"],
            match_type=row["Match Type"] if is_keyword else None,
            bid=row.get("Bid"),
            state=row["State"],
        )
        assert made.campaign_id in self.campaigns
        if made.entity.startswith("Campaign"):
            assert made.ad_group_id is None
            assert made.state == "enabled"
        else:
            assert self.groups[made.ad_group_id][0] == made.campaign_id
            assert made.state in ("enabled", "paused")
        assert made.key not in [one.key for one in self.held.values() if one.state != "archived"]
        assert "egative" not in made.entity or made.bid is None
        self.hold(made)

    def _update(self, row):
        known = self._find(row)
        bid = row.get("Bid", self.held[known].bid)  # a blank cell leaves it as it is
        state = row.get("State", self.held[known].state)
        self.held[known] = replace(self.held[known], bid=bid, state=state)

    def _archive(self, row):
        known = self._find(row)
        self.held[known] = replace(self.held[known], state="archived")

    def _find(self, row):
        known = row.get("Keyword ID") or row["Product Targeting ID"]
        assert self.held[known].state != "archived"
        assert self.held[known].entity == row["Entity"]
        assert _ID_COLUMNS[self.held[known].is_keyword] in row
        return known

    def running(self):
        """Return what is not archived, without IDs; no bid is the same as the default."""
        alive = [one for one in self.held.values() if one.state != "archived"]
        return sorted(str(replace(one, bid=self._paid(one))) for one in alive)

    def _paid(self, one: Held):
        if "egative" in one.entity:
            return None
        return self.groups[one.ad_group_id][2] if one.bid is None else one.bid

    def account(self, sources=()) -> Account:
        rows = []
        for campaign_id, (name, kind) in self.campaigns.items():
            facts = {"entity": "Campaign", "campaign_id": campaign_id, "campaign": name}
            rows.append(facts | {"targeting_type": kind, "state": "enabled"})
        for group_id, (campaign_id, name, bid) in self.groups.items():
            facts = {"entity": "Ad Group", "campaign_id": campaign_id, "ad_group_id": group_id}
            rows.append(facts | {"ad_group": name, "default_bid": bid, "state": "enabled"})
        rows += [_row(target_id, one) for target_id, one in self.held.items()]
        return account_of(rows, self.currency, sources)


def _row(target_id: str, one: Held):
    return {
        "entity": one.entity,
        "campaign_id": one.campaign_id,
        "ad_group_id": one.ad_group_id,
        "target_id": target_id,
        "keyword" if one.is_keyword else "expression": one.text,
        "match_type": one.match_type,
        "bid": one.bid,
        "state": one.state,
    }


def account_of(rows, currency="EUR", sources=()) -> Account:
    empty = dict.fromkeys(ACCOUNT_SCHEMA)
    known = {"file": "bulk.xlsx", "currency": currency, "ad_product": "Sponsored Products"}
    full = [empty | known | {"row": number} | row for number, row in enumerate(rows, start=2)]
    frame = pl.DataFrame(full, schema=ACCOUNT_SCHEMA)
    return Account(frame, tuple(sources), ("bulk",))


def rows_of(path: Path):
    """Return the filled cells of each row of a bulk sheet, by column."""
    lines = openpyxl.load_workbook(path)[SHEET].iter_rows(values_only=True)
    header = next(lines)
    return [{c: v for c, v in zip(header, line, strict=True) if v is not None} for line in lines]
