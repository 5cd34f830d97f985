"""The main job, from files to decisions: ``analyse``. Every door calls it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from admatch.decisions.alerts.find import find_alerts, week_alerts
from admatch.decisions.alerts.records import Alert
from admatch.decisions.backtest import Backtest
from admatch.decisions.hygiene import hygiene
from admatch.decisions.new_keywords import NEW_KEYWORDS, new_keywords, open_queries
from admatch.decisions.recommend import recommend
from admatch.decisions.recommendations import Recommendations
from admatch.decisions.standing_negatives import negatives_to_match
from admatch.decisions.targets import advertised
from admatch.errors import InputError, Problem
from admatch.impact.budgets import capped_campaigns
from admatch.impact.changes import ChangeSet
from admatch.impact.model import ImpactModel
from admatch.impact.placements import placements
from admatch.impact.what_if import WhatIf
from admatch.match.named_groups import named_products
from admatch.match.records import Matches
from admatch.match.sold import Sold, sold_products
from admatch.match.taught import Taught, taught
from admatch.messages import Message, say
from admatch.pipeline.bought import bought_products
from admatch.pipeline.cache import Cache, NoCache
from admatch.pipeline.effect import effect_of
from admatch.pipeline.fit import Fit, fit_model
from admatch.pipeline.history import ChangeHistory, Learned, learn
from admatch.pipeline.market import searched
from admatch.pipeline.market_terms import MarketTerms, market_terms
from admatch.pipeline.matching import Matched, match, texts_of
from admatch.pipeline.open_index import ProductSource
from admatch.pipeline.options import AnalysisOptions
from admatch.pipeline.recent_reports import recent_days, recent_placements
from admatch.pipeline.widening import widened_frontier, widening, widening_note
from admatch.pipeline.writable import Writability
from admatch.progress import Progress, silent
from admatch.reports.account.reader import read_account
from admatch.reports.account.records import Account
from admatch.reports.aggregate import read_any_size
from admatch.reports.insights.reader import read_insights, sort_files
from admatch.reports.insights.records import Insights
from admatch.reports.records import SearchTermReport
from admatch.tables.reader import parsing_once
from admatch.threads import steady_numpy

if TYPE_CHECKING:
    from admatch.catalog.records import Catalog
    from admatch.index.index import Index
    from admatch.pipeline.models import Models
    from admatch.pipeline.results import Outputs, Written


@dataclass(frozen=True)
class Understood:
    """What a report says before anything is decided: its matches, and a model fitted to both.

    ``matches`` is None without products. ``problems`` are pictures that could not be read,
    ``new_terms`` the terms that no earlier run had matched. ``taught`` says what the report's own
    orders changed about ``matches``, or is None. ``doubts`` say why the catalog seems to be of
    another account; doors show them before anything else. ``negatives`` are what the texts of the
    account's negatives match, ``asked`` what queries of shoppers match that no keyword is for.
    ``insights`` are Amazon's other reports, or None. ``moved`` are the terms whose first product is
    another one, as their orders say (``Sold.changes``). The model knows the matches of meaning
    alone: otherwise it would learn orders from probabilities that those orders made.
    """

    options: AnalysisOptions
    report: SearchTermReport
    account: Account | None
    matches: Matches | None
    model: ImpactModel
    fit: Fit
    problems: tuple[Problem, ...]
    new_terms: int
    taught: Message | None
    doubts: tuple[Message, ...]
    negatives: Matches | None
    insights: Insights | None = None
    asked: Matches | None = None
    moved: pl.DataFrame | None = None

    @property
    def catalog(self) -> "Catalog | None":
        """The products."""
        return self.matches.catalog if self.matches else None

    def what_if(
        self,
        changes: ChangeSet,
        *,
        margins: Mapping[str | None, float] | None = None,
        total_sales: float | None = None,
        phrase_by_meaning: bool = False,
    ) -> WhatIf:
        """Return ACOS, spend and sales before and after ``changes`` (``ImpactModel.what_if``).

        ``margins`` are those of currencies, by default that of the options. With
        ``phrase_by_meaning``, phrases match words in any order; decisions never count on that.
        """
        return self.model.what_if(
            changes,
            rho=self.options.rho,
            margin=self.options.margin if margins is None else margins,
            total_sales=total_sales,
            capped=self.capped,
            placements=self.placements,
            phrase_by_meaning=phrase_by_meaning,
        )

    @cached_property
    def hygiene(self) -> pl.DataFrame:
        """Keywords that compete, are blocked or never serve (``decisions.hygiene``)."""
        products = None
        if self.catalog is not None:
            products = self.catalog.frame.select("product_id", "sku")
        return hygiene(self.account, products)

    @cached_property
    def market(self) -> MarketTerms | None:
        """What a market buys after one's terms; it decides nothing (``market_terms``)."""
        return market_terms(self)

    def alerts(self, since: date | None = None) -> tuple[Alert, ...]:
        """Return what became unlike before after a day (``find_alerts``)."""
        return find_alerts(self.report, self.account, since)

    @property
    def week_alerts(self) -> tuple[Alert, ...]:
        """What was unlike before in the report's last week (``week_alerts``)."""
        return week_alerts(self.report, self.account)

    @cached_property
    def bought(self) -> pl.DataFrame | None:
        """What was bought after clicks on other products' ads (``bought_products``)."""
        return bought_products(self.insights, self.catalog)

    @cached_property
    def new_keywords(self) -> pl.DataFrame:
        """Queries about one's products that no keyword is for (``decisions.new_keywords``)."""
        queries = searched(self.insights)
        if queries is None or self.asked is None:
            return pl.DataFrame(schema=NEW_KEYWORDS)
        free = open_queries(queries, self.report, self.account)
        return new_keywords(free, queries, self.asked, self.options.target_acos)

    @cached_property
    def placements(self) -> pl.DataFrame:
        """What the clicks of each placement bring (``placements.placements``)."""
        return placements(self.account, recent_placements(self.insights, self.report))

    @cached_property
    def capped(self) -> dict[str, float]:
        """The campaigns that spend their daily budget (``budgets.capped_campaigns``)."""
        return capped_campaigns(self.report, self.account, recent_days(self.insights, self.report))


@dataclass(frozen=True)
class Analysis(Understood):
    """What ``analyse`` returns: decisions, and what the chosen set of them does to the account.

    ``learned`` is what earlier changes taught, ``effect`` the account before and after the chosen
    set.
    """

    learned: Learned = field(kw_only=True)
    history: ChangeHistory = field(kw_only=True)
    advice: Recommendations = field(kw_only=True)
    effect: WhatIf = field(kw_only=True)

    @property
    def backtest(self) -> Backtest | None:
        """How such a model did on a part of the report that it had not seen."""
        return self.fit.backtest

    def write(
        self,
        folder: Path | str,
        outputs: "Outputs | None" = None,
        *,
        sources: Sequence[Path] = (),
        progress: Progress = silent,
    ) -> "Written":
        """Write every file into ``folder`` (``pipeline.results.write_analysis``)."""
        from admatch.pipeline.results import Outputs, write_analysis

        return write_analysis(
            self, Path(folder), outputs or Outputs(), sources=sources, progress=progress
        )


@steady_numpy()
def analyse(
    reports: "Path | str | Sequence[Path | str] | SearchTermReport",
    catalog: "Path | str | Catalog | Index | ProductSource | None" = None,
    account: Path | str | Account | None = None,
    options: AnalysisOptions | None = None,
    *,
    history: ChangeHistory | None = None,
    cache: Cache | None = None,
    models: "Models | None" = None,
    insights: Insights | None = None,
    progress: Progress = silent,
) -> Analysis:
    """Return what to do about every search term of a report, and what that does to ACOS.

    Files of ``reports`` that are Amazon's other reports (search queries, purchased products, …)
    are recognised; ``insights`` are such reports, read before. ``catalog`` is a file of products,
    what was read from one, or an index of them; without it, terms are judged by their clicks and
    orders alone. ``account`` is a bulk download: keywords, bids, IDs. ``options`` give the target:
    an ACOS of 30 % by default. ``history`` is what was changed before. ``cache`` keeps what the
    next run would otherwise compute again.

    Raises ``InputError`` where a file cannot be used or an option is out of range.

    >>> analysis = am.analyse(
    ...     "data/sample/search_terms.csv", "data/sample/catalog.csv", "data/sample/bulk.xlsx",
    ...     am.AnalysisOptions(target_acos=0.30),
    ... )
    >>> analysis.advice.totals.select("changes", "reached").row(0)[1]
    True
    """
    known = understand(
        reports, catalog, account, options or AnalysisOptions(),
        cache=cache, models=models, insights=insights, progress=progress,
    )  # fmt: skip
    return decide(known, history or ChangeHistory(), progress)


def understand(
    reports: "Path | str | Sequence[Path | str] | SearchTermReport",
    catalog: "Path | str | Catalog | Index | ProductSource | None",
    account: Path | str | Account | None,
    options: AnalysisOptions,
    *,
    cache: Cache | None = None,
    models: "Models | None" = None,
    insights: Insights | None = None,
    progress: Progress = silent,
) -> Understood:
    """Return a report read and matched, with its model; arguments as for ``analyse``."""
    cache = cache or NoCache()
    progress("reading", 0, 1)
    report, beside = read_given(reports, options)
    insights = insights or beside
    running = _account(account, options.currency)
    progress("reading", 1, 1)
    found, negatives, asked = None, None, None
    if catalog is not None:
        source = _source(catalog, options.encoder)
        found, negatives, asked = _matched(
            report, source, running, insights, cache, models, progress
        )
    matches = found.matches if found else None
    progress("learning what terms are worth", 0, 1)
    model, fit = fit_model(report, matches, seed=options.seed, as_of=options.as_of, cache=cache)
    progress("learning what terms are worth", 1, 1)
    heard = taught(matches, report) if matches else None
    sold = _where_sold(heard, report, running, insights) if heard else None
    return Understood(
        options, report, running, sold.matches if sold else None, model, fit,
        found.problems if found else (), found.new_terms if found else 0,
        heard.message if heard else None, found.doubts_about(running) if found else (),
        negatives, insights, asked, sold.changes if sold else None,
    )  # fmt: skip


def _where_sold(
    heard: Taught, report: SearchTermReport, account: Account | None, insights: Insights | None
) -> Sold:
    """Return the matches with products in the order that ad groups and targets that sold leave."""
    assert heard.matches.catalog is not None  # it was matched with products
    products = heard.matches.catalog.frame.select("product_id", "sku", "parent_id")
    shown, named = advertised(account, products), named_products(report.frame, products)
    shown = pl.concat([shown, named.join(shown, on=["campaign", "ad_group"], how="anti")])
    bought = None if insights is None or insights.purchases.is_empty() else insights.purchases
    return sold_products(heard.matches, report, shown, heard.rates, bought)


def _matched(
    report: SearchTermReport,
    source: ProductSource,
    account: Account | None,
    insights: Insights | None,
    cache: Cache,
    models: "Models | None",
    progress: Progress,
) -> tuple[Matched, Matches, Matches | None]:
    """Return what the terms match, what negatives do, and what open queries of shoppers do."""
    texts = negatives_to_match(account, report)
    queries = searched(insights)
    free = texts.clear() if queries is None else open_queries(queries, report, account)["term"]
    both = pl.concat([texts.alias("text"), free.alias("text")]).unique(maintain_order=True)
    found = match(report, source, progress, texts=both, cache=cache, models=models)
    asked = None if queries is None else texts_of(found.texts, free)
    return found, texts_of(found.texts, texts), asked


def decide(known: Understood, history: ChangeHistory, progress: Progress = silent) -> Analysis:
    """Return the decisions about what is understood."""
    progress("deciding", 0, 1)
    learned = learn(known.report, history)
    advice = advise(known, history, learned)
    effect = effect_of(known, advice)
    progress("deciding", 1, 1)
    return Analysis(
        **{name: getattr(known, name) for name in Understood.__dataclass_fields__},
        learned=learned,
        history=history,
        advice=advice,
        effect=effect,
    )


def advise(known: Understood, history: ChangeHistory, learned: Learned) -> Recommendations:
    """Return one decision for each term: the one place where ``recommend`` is composed."""
    options = known.options
    advice = recommend(
        known.report, known.matches, known.model,
        target_acos=options.target_acos, margin=options.margin,
        targets=options.targets, margins=options.margins, rho=options.rho,
        account=known.account, catalog=known.catalog, protect=options.protect,
        guard_rails=options.guard_rails, most_changes=options.most_changes,
        backtest=known.fit.backtest, window_days=options.window_days,
        recent=history.cooling, earlier=history.earlier, correction=learned.correction,
        rejected=history.rejected, upload=Writability(known.account, options),
        negatives=known.negatives, new_campaigns=options.new_campaigns, places=known.placements,
        capped=known.capped,
    )  # fmt: skip
    tested = known.fit.backtest
    return replace(
        advice,
        warnings=(*known.doubts, *widening_note(tested), *advice.warnings),
        frontier=widened_frontier(advice.frontier, widening(tested)),
    )


def read_given(
    reports: Path | str | Sequence[Path | str] | SearchTermReport, options: AnalysisOptions
) -> tuple[SearchTermReport, Insights | None]:
    """Return the search terms of the given files, and what Amazon's other reports among them say.

    Raises ``InputError`` where none of several files has search terms.
    """
    if isinstance(reports, SearchTermReport):
        return reports, None
    paths = [reports] if isinstance(reports, str | Path) else list(reports)
    with parsing_once():
        given = sort_files(paths)
        if given.insights and not given.reports:
            names = ", ".join(path.name for path in given.insights)
            raise InputError(say("pipeline.insights.no_report", files=names))
        report = read_any_size(
            given.reports or paths, currency=options.currency, attribution=options.attribution
        )
        if not given.insights:
            return report, None
        return report, read_insights(given.insights, currency=options.currency)


def _account(account: Path | str | Account | None, currency: str | None) -> Account | None:
    if account is None or isinstance(account, Account):
        return account
    return read_account(account, currency=currency)


def _source(catalog: "Path | str | Catalog | Index | ProductSource", encoder: str) -> ProductSource:
    from admatch.catalog.records import Catalog

    if isinstance(catalog, ProductSource):
        return catalog
    if isinstance(catalog, str | Path):
        return ProductSource(catalog=Path(catalog), encoder=encoder)
    if isinstance(catalog, Catalog):
        return ProductSource(catalog=catalog, encoder=encoder)
    return ProductSource(index=catalog)
