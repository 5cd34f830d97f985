"""Negatives in force that block what sells, or what one sells: ``with_archived``.

What blocked traffic would bring shows in no report, so an archived negative counts with no figure
in the sums of a set; its evidence stands in its reason. A negative whose term runs as an exact
keyword elsewhere keeps the term there on purpose, and stays.
"""

from collections.abc import Iterator

import polars as pl

from admatch.decisions.actions import Action
from admatch.decisions.guard_rails import GuardRails
from admatch.decisions.protection import asin_in
from admatch.decisions.ruled_out import REJECTED
from admatch.decisions.targets import negatives
from admatch.decisions.words import LONGEST_PHRASE, phrases_in, stems
from admatch.impact.changes import ChangeSet
from admatch.match.records import Matches
from admatch.reports.account.records import Account, MatchType
from admatch.reports.records import SearchTermReport, TermKind

_SURELY_OWN = 0.90  # probability from which a negative is about a product of one's own
_NAMED = 20  # terms beside a line
_MOST = 2000  # texts that are matched: as many terms take half a minute
_ZEROS = (
    *("impressions", "clicks", "orders", "expected_spend", "expected_sales", "spend", "sales"),
    *("spend_freed", "spent_again", "sales_change", "sales_at_risk", "gain"),
)


def with_archived(
    rows: pl.DataFrame,
    account: Account | None,
    shown: pl.DataFrame,
    running: pl.DataFrame,
    about: Matches | None,
    guard_rails: GuardRails,
    known: tuple[ChangeSet | None, ...],
    rejected: pl.DataFrame | None,
) -> pl.DataFrame:
    """Return decided rows, and a line for each negative that should end, as units of their own.

    ``shown`` are the advertised products, ``running`` the active keywords, ``about`` what the
    negatives' texts match. Negatives of ``known`` changes are left alone, and so are those whose
    end was ``rejected``.
    """
    standing = negatives(account)
    standing = standing.join(rows.select("campaign").unique(), on="campaign", how="semi")
    standing = _without(standing, known, rejected).with_row_index("number")
    if standing.is_empty() or rows.is_empty():
        return rows
    pairs = _blocked(standing, rows, shown, running)
    sold = _sold(pairs, guard_rails)
    own = _own(standing, pairs, shown, running, about)
    own = own.join(sold, on="number", how="anti")
    lines = pl.concat(
        [
            standing.join(sold, on="number", maintain_order="left").with_columns(
                why=pl.lit("sold")
            ),
            standing.join(own, on="number", maintain_order="left").with_columns(why=pl.lit("own")),
        ],
        how="diagonal",
    )
    return (
        pl.concat([rows, _as_rows(lines, rows)], how="diagonal_relaxed") if lines.height else rows
    )


def negatives_to_match(account: Account | None, report: SearchTermReport) -> pl.Series:
    """Return the texts of the negative keywords in campaigns of a report, as terms to match."""
    here = report.frame.select("campaign").unique()
    standing = negatives(account).drop_nulls("match_type").join(here, on="campaign", how="semi")
    return standing["text"].str.to_lowercase().unique(maintain_order=True).head(_MOST)


def _without(
    standing: pl.DataFrame, known: tuple[ChangeSet | None, ...], rejected: pl.DataFrame | None
) -> pl.DataFrame:
    """Return the negatives that no earlier change or verdict speaks of."""
    named = [
        (one.place.campaign, one.place.ad_group, one.text.lower())
        for changes in known
        for one in changes or ()
    ]
    text = {name: REJECTED[name] for name in ("campaign", "ad_group", "text")}
    out = [pl.DataFrame(named, schema=text, orient="row")]
    if rejected is not None:
        ended = rejected.filter(pl.col("action") == Action.ARCHIVE_NEGATIVE.value)
        out.append(ended.select(list(text)))
    lower = standing.with_columns(written="text", text=pl.col("text").str.to_lowercase())
    left = lower.join(
        pl.concat(out).unique(), on=list(text), how="anti", nulls_equal=True, maintain_order="left"
    )
    return left.with_columns(text="written").drop("written")


def _covers(campaign: str, ad_group: str) -> pl.Expr:
    """Return whether a negative's place covers another place."""
    group = pl.col("at_ad_group").is_null() | (pl.col("at_ad_group") == pl.col(ad_group))
    return (pl.col("at_campaign") == pl.col(campaign)) & group


def _blocked(
    standing: pl.DataFrame, rows: pl.DataFrame, shown: pl.DataFrame, running: pl.DataFrame
) -> pl.DataFrame:
    """Return number and evidence of the rows that each negative stops, or would stop.

    They are those of its own place, from before it was made, and those of ad groups elsewhere that
    advertise the same product. A term that an exact keyword elsewhere serves is left out.
    """
    at = standing.rename({"campaign": "at_campaign", "ad_group": "at_ad_group"})
    pairs = pl.concat(_hits(at, rows))
    here = pairs.filter(_covers("campaign", "ad_group"))
    places = at.select("number", "at_campaign", "at_ad_group")
    offered = places.join(shown, left_on="at_campaign", right_on="campaign")
    offered = offered.filter(
        pl.col("at_ad_group").is_null() | (pl.col("at_ad_group") == pl.col("ad_group"))
    ).select("number", "product_id")
    same = shown.join(offered, on="product_id").select("number", "campaign", "ad_group").unique()
    elsewhere = pairs.filter(~_covers("campaign", "ad_group")).join(
        same, on=["number", "campaign", "ad_group"], how="semi", maintain_order="left"
    )
    both = pl.concat([here, elsewhere])
    exact = running.filter(pl.col("match_type") == MatchType.EXACT.value)
    return both.join(_kept_elsewhere(both, exact), on=["number", "folded"], how="anti")


def _hits(at: pl.DataFrame, rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the rows whose terms a negative blocks wherever it is: exact, phrase, product."""
    columns = [
        *("campaign", "ad_group", "search_term", "orders", "spend", "sales"),
        *("expected_spend", "expected_sales", "target_acos", "folded"),
    ]
    wanted = ["number", "at_campaign", "at_ad_group", *columns]
    typed = rows.filter(pl.col("term_kind") == TermKind.KEYWORD.value)
    exact = at.filter(pl.col("match_type") == MatchType.NEGATIVE_EXACT.value)
    yield exact.join(typed.select(columns), on="folded").select(wanted)
    phrases = at.filter(pl.col("match_type") == MatchType.NEGATIVE_PHRASE.value)
    if phrases.height:  # runs of words are many
        runs = phrases_in(typed["search_term"], LONGEST_PHRASE)
        runs = runs.filter(pl.col("phrase").is_in(phrases["folded"].implode()))
        inside = typed.select(columns)[runs["text"].to_list()].with_columns(phrase=runs["phrase"])
        yield phrases.rename({"folded": "phrase"}).join(inside, on="phrase").select(wanted)
    pages = rows.filter(pl.col("term_kind") == TermKind.ASIN.value)
    pages = pages.select(*columns, code=asin_in("search_term"))
    products = at.filter(pl.col("match_type").is_null()).with_columns(code=asin_in("text"))
    yield products.drop("folded").join(pages, on="code").select(wanted)


def _kept_elsewhere(terms: pl.DataFrame, keywords: pl.DataFrame) -> pl.DataFrame:
    """Return number and term of those that a keyword serves outside of the negative's place."""
    served = keywords.select("stem", kept_in="campaign", kept_group="ad_group")
    named = terms.select("number", "at_campaign", "at_ad_group", "folded").unique()
    found = named.join(served, left_on="folded", right_on="stem")
    return found.filter(~_covers("kept_in", "kept_group")).select("number", "folded").unique()


def _sold(pairs: pl.DataFrame, guard_rails: GuardRails) -> pl.DataFrame:
    """Return the negatives whose terms sold, and are expected to within their targets."""
    allowed = (pl.col("target_acos") * pl.col("expected_sales")).fill_null(0.0)
    selling = pl.col("orders") > 0
    sums = pairs.group_by("number", maintain_order=True).agg(
        sold_orders=pl.col("orders").sum(),
        sold_spend=pl.col("spend").sum(),
        sold_sales=pl.col("sales").sum(),
        allowed=allowed.sum() - pl.col("expected_spend").fill_null(0.0).sum(),
        blocked_terms=pl.col("search_term").filter(selling).unique().sort().head(_NAMED),
        sold_in=pl.col("ad_group").filter(selling).drop_nulls().unique().sort().first(),
    )
    enough = pl.col("sold_orders") >= guard_rails.harvest_orders
    return sums.filter(enough & (pl.col("allowed") >= 0)).drop("allowed")


def _own(
    standing: pl.DataFrame,
    pairs: pl.DataFrame,
    shown: pl.DataFrame,
    running: pl.DataFrame,
    about: Matches | None,
) -> pl.DataFrame:
    """Return the negatives that name a product of their place, with no evidence against it."""
    schema = {"number": pl.UInt32, "product_id": pl.String, "title": pl.String}
    if about is None or shown.is_empty():
        return pl.DataFrame(schema=schema | {"product_probability": pl.Float64})
    first = about.products.filter(
        (pl.col("rank") == 1) & (pl.col("probability") >= _SURELY_OWN)
    ).select("search_term", "product_id", "title", product_probability="probability")
    at = standing.rename({"campaign": "at_campaign", "ad_group": "at_ad_group"})
    named = at.drop_nulls("match_type").join(
        first.with_columns(lower=pl.col("search_term").str.to_lowercase()).unique("lower"),
        left_on=pl.col("text").str.to_lowercase(),
        right_on="lower",
        maintain_order="left",
    )
    offered = named.join(shown, on="product_id").filter(
        (pl.col("at_campaign") == pl.col("campaign"))
        & (pl.col("at_ad_group").is_null() | (pl.col("at_ad_group") == pl.col("ad_group")))
    )
    meant = running.filter(pl.col("match_type") != MatchType.BROAD.value)
    allowed = (pl.col("target_acos") * pl.col("expected_sales")).fill_null(0.0)
    losing = pairs.group_by("number").agg(
        loses=pl.col("expected_spend").fill_null(0.0).sum() > allowed.sum()
    )
    found = offered.select("number", *list(schema)[1:], "product_probability").unique("number")
    found = found.join(_kept_elsewhere(named, meant), on="number", how="anti")
    return found.join(losing.filter("loses"), on="number", how="anti").sort("number")


def _as_rows(lines: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the lines with the columns of decided rows; they count no click, spend or sale."""
    currencies = rows.select("campaign", "currency").unique("campaign", maintain_order=True)
    last = (rows["unit"].max() or 0, rows["row"].max() or 0)
    page = pl.col("match_type").is_null()
    return (
        lines.drop("number", "folded")
        .join(currencies, on="campaign", how="left", maintain_order="left")
        .with_row_index("at", offset=1)
        .with_columns(
            search_term="text",
            targeting="text",
            term_kind=pl.when(page)
            .then(pl.lit(TermKind.ASIN.value))
            .otherwise(pl.lit(TermKind.KEYWORD.value)),
            action=pl.lit(Action.ARCHIVE_NEGATIVE.value),
            unit=pl.col("at").cast(pl.Int64) + last[0],
            row=(pl.col("at") + last[1]).cast(rows.schema["row"]),
            **{name: pl.lit(0).cast(rows.schema[name]) for name in _ZEROS},
            folded=stems(lines["text"]),
        )
        .drop("at", "text")
    )
