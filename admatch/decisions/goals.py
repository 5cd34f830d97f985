"""What each row aims at: its own target ACOS and margin, ``with_goals``."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

import polars as pl

from admatch.catalog.records import Catalog
from admatch.decisions.guard_rails import check_margin, check_target
from admatch.impact.columns import AD_GROUP
from admatch.match.records import Outcome
from admatch.messages import Message, say
from admatch.reports.account.records import Account, Entity

_PRODUCTS = {
    **dict.fromkeys(("product_id", "sku", "brand", "cost_currency"), pl.String),
    **dict.fromkeys(("own_target_acos", "own_margin", "cost_margin"), pl.Float64),
}


@dataclass(frozen=True, slots=True)
class Goals:
    """The target ACOS and the margin of an account, and those of its parts by their names.

    A name is a product's ID or SKU, a campaign, a portfolio or a brand; it holds wherever it is
    found, and the first of these four counts most. A product's own columns in the catalog come
    after its name here.

    Raises ``InputError`` naming what is out of range.
    """

    target_acos: float
    margin: float | None = None
    targets: Mapping[str, float] = field(default_factory=dict)
    margins: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_target(self.target_acos)
        check_margin(self.margin)
        for name, target in self.targets.items():
            check_target(target, name)
        for name, margin in self.margins.items():
            check_margin(margin, name)


def with_goals(
    rows: pl.DataFrame,
    goals: Goals,
    catalog: Catalog | None,
    account: Account | None,
    portfolios: pl.DataFrame,
    shown: pl.DataFrame,
) -> tuple[pl.DataFrame, tuple[Message, ...]]:
    """Return the rows with ``target_acos``, ``margin`` (or null) and ``worth``, and what to know.

    ``worth`` is what a unit of sales is worth: the margin, or else the target. A row is about the
    product that its term matches, if its ad group advertises that; else about all that the ad group
    advertises (``shown``), on average. ``portfolios`` has a line a campaign.
    """
    products = _products(catalog)
    own = rows.join(
        shown.with_columns(here=pl.lit(True)),
        on=["campaign", "ad_group", "product_id"], how="left", maintain_order="left",
    )  # fmt: skip
    groups = _of_groups(rows, shown, portfolios, products, goals)
    own = own.join(groups, on=AD_GROUP, how="left", nulls_equal=True, maintain_order="left")
    matched = pl.col("outcome") == Outcome.MATCH.value
    single = matched & (pl.col("here").fill_null(False) | pl.col("group_target_acos").is_null())
    about = own.select(
        "currency", "campaign", product_id=pl.when(single).then("product_id")
    )  # fmt: skip
    named = _named(about, portfolios, products, goals)
    grouped = ~single.fill_null(False) & pl.col("group_target_acos").is_not_null()
    own = own.with_columns(named["target_acos"], named["margin"])
    own = own.with_columns(
        pl.when(grouped).then(f"group_{name}").otherwise(name).alias(name)
        for name in ("target_acos", "margin")
    )
    done = own.drop("here", "group_target_acos", "group_margin").with_columns(
        worth=pl.coalesce("margin", "target_acos")
    )
    return done, tuple(_notes(rows, goals, account, portfolios, products))


def portfolios_of(report: pl.DataFrame, account: Account | None) -> pl.DataFrame:
    """Return campaign and portfolio, as the account or else the report has them."""
    seen = report.select("campaign", "portfolio")
    if account is not None:
        names = account.only(Entity.PORTFOLIO).select("portfolio_id", named="portfolio")
        campaigns = account.only(Entity.CAMPAIGN).select("campaign", "portfolio_id", "portfolio")
        joined = campaigns.join(
            names.drop_nulls().unique("portfolio_id"), on="portfolio_id", how="left"
        )
        known = joined.select("campaign", portfolio=pl.coalesce("named", "portfolio"))
        seen = pl.concat([known, seen])
    return seen.drop_nulls().unique("campaign", keep="first", maintain_order=True)


def _products(catalog: Catalog | None) -> pl.DataFrame:
    """Return each product's names, stated goals, and the margin that its costs leave."""
    if catalog is None:
        return pl.DataFrame(schema=_PRODUCTS)
    return catalog.frame.select(
        "product_id",
        "sku",
        "brand",
        cost_currency="currency",
        own_target_acos="target_acos",
        own_margin="margin",
        cost_margin=cost_margin(),
    )


def cost_margin() -> pl.Expr:
    """Return the margin that a product's cost and fees leave of its price; null where none."""
    left = pl.col("price") - pl.col("cost") - pl.col("fees").fill_null(0.0)
    return pl.when((pl.col("price") > 0) & (left > 0)).then(left / pl.col("price"))


def _of_groups(
    rows: pl.DataFrame,
    shown: pl.DataFrame,
    portfolios: pl.DataFrame,
    products: pl.DataFrame,
    goals: Goals,
) -> pl.DataFrame:
    """Return each ad group's goals: the average of its products, a margin only if all have one."""
    places = rows.select(AD_GROUP).unique(maintain_order=True)
    pairs = places.join(shown, on=["campaign", "ad_group"], maintain_order="left")
    named = _named(pairs, portfolios, products, goals)
    pairs = pairs.with_columns(named["target_acos"], named["margin"])
    whole = pl.col("margin").is_not_null().all()
    return pairs.group_by(AD_GROUP, maintain_order=True).agg(
        group_target_acos=pl.col("target_acos").mean(),
        group_margin=pl.when(whole).then(pl.col("margin").mean()),
    )


def _named(
    about: pl.DataFrame, portfolios: pl.DataFrame, products: pl.DataFrame, goals: Goals
) -> pl.DataFrame:
    """Return target_acos and margin of lines with ``currency``, ``campaign``, ``product_id``."""
    known = about.join(portfolios, on="campaign", how="left", maintain_order="left")
    known = known.join(products, on="product_id", how="left", maintain_order="left")
    same = pl.col("cost_currency").eq(pl.col("currency")).fill_null(True)  # a share needs no rate
    margin = pl.coalesce("own_margin", pl.when(same).then("cost_margin"))
    return known.select(
        target_acos=_goal(goals.targets, pl.col("own_target_acos"), goals.target_acos),
        margin=_goal(goals.margins, margin, goals.margin),
    )


def _goal(given: Mapping[str, float], own: pl.Expr, usual: float | None) -> pl.Expr:
    """Return the first goal that holds: by product, its own columns, campaign, portfolio, brand."""
    by_name = {_folded(name): value for name, value in given.items()}

    def of(column: str) -> pl.Expr:
        text = pl.col(column).str.strip_chars().str.to_lowercase()
        return text.replace_strict(by_name, default=None, return_dtype=pl.Float64)

    last = pl.lit(usual, pl.Float64)
    if not by_name:
        return pl.coalesce(own, last)
    return pl.coalesce(
        of("product_id"), of("sku"), own, of("campaign"), of("portfolio"), of("brand"), last
    )


def _folded(name: str) -> str:
    return name.strip().lower()


def _notes(
    rows: pl.DataFrame,
    goals: Goals,
    account: Account | None,
    portfolios: pl.DataFrame,
    products: pl.DataFrame,
) -> Iterator[Message]:
    """Yield what is named but not there, and the costs that are in another currency."""
    if asked := list(dict.fromkeys(chain(goals.targets, goals.margins))):
        yield from _unknown(asked, rows, account, portfolios, products)
    foreign = products.filter(
        pl.col("cost_margin").is_not_null()
        & pl.col("own_margin").is_null()
        & pl.col("cost_currency").is_not_null()
    )
    if foreign.is_empty() or rows["currency"].null_count():
        return
    foreign = foreign.join(rows.select(cost_currency="currency"), on="cost_currency", how="anti")
    if foreign.height:
        codes = ", ".join(rows["currency"].unique().sort())
        yield say(
            "decisions.goals.other_currency",
            n=foreign.height, found=foreign["cost_currency"][0], currency=codes,
        )  # fmt: skip


def _unknown(
    asked: list[str],
    rows: pl.DataFrame,
    account: Account | None,
    portfolios: pl.DataFrame,
    products: pl.DataFrame,
) -> Iterator[Message]:
    """Yield the names of goals that neither the report, the account nor the catalog has."""
    names = [rows["campaign"], portfolios["portfolio"]]
    names += [products[one] for one in ("product_id", "sku", "brand")]
    if account is not None:
        names.append(account.frame["campaign"])
    known = {_folded(one): one for part in names for one in part.drop_nulls().unique().sort()}
    for name in asked:
        if _folded(name) in known:
            continue
        near = difflib.get_close_matches(_folded(name), known, 1)
        if near:
            yield say("decisions.goals.misspelt", name=name, near=known[near[0]])
        else:
            yield say("decisions.goals.unknown", name=name)
