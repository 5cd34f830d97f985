"""Evidence → one action a row, by the taxonomy and the guard-rails: ``decide``."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from admatch.decisions.actions import Action
from admatch.decisions.economics import (
    Beta,
    Bools,
    Floats,
    clicks_until_sure,
    clicks_until_told_apart,
)
from admatch.decisions.evidence import Evidence
from admatch.decisions.guard_rails import GuardRails
from admatch.decisions.phrases import wasteful_phrases
from admatch.decisions.targets import TARGET
from admatch.reports.records import TermKind

Names: TypeAlias = npt.NDArray[Any]

_POOR = 0.6  # of the orders that a product's terms promised: then its listing is at fault
_PRODUCT_ORDERS = 3.0  # expected orders that a product's own record has to be worth
_FAIR_LUCK = 0.2  # chance of as many clicks without an order for a term that just breaks even
_MOVE_MARGIN = 0.3  # by which another own product has to be the more probable one
_HALO = 0.5  # share of sales that fell on other own products, which speaks for moving


def decide(
    evidence: Evidence, guard_rails: GuardRails, target_acos: float, recent: pl.Series
) -> pl.DataFrame:
    """Return the rows with ``action``, ``why`` (a word for the reason) and what the action needs.

    ``recent`` tells which rows an earlier run changed within the cooldown: they are left alone.
    """
    rows = _with_phrases(evidence, guard_rails)
    rows = _with_targets(rows, target_acos)
    view = _View(rows, guard_rails, target_acos, recent)
    action, why = view.decisions()
    undecided = np.isin(action, [Action.WATCH.value, Action.KEEP.value]) & (why != "odd")
    needed = view.clicks_needed(undecided & view.told)
    shown = np.where(np.isfinite(needed), needed, np.nan)
    return rows.with_columns(
        action=pl.Series(action, dtype=pl.String),
        why=pl.Series(why, dtype=pl.String),
        clicks_needed=pl.Series(shown).fill_nan(None).cast(pl.Int64),
        factor=pl.Series(view.bid_factor(action)),
    )


def _with_phrases(evidence: Evidence, guard_rails: GuardRails) -> pl.DataFrame:
    rows = evidence.rows.with_columns(
        blocked=(pl.col("ordered") > 0)
        | pl.col("protected").is_not_null()
        | (pl.col("about").fill_null(1.0) > guard_rails.stranger)
        | pl.col("odd")
    )
    named = evidence.keywords["keyword"]
    found = wasteful_phrases(rows, named, evidence.catalog, guard_rails)
    found = found.rename({"chance": "phrase_chance", "terms": "phrase_terms"})
    joined = rows.join(found, on="row", how="left", maintain_order="left")
    return joined.drop("blocked")


def _with_targets(rows: pl.DataFrame, target_acos: float) -> pl.DataFrame:
    """Return the rows with the ACOS interval of the target that serves them, all its terms pooled.

    A bid is the target's, not the term's, so both have to point the same way.
    """
    posterior = Beta.of(rows["rate"].to_numpy(), rows["weight"].to_numpy())
    worth = (rows["sales_limit"] / target_acos).to_numpy()
    pooled = rows.with_columns(
        expected=pl.Series(worth * posterior.mean),
        spread=pl.Series(worth**2 * posterior.variance),
    )
    total = pl.col("expected").sum().over(TARGET)
    deviation = 1.2816 * pl.col("spread").sum().over(TARGET).sqrt()
    cost = pl.col("cost").sum().over(TARGET)
    return pooled.with_columns(
        target_acos=cost / total,
        target_acos_low=cost / (total + deviation),
        target_acos_high=pl.when(total > deviation).then(cost / (total - deviation)),
        target_orders=pl.col("orders").sum().over(TARGET),
    ).drop("expected", "spread")


class _View:
    """The rows as arrays, and the conditions of the taxonomy over them."""

    def __init__(
        self, rows: pl.DataFrame, guard_rails: GuardRails, target_acos: float, recent: pl.Series
    ) -> None:
        self.rows, self.guard_rails, self.target = rows, guard_rails, target_acos
        self.kind = rows["term_kind"].to_numpy()
        self.orders, self.ordered = self._numbers("orders"), self._numbers("ordered")
        self.limit = self._numbers("break_even", np.nan)
        self.chance = self._numbers("chance", 1.0)
        self.mature = self._numbers("mature_clicks")
        self.about = self._numbers("about", np.nan)
        self.sure = self._numbers("product_probability")
        self.told = np.isfinite(self.limit) & (self._numbers("cpc") > 0)
        self.recent = recent.to_numpy()
        self.posterior = Beta.of(self._numbers("rate"), self._numbers("weight"))
        self.stranger = np.nan_to_num(self.about, nan=1.0) <= guard_rails.stranger
        loose = max(guard_rails.certainty, guard_rails.stranger_certainty)
        self.certainty = np.where(self.stranger, loose, guard_rails.certainty)
        self.acos_low, self.acos_high = self._interval()

    def decisions(self) -> tuple[Names, Names]:
        """Return action and why of every row; the first condition that holds decides."""
        pairs = list(self._conditions())
        conditions = [condition for condition, _, _ in pairs]
        action = np.select(conditions, [name.value for _, name, _ in pairs], Action.WATCH.value)
        return action, np.select(conditions, [why for _, _, why in pairs], "thin")

    def _conditions(self) -> "list[tuple[Bools, Action, str]]":
        negate, why_none = self._negate(), self.stranger
        typed, asin = self.kind == TermKind.KEYWORD.value, self.kind == TermKind.ASIN.value
        phrase = typed & negate & self._is_told("phrase")
        phrase |= typed & self._may_negate() & self._is_told("phrase") & ~self._few_for_strong()
        strong = self.sure >= self.guard_rails.sure_match
        listing = negate & strong & self._poor_product()
        below, above = self.acos_high < self.target, self.acos_low > self.target
        target_low, target_high = self._target_interval()
        converting = (self.orders > 0) & self.told
        lower = (self.ordered > 0) & (self._numbers("target_orders") > 0) & self.told
        return [
            (~typed & ~asin, Action.NOT_APPLICABLE, "kind"),
            (self._flag("own_asin"), Action.NOT_APPLICABLE, "own"),
            (self._flag("odd"), Action.WATCH, "odd"),
            (self.recent, Action.WATCH, "recent"),
            (~self.told, Action.WATCH, "untold"),
            (self._isolate(below), Action.ISOLATE, "exact"),
            (self._harvest(below), Action.HARVEST_EXACT, "exact"),
            (self._move(below), Action.MOVE, "product"),
            (listing, Action.FIX_LISTING, "product"),
            (phrase, Action.NEGATE_PHRASE, "phrase"),
            (negate & asin, Action.NEGATE_PRODUCT, "clicks"),
            (negate & why_none, Action.NEGATE_EXACT, "none"),
            (negate, Action.NEGATE_EXACT, "clicks"),
            (lower & above & (target_low > self.target), Action.BID_DOWN, "above"),
            (converting & below & (target_high < self.target), Action.BID_UP, "below"),
            (converting & below, Action.KEEP, "below"),
            (converting & above, Action.KEEP, "target"),
            (self._protected() & (self.chance < self.certainty), Action.KEEP, "protected"),
            ((self.ordered > 0) & ~converting, Action.WATCH, "elsewhere"),
            (strong & (self.chance < self.certainty), Action.WATCH, "strong"),
            (converting & self._adequate(), Action.KEEP, "spans"),
        ]

    def _may_negate(self) -> Bools:
        """Guard-rails 1 and 2: no order in any ad group, nothing protected."""
        free: Bools = (self.ordered == 0) & ~self._protected() & ~self._flag("own_asin") & self.told
        return free

    def _negate(self) -> Bools:
        """Return whether a row's own evidence is enough to negate it."""
        doubtful = (self.chance < self.certainty) & (self.mature >= 1)
        return self._may_negate() & doubtful & ~self._few_for_strong()

    def _few_for_strong(self) -> Bools:
        """Guard-rail 3: a strongly retrieved term is judged by its own clicks alone."""
        luck = (1 - np.clip(np.nan_to_num(self.limit, nan=0.0), 0, 1)) ** self.mature
        few: Bools = (self.sure >= self.guard_rails.sure_match) & (luck > _FAIR_LUCK)
        return few

    def _isolate(self, below: Bools) -> Bools:
        """Guard-rail 1's exception: the exact keyword lives in another ad group already."""
        elsewhere = self._is_told("exact_ad_group") & ~self._flag("exact_here")
        return self._wins(below) & elsewhere & ~self._is_exact()

    def _harvest(self, below: Bools) -> Bools:
        return self._wins(below) & ~self._is_told("exact_campaign") & ~self._is_exact()

    def _wins(self, below: Bools) -> Bools:
        typed = self.kind == TermKind.KEYWORD.value
        won: Bools = typed & (self.orders >= self.guard_rails.harvest_orders) & below & self.told
        return won

    def _move(self, below: Bools) -> Bools:
        """Another own product is far the more probable one, and this ad group lacks it."""
        lacks = (self.rows["advertised_here"] == False).fill_null(False).to_numpy()  # noqa: E712
        margin = self.sure - self._numbers("best_here") >= _MOVE_MARGIN
        sales, halo = self._numbers("sales"), self._numbers("sales_halo")
        by_halo = (sales > 0) & (halo >= _HALO * sales) & (self.sure >= 0.5)
        surely = (self.sure >= self.guard_rails.sure_match) | by_halo
        room = self._is_told("to_campaign") & ~self._is_told("exact_campaign")
        typed = self.kind == TermKind.KEYWORD.value
        moved: Bools = typed & lacks & margin & surely & room & ~below & (self.mature >= 1)
        return moved

    def _poor_product(self) -> Bools:
        """Return whether the terms that strongly retrieve a row's product all convert poorly."""
        strong = (pl.col("product_probability") >= self.guard_rails.sure_match).fill_null(False)
        hits = (pl.min_horizontal("orders", "clicks") * strong).sum()
        promised = (pl.col("prior_cvr") * pl.col("mature_clicks") * strong).sum()
        of = ("currency", "product_id")
        both = self.rows.select(hits=hits.over(of), promised=promised.over(of))
        got, wanted = both["hits"].to_numpy(), both["promised"].to_numpy()
        poor: Bools = (wanted >= _PRODUCT_ORDERS) & (got < _POOR * wanted)
        return poor

    def _adequate(self) -> Bools:
        """Return whether the interval is narrow enough to say that a term is near its target."""
        wide = self.acos_high / np.maximum(self.acos_low, 1e-9)
        enough: Bools = np.nan_to_num(wide, nan=np.inf) <= 4.0
        return enough

    def clicks_needed(self, asked: Bools) -> Floats:
        """Return how many more clicks would decide about the rows that are asked for; else NaN."""
        needed = np.full(len(asked), np.nan)
        sold, unsold = asked & (self.orders > 0), asked & ~(self.orders > 0)
        needed[sold] = clicks_until_told_apart(self.posterior.take(sold), self.limit[sold])
        needed[unsold] = clicks_until_sure(
            self.posterior.take(unsold), self.limit[unsold], self.certainty[unsold]
        )
        return needed

    def bid_factor(self, action: Names) -> Floats:
        """Return new bid over old: towards the target, by no more than a step; else NaN."""
        with np.errstate(divide="ignore", invalid="ignore"):
            wanted = self.target / self._numbers("target_acos", np.nan)
        step = self.guard_rails.step
        factor = np.clip(wanted, 1 - step, 1 + step)
        found: Floats = np.where(np.isin(action, [Action.BID_DOWN, Action.BID_UP]), factor, np.nan)
        return found

    def _interval(self) -> tuple[Floats, Floats]:
        """Return the 80 % interval of each row's ACOS."""
        with np.errstate(divide="ignore", invalid="ignore"):
            per_order = self.limit * self.target
            low, high = self._numbers("rate_low"), self._numbers("rate_high")
            return per_order / high, np.where(low > 0, per_order / low, np.inf)

    def _target_interval(self) -> tuple[Floats, Floats]:
        return self._numbers("target_acos_low", -np.inf), self._numbers("target_acos_high", np.inf)

    def _is_exact(self) -> Bools:
        return (self.rows["match_type"] == "exact").fill_null(False).to_numpy()

    def _protected(self) -> Bools:
        return self.rows["protected"].is_not_null().to_numpy()

    def _is_told(self, column: str) -> Bools:
        return self.rows[column].is_not_null().to_numpy()

    def _flag(self, column: str) -> Bools:
        return self.rows[column].fill_null(False).to_numpy()

    def _numbers(self, column: str, missing: float = 0.0) -> Floats:
        values = self.rows[column].cast(pl.Float64).fill_null(missing).fill_nan(missing)
        return values.to_numpy()
