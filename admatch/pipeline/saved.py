"""An analysis saved in a folder, to be shown and decided again: ``save``, ``SavedAnalysis``."""

import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from admatch.decisions.evidence import TermFacts, collect_facts
from admatch.decisions.propose import changes_of, later_negatives
from admatch.decisions.recommend import recommend
from admatch.decisions.recommendations import COLUMNS, Recommendations
from admatch.decisions.refusals import note_message
from admatch.errors import Problem
from admatch.export.bulk.directory import Directory
from admatch.impact.changes import ChangeSet
from admatch.match.records import Matches
from admatch.messages import as_json, from_json
from admatch.pipeline.met_words import WORDS, met_words
from admatch.pipeline.options import AnalysisOptions
from admatch.pipeline.widening import widened_frontier, widening
from admatch.pipeline.writable import Writability
from admatch.reports.account.records import Account
from admatch.reports.records import SearchTermReport

if TYPE_CHECKING:
    from admatch.catalog.records import Catalog
    from admatch.pipeline.analyse import Analysis


def save(analysis: "Analysis", folder: Path) -> None:
    """Write into ``folder`` what ``SavedAnalysis`` needs, and a table of decisions."""
    _decisions(analysis).write_parquet(folder / "decisions.parquet")
    analysis.advice.rows.write_parquet(folder / "rows.parquet")
    if analysis.matches is not None:
        analysis.matches.terms.write_parquet(folder / "terms.parquet")
        analysis.matches.products.write_parquet(folder / "products.parquet")
    if analysis.account is not None:
        analysis.hygiene.write_parquet(folder / "hygiene.parquet")
    if analysis.negatives is not None:
        analysis.negatives.products.write_parquet(folder / "negatives.parquet")
    analysis.placements.write_parquet(folder / "placements.parquet")
    (folder / "capped.json").write_text(json.dumps(analysis.capped), encoding="utf-8")
    _save_model(analysis, folder)


class SavedModel:
    """A fitted model as it was saved: enough to decide with, not enough to draw changes."""

    def __init__(self, folder: Path) -> None:
        held = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        self.basis: str = held["basis"]
        self.seed: int = held["seed"]
        self.widening: float = held.get("widening", 1.0)
        self.notes: tuple[Problem | str, ...] = tuple(map(from_json, held["notes"]))
        self.posteriors = pl.read_parquet(folder / "posteriors.parquet")
        with np.load(folder / "before.npz", allow_pickle=False) as draws:
            self._before = {
                currency: _unchanged(draws[f"{number}/spend"], draws[f"{number}/sales"])
                for number, currency in enumerate(held["currencies"])
            }

    def what_if(self, changes: ChangeSet) -> Any:  # noqa: ANN401 - stands in for a WhatIf
        """Return the account without any change."""
        return SimpleNamespace(by_currency=self._before)


@dataclass(frozen=True)
class SavedAnalysis:
    """An analysis in ``folder`` with the report, products and account it was made from."""

    folder: Path
    report: SearchTermReport
    catalog: "Catalog | None"
    account: Account | None
    _collected: dict[tuple[str, ...], TermFacts] = field(default_factory=dict, repr=False)

    @cached_property
    def matches(self) -> Matches | None:
        """What each term retrieves."""
        terms = self.folder / "terms.parquet"
        if not terms.exists():
            return None
        known = pl.read_parquet(terms)
        if "kin_probability" in known.columns:  # as an earlier admatch called it
            known = known.rename({"kin_probability": "related_probability"})
        products = pl.read_parquet(self.folder / "products.parquet")
        return Matches(self.report, known, products, self.catalog)

    @cached_property
    def negatives(self) -> Matches | None:
        """What the texts of the account's negatives match."""
        products = self.folder / "negatives.parquet"
        if self.matches is None or not products.exists():
            return None
        return replace(self.matches, products=pl.read_parquet(products))

    @cached_property
    def placements(self) -> pl.DataFrame | None:
        """What the clicks of each placement bring; None where an earlier admatch saved it."""
        file = self.folder / "placements.parquet"
        return pl.read_parquet(file) if file.exists() else None

    @cached_property
    def capped(self) -> dict[str, float] | None:
        """The campaigns that spend their daily budget; None where an earlier admatch saved it."""
        file = self.folder / "capped.json"
        return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None

    @cached_property
    def model(self) -> SavedModel:
        """What terms are worth."""
        return SavedModel(self.folder)

    @cached_property
    def _directory(self) -> Directory | None:
        """What the account has, by ID and name."""
        return None if self.account is None else Directory(self.account)

    def _facts(self, protect: tuple[str, ...]) -> TermFacts:
        """Return what is known of each term whatever the goals are; the last is kept."""
        if protect not in self._collected:
            self._collected.clear()
            self._collected[protect] = collect_facts(
                self.report, self.matches, self.model,
                account=self.account, catalog=self.catalog, protect=protect,
            )  # fmt: skip
        return self._collected[protect]

    def forget(self) -> None:
        """Collect the facts anew the next time."""
        self._collected.clear()

    def advise(self, options: AnalysisOptions) -> Recommendations:
        """Return the decisions for other options; no term is matched, no model fitted again."""
        advice = recommend(
            self.report, self.matches, self.model,
            target_acos=options.target_acos, margin=options.margin,
            targets=options.targets, margins=options.margins, rho=options.rho,
            account=self.account, catalog=self.catalog, protect=options.protect,
            guard_rails=options.guard_rails, most_changes=options.most_changes,
            window_days=options.window_days, explain=False,
            upload=Writability(self.account, options, self._directory), negatives=self.negatives,
            facts=self._facts(tuple(options.protect)),
            new_campaigns=options.new_campaigns, places=self.placements,
            capped=self.capped,
        )  # fmt: skip
        frontier = widened_frontier(advice.frontier, self.model.widening)
        return replace(advice, frontier=frontier)


def changes_at(rows: pl.DataFrame, numbers: list[int], currency: str) -> ChangeSet:
    """Return the changes of decided ``rows`` by their numbers, in one currency.

    A row without a currency counts as one in it.
    """
    return changes_of(_rows_at(rows, numbers, currency))


def later_at(rows: pl.DataFrame, numbers: list[int], currency: str) -> ChangeSet:
    """Return the negatives of the same decisions for when their new ad groups are live."""
    return later_negatives(_rows_at(rows, numbers, currency))


def _rows_at(rows: pl.DataFrame, numbers: list[int], currency: str) -> pl.DataFrame:
    own = pl.col("currency").is_null() | (pl.col("currency") == currency)
    return rows[sorted(numbers)].filter(own)


def _decisions(analysis: "Analysis") -> pl.DataFrame:
    """Return a row for each decision: its number, columns, and the IDs of term and product."""
    advice, matches = analysis.advice, analysis.matches
    rows = advice.frame.with_row_index("decision").with_columns(
        pl.col("decision").cast(pl.Int32),
        *(advice.rows[name] for name in _FURTHER if name in advice.rows.columns),
        acos=pl.when(pl.col("sales") > 0).then(pl.col("spend") / pl.col("sales")),
    )
    if matches is None:
        rows = rows.with_columns(
            outcome=pl.lit(None, pl.String),
            related_probability=pl.lit(None, pl.Float64),
            term_id=pl.lit(None, pl.String),
            product_semantic_id=pl.lit(None, pl.String),
        )
    else:
        paths = matches.terms.select(
            "search_term", "outcome", "related_probability", term_id="semantic_id"
        )
        products = matches.products.unique("product_id", maintain_order=True).select(
            "product_id", product_semantic_id="semantic_id"
        )
        rows = rows.join(paths, on="search_term", how="left", maintain_order="left")
        rows = rows.join(products, on="product_id", how="left", maintain_order="left")
    rows = rows.with_columns(pl.col("outcome").fill_null("not_applicable"))
    known = met_words(rows, analysis.catalog)
    rows = rows.join(known, on=["search_term", "product_id"], how="left", maintain_order="left")
    shown = ("outcome", "related_probability", "term_id", "product_semantic_id", "acos", *WORDS)
    further = [name for name in _FURTHER if name in rows.columns]
    return rows.select("decision", *COLUMNS, *shown, *further)


_FURTHER = ("unit", "why", "reason_message", "warning_message", "whole_gain")


def _save_model(analysis: "Analysis", folder: Path) -> None:
    """Write the posteriors, and draws of the unchanged account."""
    model = analysis.model
    model.posteriors.write_parquet(folder / "posteriors.parquet")
    before = model.what_if(ChangeSet(())).by_currency
    draws: dict[str, Any] = {
        f"{number}/{name}": np.asarray(getattr(one.before_draws, name))
        for number, one in enumerate(before.values())
        for name in ("spend", "sales")
    }
    np.savez(folder / "before.npz", **draws)
    held = {
        "basis": model.basis,
        "seed": model.seed,
        "currencies": list(before),
        "widening": widening(analysis.fit.backtest),
        "notes": [as_json(note_message(note)) for note in model.notes],
    }
    (folder / "model.json").write_text(json.dumps(held), encoding="utf-8")


def _unchanged(spend: Any, sales: Any) -> SimpleNamespace:  # noqa: ANN401 - arrays
    known = not np.isnan(sales).any()
    before = SimpleNamespace(
        spend=SimpleNamespace(mean=float(spend.mean())),
        sales=SimpleNamespace(mean=float(sales.mean())) if known else None,
    )
    return SimpleNamespace(before=before, before_draws=SimpleNamespace(spend=spend, sales=sales))
