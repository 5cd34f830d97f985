"""``WhatIf``: an account before and after a change set, and how sure that is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from admatch.catalog.records import Catalog
from admatch.display.money import money, percent
from admatch.display.notebook import SHOWN, notebook_html
from admatch.errors import InputError
from admatch.impact.apply_changes import apply_changes
from admatch.impact.baseline import Baseline
from admatch.impact.changes import ChangeSet
from admatch.impact.columns import KEY
from admatch.impact.deltas import Delta, deltas
from admatch.impact.figures import Drawn, Figures, Money, differences, figures, ratios
from admatch.impact.interval import Interval as Interval  # for those who read a WhatIf
from admatch.impact.plan import BLAST_SCHEMA, Plan, Unknown
from admatch.impact.totals import Totals
from admatch.match.records import RETRIEVED
from admatch.messages import Message, say

RHOS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class BeforeAfter:
    """One currency before and after; ``difference`` is after less before, draw by draw.

    ``sales_at_risk`` are sales of blocked traffic that neither reappear (rho) nor are caught by a
    new keyword. ``spent_again`` is the spend that was freed in campaigns that run out of their
    daily budget, and is spent there again; ``after`` counts it. ``break_even`` is the margin below
    which the change pays: spend saved over sales lost; None where no sales are lost.
    ``before_draws`` and ``after_draws`` are the draws behind the figures.
    """

    before: Figures
    after: Figures
    difference: Figures
    sales_at_risk: Interval | None
    break_even: Interval | None
    before_draws: Totals
    after_draws: Totals
    spent_again: Interval


@dataclass(frozen=True)
class WhatIf:
    """What a change set does, by currency (None where the report names none).

    ``blast_radius``: every row that each change touches, with its figures and the own product that
    its term retrieves. ``sensitivity``: ACOS, spend, sales and sales at risk after the changes, for
    several rho. ``unknown``: changes whose effect the report does not show, with the reason; they
    count as changing nothing.
    """

    by_currency: Mapping[str | None, BeforeAfter]
    rho: float
    blast_radius: pl.DataFrame
    sensitivity: pl.DataFrame
    unknown: tuple[Unknown, ...]
    catalog: Catalog | None = field(default=None, compare=False)  # for its pictures

    @property
    def only(self) -> BeforeAfter:
        """The account's only currency; raises ``InputError`` where it has several."""
        if len(self.by_currency) != 1:
            names = ", ".join(str(name) for name in self.by_currency) or "–"
            raise InputError(say("impact.what_if.several_currencies", names=names))
        return next(iter(self.by_currency.values()))

    @property
    def before(self) -> Figures:
        """Figures if nothing is changed."""
        return self.only.before

    @property
    def after(self) -> Figures:
        """Figures with the changes."""
        return self.only.after

    @property
    def difference(self) -> Figures:
        """After less before."""
        return self.only.difference

    @property
    def sales_at_risk(self) -> Interval | None:
        """Sales of blocked traffic that neither reappear nor are caught."""
        return self.only.sales_at_risk

    @property
    def break_even(self) -> Interval | None:
        """The margin below which the change pays."""
        return self.only.break_even

    def __repr__(self) -> str:
        return "\n".join(self._lines) or say("impact.what_if.empty")

    def _repr_html_(self) -> str:
        touched = self.blast_radius.sort("spend", descending=True, nulls_last=True)
        return notebook_html(
            "what_if",
            summary=self._lines,
            effect=self,
            rows=touched.head(SHOWN).to_dicts(),
            further=touched.height - SHOWN,
        )

    @property
    def _lines(self) -> list[str]:
        """What the changes do, in a line for each currency."""
        lines = list[str]()
        for currency, effect in self.by_currency.items():
            lines.append(_line(currency, effect))
            if effect.spent_again.mean > 0:
                again = money(effect.spent_again.mean, currency)
                lines.append(say("impact.what_if.spent_again", again=again))
        return lines


def _line(currency: str | None, effect: BeforeAfter) -> Message:
    before, after = effect.before, effect.after
    spend = {
        "spend_before": money(before.spend.mean, currency),
        "spend_after": money(after.spend.mean, currency),
    }
    if before.acos is None or after.acos is None:
        return say("impact.what_if.without_sales", **spend)
    return say(
        "impact.what_if.line",
        acos_before=percent(before.acos.mean),
        acos_after=percent(after.acos.mean),
        low=percent(after.acos.low80),
        high=percent(after.acos.high80),
        **spend,
    )


def evaluate(
    baseline: Baseline,
    changes: ChangeSet,
    rho: float,
    margin: float | Mapping[str | None, float] | None,
    total_sales: float | Mapping[str | None, float] | None,
    n: int,
    capped: Mapping[str, float],
    known: pl.DataFrame | None,
    *,
    phrase_by_meaning: bool = False,
) -> WhatIf:
    """Return what the changes do; raises ``InputError`` for values out of range.

    ``known`` are the account's ``placements``; for ``phrase_by_meaning`` see ``apply_changes``.
    """
    check_rho(rho)
    margins = _margins(margin, baseline.currencies)
    if n < 1:
        raise InputError(say("impact.what_if.draws", found=n))
    money = Money(margins, _by_currency(total_sales, baseline.currencies))
    plan = apply_changes(baseline, changes, known, capped, phrase_by_meaning=phrase_by_meaning)
    change, before = deltas(baseline, plan, n, capped), baseline.before(n)
    singled = {currency: delta.singled for currency, delta in change.items()}
    beside = baseline.before_beside(n, plan.touched, singled)
    effects = {
        currency: _Effect(currency, before[currency], beside[currency], change.get(currency), money)
        for currency in baseline.currencies
    }
    by_currency = {currency: effect.at(rho) for currency, effect in effects.items()}
    sensitivity = [
        _sensitive(currency, one, effect.at(one))
        for currency, effect in effects.items()
        for one in RHOS
    ]
    matches = baseline.fitted.matches
    catalog = matches.catalog if matches else None
    return WhatIf(
        by_currency, rho, _blast(plan), pl.DataFrame(sensitivity), tuple(plan.unknown), catalog
    )


def check_rho(rho: float) -> None:
    """Raise ``InputError`` where rho is no share."""
    if not 0 <= rho <= 1:
        raise InputError(say("impact.what_if.rho", found=f"{rho:g}"))


def _margins(
    margin: float | Mapping[str | None, float] | None, currencies: list[str | None]
) -> Mapping[str | None, float]:
    if margin is None:
        return {}
    margins = margin if isinstance(margin, Mapping) else dict.fromkeys(currencies, margin)
    for one in margins.values():
        if not 0 < one <= 1:
            raise InputError(say("impact.what_if.margin", found=f"{one:g}"))
    return margins


def _by_currency(
    total: float | Mapping[str | None, float] | None, currencies: list[str | None]
) -> Mapping[str | None, float]:
    if total is None:
        return {}
    if not isinstance(total, Mapping):
        if len(currencies) > 1:
            raise InputError(say("impact.what_if.total_by_currency"))
        total = dict.fromkeys(currencies, total)
    wrong = [name for name, value in total.items() if not value > 0 or np.isinf(value)]
    if wrong:
        raise InputError(say("impact.what_if.total", found=f"{total[wrong[0]]:g}"))
    return total


@dataclass(frozen=True)
class _Effect:
    """One currency before a change, and what the change does at any rho.

    ``beside`` is ``before`` with the rows that the change touches drawn one by one.
    """

    currency: str | None
    before: Totals
    beside: Totals
    delta: Delta | None
    money: Money

    def at(self, rho: float) -> BeforeAfter:
        """Return it before and after."""
        delta, beside = self.delta, self.beside
        after = beside if delta is None else _after(beside, delta, rho)
        first, second = (self._ratios(one) for one in (beside, after))
        return BeforeAfter(
            self._first,
            figures(second),
            figures(differences(first, second)),
            _at_risk(beside, delta, rho),
            _break_even(beside, after),
            self.before,
            after,
            Interval.of(np.zeros(len(beside.spend)) if delta is None else delta.spent_again),
        )

    @cached_property
    def _first(self) -> Figures:
        return figures(ratios(self.before, self.before, self.currency, self.money))

    def _ratios(self, drawn: Totals) -> Drawn:
        return ratios(drawn, self.beside, self.currency, self.money)


def _after(before: Totals, delta: Delta, rho: float) -> Totals:
    return before.plus(delta.change).plus(delta.returned, rho)


def _at_risk(before: Totals, delta: Delta | None, rho: float) -> Interval | None:
    if np.isnan(before.sales).any():
        return None
    if delta is None:
        return Interval.of(np.zeros(len(before.sales)))
    regained = rho * delta.returned.sales + delta.caught_sales
    return Interval.of(np.maximum(delta.blocked_sales - regained, 0.0))


def _break_even(before: Totals, after: Totals) -> Interval | None:
    lost = before.sales - after.sales
    if np.isnan(lost).any() or lost.mean() <= 0:
        return None
    saved = before.spend - after.spend
    draws = np.where(saved > 0, np.inf, 0.0)
    np.divide(saved, lost, out=draws, where=lost > 0)
    return Interval.of(draws, float(saved.mean() / lost.mean()))


def _sensitive(currency: str | None, rho: float, effect: BeforeAfter) -> dict[str, object]:
    after = effect.after
    row: dict[str, object] = {"currency": currency, "rho": rho}
    figures = {
        "acos": after.acos,
        "spend": after.spend,
        "orders": after.orders,
        "sales": after.sales,
        "profit": after.profit,
        "sales_at_risk": effect.sales_at_risk,
    }
    for name, interval in figures.items():
        row[name] = None if interval is None else interval.mean
        row[f"{name}_low80"] = None if interval is None else interval.low80
        row[f"{name}_high80"] = None if interval is None else interval.high80
    return row


def _blast(plan: Plan) -> pl.DataFrame:
    """Return change, effect, share, the row's place, term and figures, and its own product."""
    fitted = plan.baseline.fitted
    touched = pl.concat([pl.DataFrame(schema=BLAST_SCHEMA), *plan.blast])
    figures = ("clicks", "spend", "orders", "sales", "cvr")
    rows = fitted.posteriors[touched["row"].to_numpy()].select(*KEY, "term_kind", *figures)
    wide = pl.concat([touched.drop("row"), rows], how="horizontal")
    if fitted.matches is None:
        nothing = (pl.lit(None, pl.String).alias(name) for name in ("product_id", "title"))
        return wide.with_columns(*nothing)
    best = fitted.matches.products.filter(
        (pl.col("rank") == 1) & (pl.col("probability") >= RETRIEVED)
    )
    own = best.select("search_term", "product_id", "title")
    return wide.join(own, on="search_term", how="left", maintain_order="left")
