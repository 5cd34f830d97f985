"""The account as a bulk file of Amazon (Bulksheets 2.0): entities, IDs, bids, figures."""

import hashlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from admatch.simulate.campaigns import AUTO_TARGETS, Campaigns
from admatch.tables.atomic import replacing

CAMPAIGNS, PORTFOLIOS = "Sponsored Products Campaigns", "Portfolios"
PORTFOLIO = "Synthetic"
STRATEGY = "Dynamic bids – down only"  # real files have the en dash
_HEADROOM = 1.15  # a bid relative to the cost per click that it led to
_NEGATIVES = ("wholesale", "recipe", "toy", "plush", "costume", "wallpaper")
_FOREIGN_ASIN = "B0NOTOURS1"
_PARENTS = ("campaign", "ad_group")
_FIGURES = ("impressions", "clicks", "spend", "sales", "orders", "units")

Row = dict[str, Any]


def bulk_sheets(
    rows: pl.DataFrame,
    campaigns: Campaigns,
    currency: str,
    start: date,
    budgets: Mapping[str, float] | None = None,
    placements: pl.DataFrame | None = None,
) -> dict[str, pl.DataFrame]:
    """Return the tabs of the download under Amazon's headers.

    ``rows`` are the account's days (amounts in cents); their sums are the figures of campaigns, ad
    groups, product ads and targets. Negatives block none of the account's search terms. A campaign
    that ``budgets`` do not name has twice the daily budget that it spends. ``placements`` are those
    of ``draw_placements``.
    """
    book = _Book(rows, campaigns, start, budgets or {}, placements)
    portfolio: Row = {
        "Product": PORTFOLIOS,
        "Entity": "Portfolio",
        "Portfolio ID": _identifier("portfolio", PORTFOLIO),
        "Portfolio Name": PORTFOLIO,
        "Budget Currency Code": currency,
        "Budget Policy": "No Cap",
        "State (Informational only)": "enabled",
        "In Budget (Informational only)": "In Budget",
    }
    tabs: dict[str, list[Row]] = {PORTFOLIOS: [portfolio], CAMPAIGNS: list(book.rows())}
    return {tab: _cells(lines, _headers()[tab]) for tab, lines in tabs.items()}


def write_bulk_xlsx(sheets: Mapping[str, pl.DataFrame], path: Path) -> None:
    """Write the tabs as a workbook, with IDs and all other texts as text."""
    with replacing(path) as draft, xlsxwriter.Workbook(draft) as book:
        book.set_properties({"created": datetime(2025, 1, 1)})  # the same bytes every time
        for tab, cells in sheets.items():
            sheet = book.add_worksheet(tab)
            sheet.write_row(0, 0, cells.columns)
            for number, line in enumerate(cells.iter_rows(), start=1):
                for column, value in enumerate(line):
                    if isinstance(value, str):
                        sheet.write_string(number, column, value)  # never taken for a formula
                    elif value is not None:
                        sheet.write_number(number, column, value)


class _Book:
    """The rows of the campaigns tab, from campaign down to target."""

    def __init__(
        self,
        rows: pl.DataFrame,
        campaigns: Campaigns,
        start: date,
        budgets: Mapping[str, float],
        placements: pl.DataFrame | None,
    ) -> None:
        self._placements = placements
        self._start, self._budgets = start, budgets
        self._groups = campaigns.groups
        self._terms = "\n".join(rows["search_term"].unique().sort())
        rows = rows.with_columns(sales=pl.col("sales_promoted") + pl.col("sales_halo"))
        self._days = rows["date"].n_unique()
        self._campaigns = _sums(rows, ["campaign", "group"])
        self._ad_groups = _sums(rows, _PARENTS)
        self._ads = _sums(rows, [*_PARENTS, "product_id"])
        self._targets = _sums(rows, [*_PARENTS, "targeting", "match_type"])

    def rows(self) -> Iterable[Row]:
        """Yield the rows in the file's order."""
        for campaign in self._campaigns.iter_rows(named=True):
            name = campaign["campaign"]
            is_auto = name.endswith("| Auto")
            usual = max(5, round(campaign["spend"] / 100 / self._days * 2))
            yield self._row("Campaign", campaign) | {
                "Campaign Name": name,
                "Portfolio ID": _identifier("portfolio", PORTFOLIO),
                "Start Date": f"{self._start:%Y%m%d}",
                "Targeting Type": "Auto" if is_auto else "Manual",
                "Daily Budget": self._budgets.get(name, usual),
                "Bidding Strategy": STRATEGY,
            }
            yield from self._adjustments(name)
            yield from self._campaign_negatives(name)
            for ad_group in self._ad_groups.filter(pl.col("campaign") == name).iter_rows(
                named=True
            ):
                yield from self._ad_group(ad_group, campaign["group"], is_auto)

    def _ad_group(self, ad_group: Row, group: str, is_auto: bool) -> Iterable[Row]:
        default = _bid(ad_group)
        yield self._row("Ad Group", ad_group) | {
            "Ad Group Name": ad_group["ad_group"],
            "Ad Group Default Bid": default,
        }
        here = (pl.col("campaign") == ad_group["campaign"]) & (
            pl.col("ad_group") == ad_group["ad_group"]
        )
        inherited = {"Ad Group Default Bid (Informational only)": default}
        shown = {row["product_id"]: row for row in self._ads.filter(here).iter_rows(named=True)}
        for product in self._groups[group]:
            yield self._ad(shown.get(product, _idle(ad_group)), product)
        for target in _with_idle(self._targets.filter(here), ad_group, is_auto):
            yield self._target(target) | inherited
        if not is_auto:
            yield self._row("Negative Product Targeting", _idle(ad_group)) | {
                "Product Targeting ID": _identifier("negative", *_parents(ad_group)),
                "Product Targeting Expression": f'asin="{_FOREIGN_ASIN}"',
            }

    def _ad(self, row: Row, product: str) -> Row:
        return self._row("Product Ad", row) | {
            "Ad ID": _identifier("ad", *_parents(row), product),
            "SKU": sku_of(product),
            "ASIN (Informational only)": product,
            "Eligibility Status (Informational only)": "Eligible",
        }

    def _target(self, row: Row) -> Row:
        identifier = _identifier("target", *_parents(row), row["targeting"], row["match_type"])
        bid = {"Bid": _bid(row)}
        if row["match_type"] == "-":
            return (
                self._row("Product Targeting", row)
                | bid
                | {
                    "Product Targeting ID": identifier,
                    "Product Targeting Expression": row["targeting"],
                    "Resolved Product Targeting Expression (Informational only)": row["targeting"],
                }
            )
        return (
            self._row("Keyword", row)
            | bid
            | {
                "Keyword ID": identifier,
                "Keyword Text": row["targeting"],
                "Match Type": str(row["match_type"]).title(),
            }
        )

    def _adjustments(self, campaign: str) -> Iterable[Row]:
        """Yield the percentages of a campaign's placements; their rows have no state."""
        if self._placements is None:
            return
        own = self._placements.filter(pl.col("campaign") == campaign)
        for line in own.sort("placement").iter_rows(named=True):
            yield self._row("Bidding Adjustment", line) | {
                "State": None,
                "Bidding Strategy": STRATEGY,
                "Placement": line["placement"],
                "Percentage": line["percentage"],
            }

    def _campaign_negatives(self, campaign: str) -> Iterable[Row]:
        """Yield a negative phrase and a negative exact keyword that no term of the account has."""
        unused = [word for word in _NEGATIVES if word not in self._terms][:2]
        for word, match_type in zip(unused, ("Negative Phrase", "Negative Exact"), strict=False):
            yield self._row("Campaign Negative Keyword", _idle({"campaign": campaign})) | {
                "Keyword ID": _identifier("negative", campaign, word),
                "Keyword Text": word,
                "Match Type": match_type,
            }

    def _row(self, entity: str, row: Row) -> Row:
        """Return the cells that all rows have: parents, state, figures."""
        campaign, ad_group = row["campaign"], row.get("ad_group")
        parents: Row = {
            "Product": "Sponsored Products",
            "Entity": entity,
            "Campaign ID": _identifier("campaign", campaign),
            "Campaign Name (Informational only)": campaign,
            "Portfolio Name (Informational only)": PORTFOLIO,
            "State": "enabled",
            "Campaign State (Informational only)": "enabled",
        }
        if ad_group is not None:
            parents |= {
                "Ad Group ID": _identifier("ad group", campaign, ad_group),
                "Ad Group Name (Informational only)": ad_group,
                "Ad Group State (Informational only)": "enabled",
            }
        return parents | _figures(row)


def sku_of(product_id: str) -> str:
    """Return the invented seller's SKU of a product."""
    return f"SKU-{product_id}"


def _sums(rows: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    return rows.group_by(key).agg(pl.col(*_FIGURES).sum()).sort(key)


def _with_idle(targets: pl.DataFrame, ad_group: Row, is_auto: bool) -> list[Row]:
    """Return the targets' rows; an automatic ad group has all four of its targets."""
    rows = list(targets.iter_rows(named=True))
    served = {row["targeting"] for row in rows}
    idle = [name for name in AUTO_TARGETS if is_auto and name not in served]
    return [*rows, *(_idle(ad_group) | {"targeting": name, "match_type": "-"} for name in idle)]


def _idle(row: Row) -> Row:
    """Return the same campaign and ad group without any traffic."""
    return {name: row[name] for name in _PARENTS if name in row} | dict.fromkeys(_FIGURES, 0)


def _parents(row: Row) -> tuple[object, object]:
    return row["campaign"], row["ad_group"]


def _bid(row: Row) -> float:
    """Return a bid above the row's average cost per click."""
    cents = _ratio(row, "spend", "clicks") * _HEADROOM
    return max(2, round(cents)) / 100 if cents else 0.2


def _figures(row: Row) -> Row:
    return {
        "Impressions": row["impressions"],
        "Clicks": row["clicks"],
        "Click-through Rate": round(_ratio(row, "clicks", "impressions"), 4),
        "Spend": row["spend"] / 100,
        "Sales": row["sales"] / 100,
        "Orders": row["orders"],
        "Units": row["units"],
        "Conversion Rate": round(_ratio(row, "orders", "clicks"), 4),
        "ACOS": round(_ratio(row, "spend", "sales"), 4),
        "CPC": round(_ratio(row, "spend", "clicks") / 100, 2),
        "ROAS": round(_ratio(row, "sales", "spend"), 2),
    }


def _ratio(row: Row, above: str, below: str) -> float:
    return float(row[above] / row[below]) if row[below] else 0.0


def _identifier(*parts: object) -> str:
    """Return an invented ID of 15 digits, always the same for the same things."""
    digest = hashlib.sha256("\t".join(map(str, parts)).encode()).digest()
    return str(10**14 + int.from_bytes(digest[:8], "big") % (9 * 10**14))


def _cells(lines: Sequence[Row], headers: Sequence[str]) -> pl.DataFrame:
    columns = {header: [line.get(header) for line in lines] for header in headers}
    return pl.DataFrame(columns, strict=False)


@cache
def _headers() -> dict[str, list[str]]:
    text = files("admatch.simulate").joinpath("bulk_columns.toml").read_text("utf-8")
    return tomllib.loads(text)
