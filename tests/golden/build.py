"""A situation → report, matches, catalog and account, as admatch's readers would give them."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from admatch.catalog.records import Catalog, Product
from admatch.match.records import PRODUCTS_SCHEMA, RETRIEVED, TERMS_SCHEMA, Matches, Outcome
from admatch.reports.account.records import ACCOUNT_SCHEMA, Account, Entity, Placement
from admatch.reports.records import REPORT_SCHEMA, Granularity, SearchTermReport, TermKind
from admatch.reports.terms import classify_terms
from tests.golden.records import CLAUSES, KEYWORDS, Row, Running, Situation

LAST_DAY = 31  # reports are of May 2025


def make_report(situation: Situation) -> SearchTermReport:
    daily = situation.options.get("daily", False)
    lines = [line for row in situation.rows for line in (_by_day(row) if daily else [_line(row)])]
    schema = {name: kind for name, kind in REPORT_SCHEMA.items() if name != "term_kind"}
    frame = pl.DataFrame([line | {"row": at} for at, line in enumerate(lines, 2)], schema=schema)
    frame = frame.with_columns(term_kind=classify_terms(frame["search_term"]))
    granularity = Granularity.DAILY if daily else Granularity.SUMMARY
    return SearchTermReport(frame.select(list(REPORT_SCHEMA)), (Path("may.csv"),), granularity, 7)


def _line(row: Row) -> dict[str, Any]:
    sold = row.sales
    return {
        "file": "may.csv",
        "start_date": date(2025, 5, row.days[0]),
        "end_date": date(2025, 5, row.days[1]),
        "currency": row.currency,
        "campaign": row.campaign,
        "ad_group": row.ad_group,
        "targeting": row.targeting,
        "match_type": row.match or "-",
        "search_term": row.term,
        "impressions": row.impressions,
        "clicks": row.clicks,
        "spend": row.spend,
        "orders": row.orders,
        "units": row.orders,
        "sales": sold,
        "sales_promoted": None if sold is None else sold - row.halo,
        "sales_halo": None if sold is None else row.halo,
    }


def _by_day(row: Row) -> Iterator[dict[str, Any]]:
    """Yield the row's days; clicks and orders are spread evenly."""
    whole = _line(row)
    first, last = row.days
    length = last - first + 1
    counts = ("impressions", "clicks", "orders", "units")
    for number in range(length):
        parts = {
            name: whole[name] * (number + 1) // length - whole[name] * number // length
            for name in counts
        }
        if not parts["impressions"]:
            continue
        day = date(2025, 5, first + number)
        clicks, orders = max(row.clicks, 1), max(row.orders, 1)
        parts["spend"] = whole["spend"] * parts["clicks"] / clicks
        for name in ("sales", "sales_promoted", "sales_halo"):
            parts[name] = None if whole[name] is None else whole[name] * parts["orders"] / orders
        yield whole | parts | {"start_date": day, "end_date": day}


def make_catalog(situation: Situation) -> Catalog:
    currency = situation.rows[0].currency
    return Catalog.from_products(
        [
            Product(
                one["id"], one["title"], one.get("brand"), price=one.get("price"), currency=currency
            )
            for one in situation.catalog
        ]
    )


def make_matches(situation: Situation, report: SearchTermReport, catalog: Catalog) -> Matches:
    """Return the probabilities that the situation states; a term is about its best product."""
    about = {row.term: row.about for row in situation.rows}
    typed = report.frame.filter(pl.col("term_kind") == TermKind.KEYWORD.value)
    texts = typed["search_term"].unique(maintain_order=True).to_list()
    return _matches(situation, report, catalog, {text: about[text] for text in texts})


def make_negatives(situation: Situation, report: SearchTermReport, catalog: Catalog) -> Matches:
    """Return what the texts of the negatives in force are about, where the situation says so."""
    named = {one["text"]: one["about"] for one in situation.negatives if "about" in one}
    return _matches(situation, report, catalog, named)


def _matches(
    situation: Situation,
    report: SearchTermReport,
    catalog: Catalog,
    about: dict[str, dict[str, float]],
) -> Matches:
    terms, products = [], []
    for term, given in about.items():
        near = dict(given)
        related = near.pop("related", None)
        assert near, f"{situation}: no product is named for {term!r}"
        ranked = sorted(near.items(), key=lambda one: -one[1])
        best = ranked[0][1]
        outcome = Outcome.MATCH if best >= RETRIEVED else Outcome.NONE
        if related is not None and related >= RETRIEVED > best:
            outcome = Outcome.RELATED
        terms.append((term, outcome.value, best, max(related or 0.0, best), "T·1"))
        for rank, (name, chance) in enumerate(ranked, start=1):
            products.append((term, rank, name, catalog[name].title, "T·1", 0.0, chance))
    return Matches(
        report,
        pl.DataFrame(terms, schema=TERMS_SCHEMA, orient="row"),
        pl.DataFrame(products, schema=PRODUCTS_SCHEMA, orient="row"),
        catalog,
    )


def make_account(situation: Situation) -> Account | None:
    """Return what runs, as a bulk file has it; None where the situation has no account."""
    kind = situation.options.get("account", "full")
    if kind == "none":
        return None
    lacks = situation.options.get("account_lacks", [])
    rows = [row for row in _entities(situation) if row["campaign"] not in lacks]
    if kind == "no bids":
        rows = [row | {"bid": None, "default_bid": None} for row in rows]
    frame = pl.DataFrame(rows, schema=ACCOUNT_SCHEMA)
    return Account(frame, (Path("bulk.xlsx"),), ("bulk",))


def _entities(situation: Situation) -> Iterator[dict[str, Any]]:
    places = list(situation.defaults)
    campaigns = list(dict.fromkeys(campaign for campaign, _ in places))
    campaign_ids = {name: f"10{number:04}" for number, name in enumerate(campaigns)}
    group_ids = {place: f"20{number:04}" for number, place in enumerate(places)}
    automatic = {one.target.campaign for one in situation.running if one.target.text in CLAUSES}
    currencies = {row.campaign: row.currency for row in situation.rows}
    budgets = situation.options.get("budgets", {})
    paused = situation.options.get("paused_campaigns", [])
    placements = situation.options.get("placements", {})

    def entity(kind: Entity, campaign: str, ad_group: str | None, **more: Any) -> dict[str, Any]:
        ids = {"campaign_id": campaign_ids[campaign]}
        if ad_group is not None:
            ids["ad_group_id"] = group_ids[campaign, ad_group]
        where = {"campaign": campaign, "ad_group": ad_group, "state": "enabled"}
        code = currencies.get(campaign, next(iter(currencies.values())))
        usual = {"currency": code, "ad_product": "Sponsored Products", "bid": None}
        return {"entity": kind.value, "default_bid": None} | where | ids | usual | more

    for campaign in campaigns:
        yield entity(
            Entity.CAMPAIGN, campaign, None,
            targeting_type="auto" if campaign in automatic else "manual",
            daily_budget=budgets.get(campaign, 500.0),
            state="paused" if campaign in paused else "enabled",
        )  # fmt: skip
        for name, (percentage, clicks, orders, spend) in placements.get(campaign, {}).items():
            yield entity(
                Entity.BIDDING_ADJUSTMENT, campaign, None, placement=Placement[name.upper()].value,
                percentage=percentage, clicks=clicks, orders=orders, spend=spend, state=None,
            )  # fmt: skip
    for (campaign, ad_group), bid in situation.defaults.items():
        yield entity(Entity.AD_GROUP, campaign, ad_group, default_bid=bid)
    for (campaign, ad_group), products in situation.ads.items():
        for product in dict.fromkeys(products):
            yield entity(Entity.PRODUCT_AD, campaign, ad_group, asin=product, sku=f"S-{product}")
    for number, one in enumerate(situation.running):
        kind, campaign, ad_group = _kind(one)
        row = entity(kind, campaign, ad_group, target_id=f"30{number:04}", bid=one.bid)
        yield row | {"state": one.state} | _text(one)
    for number, one in enumerate(situation.negatives):
        group = one.get("ad_group")
        kind = Entity.NEGATIVE_KEYWORD if group else Entity.CAMPAIGN_NEGATIVE_KEYWORD
        yield entity(
            kind, one["campaign"], group, target_id=f"40{number:04}",
            keyword=one["text"], match_type=one["match"],
        )  # fmt: skip


def _kind(one: Running) -> tuple[Entity, str, str]:
    keyword = one.target.match in KEYWORDS
    kind = Entity.KEYWORD if keyword else Entity.PRODUCT_TARGETING
    return kind, one.target.campaign, one.target.ad_group


def _text(one: Running) -> dict[str, str | None]:
    if one.target.match in KEYWORDS:
        return {"keyword": one.target.text, "match_type": one.target.match}
    return {"expression": one.target.text}
