"""The products that terms retrieve: ``Match`` for one, ``Matches`` for a whole report."""

from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from admatch.catalog.records import Catalog
from admatch.display.notebook import SHOWN, notebook_html
from admatch.reports.records import SearchTermReport

TERMS_SCHEMA: dict[str, pl.DataType] = {
    "search_term": pl.String(),
    "outcome": pl.String(),  # an Outcome
    "probability": pl.Float64(),  # that the term is about something in the catalog
    "related_probability": pl.Float64(),  # that it is about that, or something of its kind
    "semantic_id": pl.String(),  # the path the term takes when no catalog binds it
}
PRODUCTS_SCHEMA: dict[str, pl.DataType] = {
    "search_term": pl.String(),
    "rank": pl.Int64(),  # 1 is best
    "product_id": pl.String(),
    "title": pl.String(),
    "semantic_id": pl.String(),
    "score": pl.Float64(),
    "probability": pl.Float64(),
}


RETRIEVED = 0.5  # the lowest probability at which a term counts as retrieving a product


class Outcome(StrEnum):
    """The result of matching a report's row.

    ``RELATED`` is a term about a kind of product that the catalog holds, such as a substitute,
    but about none of its products.
    """

    MATCH = "match"
    RELATED = "related"
    NONE = "none"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Match:
    """One product that a query retrieves: ``score`` is its log-odds, ``probability`` is 0 … 1.

    For a query with a picture or with chosen modalities, ``score`` is the cosine of query and
    product. It is not calibrated, so ``probability`` is None.
    """

    product_id: str
    title: str
    semantic_id: str
    score: float
    probability: float | None = None


@dataclass(frozen=True)
class Matches:
    """The result of matching every row of ``report``.

    ``terms`` holds each distinct search term once (columns of ``TERMS_SCHEMA``), ``products`` the
    nearest products of each, best first (``PRODUCTS_SCHEMA``). A term retrieves those with a
    probability of at least ``RETRIEVED``. A row that is not a search term (``*``, ASIN, category)
    is in neither table: its outcome is ``not_applicable``. ``catalog`` is the one that was matched,
    for its pictures; None where matches come from files.

    >>> matches = index.match(report)
    >>> matches.frame.filter(search_term="limes").select("outcome", "product_id").row(0)
    ('match', 'B0SAMPLE10')
    """

    report: SearchTermReport
    terms: pl.DataFrame
    products: pl.DataFrame
    catalog: Catalog | None = field(default=None, compare=False)

    @property
    def frame(self) -> pl.DataFrame:
        """The report's rows in their order, each with outcome, probability and best product."""
        best = self.products.filter(pl.col("rank") == 1).select(
            "search_term",
            "product_id",
            "title",
            pl.col("semantic_id").alias("product_semantic_id"),
            pl.col("probability").alias("product_probability"),
        )
        rows = self.report.frame
        for columns in (self.terms, best):
            rows = rows.join(columns, on="search_term", how="left", maintain_order="left")
        return rows.with_columns(pl.col("outcome").fill_null(Outcome.NOT_APPLICABLE.value))

    def __repr__(self) -> str:
        return f"Matches of {self._summary}"

    def _repr_html_(self) -> str:
        sums = pl.col("clicks", "orders", "spend", "sales").sum()
        rows = self.frame
        outcomes = rows.group_by("outcome", "currency").agg(
            pl.col("search_term").n_unique().alias("terms"), sums
        )
        lines = rows.group_by("search_term", "currency", maintain_order=True).agg(
            sums, pl.col("outcome", "probability", "product_id", "title").first()
        )
        return notebook_html(
            "matches",
            summary=self._summary,
            catalog=self.catalog,
            outcomes=outcomes.sort("currency", "spend", descending=[False, True]).to_dicts(),
            terms=lines.sort("spend", descending=True).head(SHOWN).to_dicts(),
            further=lines.height - SHOWN,
        )

    @property
    def _summary(self) -> str:
        """The numbers of rows, terms and outcomes in one line."""
        number = dict(self.terms["outcome"].value_counts().iter_rows())
        counts = ", ".join(f"{number[one]:,} {one}" for one in Outcome if one in number)
        apart = (
            len(self.report)
            - self.report.frame["search_term"].is_in(self.terms["search_term"].implode()).sum()
        )
        rows = f"{len(self.report):,} rows, {self.terms.height:,} search terms"
        return f"{rows}: {counts or 'none'}" + (f"; {apart:,} rows not applicable" if apart else "")
