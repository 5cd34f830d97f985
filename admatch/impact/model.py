"""``ImpactModel``: what each search term is worth, and what changes of keywords would do."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from admatch.arrays import Floats
from admatch.catalog.records import Catalog
from admatch.errors import InputError, Problem
from admatch.impact.baseline import Baseline
from admatch.impact.changes import ChangeSet
from admatch.impact.draws import Draws, draw
from admatch.impact.drift import Drift
from admatch.impact.evidence import gather
from admatch.impact.market import MarketFit
from admatch.impact.posterior import Fitted, fit
from admatch.impact.trees import Trees
from admatch.impact.what_if import WhatIf, evaluate
from admatch.match.records import Matches
from admatch.messages import say
from admatch.reports.records import SearchTermReport
from admatch.threads import steady_numpy

_CELLS = 250_000_000  # of one array: 1 GB
_DRAWS, _LARGE = 2000, 20_000  # an account with more rows needs only a quarter of the draws


class ImpactModel:
    """Conversion, order value, cost per click and volume of each (ad group, search term).

    >>> model = am.ImpactModel(seed=7).fit(report, matches, catalog=catalog)
    >>> model.posteriors.select("search_term", "cvr", "cvr_low", "cvr_high").height
    491
    """

    def __init__(self, seed: int = 7) -> None:
        self.seed = seed  # of draws; rates do not depend on it
        self._fitted: Fitted | None = None

    @steady_numpy()
    def fit(
        self,
        report: SearchTermReport,
        matches: Matches | None = None,
        *,
        catalog: Catalog | None = None,
        as_of: date | None = None,
        trees: Trees | None = None,
        market: pl.DataFrame | None = None,
        held_out: Floats | None = None,
    ) -> "ImpactModel":
        """Return the model itself, fitted. ``matches`` bring in what terms mean.

        ``as_of`` is the day on which the report was made (by default the day after its last): it
        decides how many orders of recent clicks are still to come. Prices of ``catalog`` are used
        where an account has no order yet. ``trees`` of an earlier model of the same account save
        most of the time; all clicks and orders still count. With them, ``held_out`` of a model of
        the very same report, matches and catalog saves the rest. ``market`` has what shoppers buy
        after queries (``impact.market.MARKET_SCHEMA``). ``notes`` say what was corrected or left
        out.
        """
        self._fitted = fit(gather(report, as_of), matches, catalog, trees, market, held_out)
        self.__dict__.pop("_baseline", None)
        return self

    @property
    def basis(self) -> str:
        """What the prior conversion rates rest on: "lightgbm" or "shrinkage"."""
        return self._known.basis

    @property
    def trees(self) -> Trees:
        """What a model of the same account, some days later, need not learn again."""
        return self._known.prior.trees

    @property
    def held_out(self) -> Floats:
        """The rate of each row by trees that have not seen its term, before any market."""
        return self._known.prior.held_out

    @property
    def market(self) -> MarketFit | None:
        """How the market's conversion was heard; None without one, or with too little of it."""
        return self._known.market

    @property
    def notes(self) -> tuple[Problem, ...]:
        """What was corrected in the report, left out of the model, or assumed."""
        return self._known.notes

    @property
    def posteriors(self) -> pl.DataFrame:
        """One row per (currency, campaign, ad_group, search_term), the most expensive first.

        ``prior_cvr`` has not seen the term itself and is worth ``strength`` clicks. ``cvr`` lies
        between ``cvr_low`` and ``cvr_high`` with 80 %. ``maturity`` (0 … 1) is the share of orders
        known by now. ``sales_promoted`` and ``sales_halo`` are null where the report lacks them.
        """
        return self._known.posteriors

    def draws(self, n: int = 2000) -> Draws:
        """Return n posterior-predictive draws of every row, in the order of ``posteriors``.

        They are of a period as long as the report's, with all orders known. Raises ``InputError``
        where one array would take more than a gigabyte.
        """
        rows = self.posteriors.height
        if n * rows > _CELLS:
            most = _CELLS // rows
            raise InputError(say("impact.model.too_many_draws", draws=n, rows=rows, most=most))
        return draw(self._known.parameters, Drift(self.seed, n), np.arange(rows))

    def what_if(
        self,
        changes: ChangeSet,
        *,
        rho: float = 0.0,
        margin: float | Mapping[str | None, float] | None = None,
        total_sales: float | Mapping[str | None, float] | None = None,
        capped: Mapping[str, float] | None = None,
        placements: pl.DataFrame | None = None,
        draws: int | None = None,
        phrase_by_meaning: bool = False,
    ) -> WhatIf:
        """Return ACOS, spend, orders, sales and profit before and after ``changes``.

        ``rho`` is the share of blocked clicks that reappear elsewhere in the account. ``margin`` is
        profit before advertising over sales, ``total_sales`` are those of the report's period,
        including organic ones, and give TACOS; both may be by currency. ``capped``
        (``budgets.capped_campaigns``) are campaigns that spend again what is freed. ``placements``
        (``placements.placements``) are needed for changes of their percentages. ``draws`` is
        2000 by default, and 500 for an account with over 20,000 rows. With ``phrase_by_meaning``,
        phrases, negative ones too, match words in any order (``keyword_rules``). Raises
        ``InputError`` for values out of range.

        >>> effect = model.what_if(advice.changes(am.Action.NEGATE_EXACT))
        >>> effect.after.acos.mean < effect.before.acos.mean
        True
        >>> effect.difference.acos.low80 < effect.difference.acos.high80
        True
        """
        few = _DRAWS if self.posteriors.height <= _LARGE else _DRAWS // 4
        n = few if draws is None else draws
        return evaluate(
            self._baseline, changes, rho, margin, total_sales, n, capped or {}, placements,
            phrase_by_meaning=phrase_by_meaning,
        )  # fmt: skip

    @cached_property
    def _baseline(self) -> Baseline:
        return Baseline.of(self._known, self.seed)

    @property
    def _known(self) -> Fitted:
        if self._fitted is None:
            raise InputError(say("impact.model.not_fitted"))
        return self._fitted
