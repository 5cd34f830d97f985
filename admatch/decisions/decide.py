"""Evidence → one action a row, by the guard-rails: ``decide``."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from admatch.arrays import Floats, Mask
from admatch.decisions.actions import CHANGING, LEVERS, Action
from admatch.decisions.economics import clicks_until_distinct, clicks_until_sure
from admatch.decisions.evidence import Evidence
from admatch.decisions.guard_rails import GuardRails
from admatch.decisions.levels import bid_factors, with_bid_ranges, with_levels
from admatch.decisions.phrases import wasteful_phrases
from admatch.impact.beta import Beta
from admatch.impact.columns import TARGET
from admatch.match.records import RETRIEVED
from admatch.reports.records import TermKind

Names: TypeAlias = npt.NDArray[Any]

_POOR = 0.6  # below this share of a product's expected orders its listing is at fault
_PRODUCT_ORDERS = 3.0  # expected orders from which a product is judged by its own record
_FAIR_LUCK = 0.2  # chance of as many clicks without an order for a term that just breaks even
_MOVE_MARGIN = 0.3  # by which another own product has to be more probable
_HALO = 0.5  # share of sales of other own products that speaks for moving
_PAYS = 0.20  # chance of paying below which an order or two do not move a term
_ALIKE = 0.10  # lead over the runner-up below which a term is about several own products alike
# Orders that the clicks of a term without any should have brought, and of one about a product.
_EXPECTED_ORDERS, _EXPECTED_OF_OWN = 0.5, 1.0
_FEWEST_CLICKS = 3  # mature clicks of a negation …
_SURELY_NONE = 0.03  # … unless the term is about none of one's products with this certainty


def decide(evidence: Evidence, guard_rails: GuardRails, recent: pl.Series) -> pl.DataFrame:
    """Return the rows with ``action``, ``why`` (a word for the reason) and what the action needs.

    ``recent`` marks the rows that an earlier run changed within the cooldown: they are left alone.
    """
    rows = _with_phrases(evidence, guard_rails)
    rows = with_levels(rows, evidence.facts.levels)
    view = _View(rows, guard_rails, recent)
    action, why = view.decisions()
    undecided = np.isin(action, [Action.WATCH.value, Action.KEEP.value]) & (why != "odd")
    needed = view.clicks_needed(undecided & view.known)
    shown = np.where(np.isfinite(needed), needed, np.nan)
    decided = rows.with_columns(
        action=pl.Series(action, dtype=pl.String),
        why=pl.Series(why, dtype=pl.String),
        clicks_needed=pl.Series(shown).fill_nan(None).cast(pl.Int64),
        factor=pl.Series(view.price_factor(action)).fill_nan(None),
        level=view.level,
    )
    return with_covered(with_bid_ranges(decided))


def with_covered(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows, with the ``factor`` of a new bid on every row that its targeting serves.

    A row whose own change was withdrawn is served by that bid, too, and one whose targeting gets no
    new bid any more has no factor.
    """
    bid = pl.col("action").is_in([one.value for one in LEVERS])
    own = pl.when(bid).then("factor")
    served = own.drop_nulls().first().over(TARGET)
    still = ~pl.col("action").is_in([one.value for one in CHANGING])
    return rows.with_columns(factor=pl.when(still).then(served).otherwise("factor"))


def _with_phrases(evidence: Evidence, guard_rails: GuardRails) -> pl.DataFrame:
    candidates = evidence.facts.phrases(guard_rails)
    phrases = wasteful_phrases(candidates, evidence.rows, guard_rails)
    figures = ("chance", "terms", "rate", "weight")
    phrases = phrases.rename({name: f"phrase_{name}" for name in figures})
    return evidence.rows.join(phrases, on="row", how="left", maintain_order="left")


class _View:
    """The rows as arrays, and the conditions over them that lead to each action."""

    def __init__(self, rows: pl.DataFrame, guard_rails: GuardRails, recent: pl.Series) -> None:
        self.rows, self.guard_rails = rows, guard_rails
        self.target = self._numbers("target_acos")
        self.kind = rows["term_kind"].to_numpy()
        self.orders, self.ordered = self._numbers("orders"), self._numbers("ordered")
        self.limit = self._numbers("break_even", np.nan)
        self.chance = self._numbers("chance", 1.0)
        self.mature = self._numbers("mature_clicks")
        self.about = self._numbers("about", np.nan)
        self.sure = self._numbers("product_probability")
        self.known = np.isfinite(self.limit) & (self._numbers("cpc") > 0)
        self.recent = recent.to_numpy()
        self.stranger = np.nan_to_num(self.about, nan=1.0) <= guard_rails.stranger
        loose = max(guard_rails.certainty, guard_rails.stranger_certainty)
        self.certainty = np.where(self.stranger, loose, guard_rails.certainty)
        self.acos_low, self.acos_high = self._interval()
        self.bid, self.level = bid_factors(rows, guard_rails)

    def decisions(self) -> tuple[Names, Names]:
        """Return action and why of every row; the first condition that holds decides."""
        pairs = list(self._conditions())
        conditions = [condition for condition, _, _ in pairs]
        action = np.select(conditions, [name.value for _, name, _ in pairs], Action.WATCH.value)
        return action, np.select(conditions, [why for _, _, why in pairs], "thin")

    def _conditions(self) -> "list[tuple[Mask, Action, str]]":
        negate, why_none = self._negate(), self.stranger
        typed, asin = self.kind == TermKind.KEYWORD.value, self.kind == TermKind.ASIN.value
        phrase = typed & negate & self._has("phrase")
        phrase |= typed & self._may_negate() & self._has("phrase") & ~self._few_for_strong()
        strong = self.sure >= self.guard_rails.sure_match
        listing = negate & strong & self._poor_product()
        below, above = self.acos_high < self.target, self.acos_low > self.target
        converting = (self.orders > 0) & self.known
        lowered, raised = self.known & (self.bid < 1), self.known & (self.bid > 1)
        paused = self.known & (self.bid == 0)
        return [
            (self._flag("odd"), Action.WATCH, "odd"),
            (self._flag("ended"), Action.WATCH, "ended"),
            (self.recent, Action.WATCH, "recent"),
            (~typed & ~asin & paused, Action.PAUSE, "level"),
            (~typed & ~asin & lowered, Action.BID_DOWN, "level"),
            (~typed & ~asin & raised, Action.BID_UP, "level"),
            (~typed & ~asin, Action.NOT_APPLICABLE, "kind"),
            (self._flag("own_asin"), Action.NOT_APPLICABLE, "own"),
            (~self.known, Action.WATCH, "unknown"),
            (paused, Action.PAUSE, "level"),
            (self._isolate(below), Action.ISOLATE, "exact"),
            (self._harvest(below), Action.HARVEST_EXACT, "exact"),
            (self._move(below), Action.MOVE, "product"),
            (listing, Action.FIX_LISTING, "product"),
            (phrase, Action.NEGATE_PHRASE, "phrase"),
            (negate & asin, Action.NEGATE_PRODUCT, "clicks"),
            (negate & why_none, Action.NEGATE_EXACT, "none"),
            (negate, Action.NEGATE_EXACT, "clicks"),
            (converting & below & raised, Action.BID_UP, "below"),
            (lowered & ~(converting & below), Action.BID_DOWN, "level"),
            (converting & below, Action.KEEP, "below"),
            (self._flag("price_cut") & self._expensive(), Action.WATCH, "price_cut"),
            (converting & above, Action.KEEP, "target"),
            (self._protected() & (self.chance < self.certainty), Action.KEEP, "protected"),
            ((self.ordered > 0) & ~converting, Action.WATCH, "elsewhere"),
            (strong & (self.chance < self.certainty), Action.WATCH, "strong"),
            (converting & self._adequate(), Action.KEEP, "spans"),
        ]

    def _expensive(self) -> Mask:
        """Return the rows whose targeting or ad group is likely to be above the target."""
        both = self._numbers("targeting_above"), self._numbers("group_above")
        above: Mask = np.maximum(*both) >= 0.5
        return above & self.known

    def _may_negate(self) -> Mask:
        """Return the rows without an order in any ad group and without protection (1 and 2).

        An exact keyword is not blocked by a negative of its own text: its bid is what changes.
        """
        free: Mask = (self.ordered == 0) & ~self._protected() & ~self._flag("own_asin")
        return free & self.known & ~self._flag("exact_here")

    def _negate(self) -> Mask:
        """Return whether a row's own evidence is enough to negate it."""
        surely_none = np.nan_to_num(self.about, nan=1.0) <= _SURELY_NONE
        seen = (self.mature >= _FEWEST_CLICKS) | (surely_none & (self.mature >= 1))
        # what pays nowhere in an account is no finding about a term: its own clicks have to say it
        expected = self.mature * self._numbers("prior_cvr")
        fewest = np.where(self.sure >= RETRIEVED, _EXPECTED_OF_OWN, _EXPECTED_ORDERS)
        seen &= self.stranger | (expected >= fewest)
        doubtful = (self.chance < self.certainty) & seen
        return self._may_negate() & doubtful & ~self._few_for_strong()

    def _few_for_strong(self) -> Mask:
        """Return the strongly matched rows whose clicks are too few to judge them (3)."""
        luck = (1 - np.clip(np.nan_to_num(self.limit, nan=0.0), 0, 1)) ** self.mature
        few: Mask = (self.sure >= self.guard_rails.sure_match) & (luck > _FAIR_LUCK)
        return few

    def _isolate(self, below: Mask) -> Mask:
        """Return the rows whose exact keyword runs elsewhere for less (exception to 1)."""
        elsewhere = self._has("exact_ad_group") & ~self._flag("exact_here")
        cheaper = self._numbers("exact_bid", np.inf) < self._numbers("cpc")
        return self._wins(below) & elsewhere & cheaper & ~self._is_exact()

    def _harvest(self, below: Mask) -> Mask:
        """Return the rows that sell below the target and have no exact keyword anywhere."""
        return self._wins(below) & ~self._has("exact_campaign") & ~self._is_exact()

    def _wins(self, below: Mask) -> Mask:
        typed = self.kind == TermKind.KEYWORD.value
        won: Mask = typed & (self.orders >= self.guard_rails.harvest_orders) & below & self.known
        return won

    def _move(self, below: Mask) -> Mask:
        """Return the rows whose ad group lacks the far more probable product."""
        lacks = (self.rows["advertised_here"] == False).fill_null(False).to_numpy()  # noqa: E712
        margin = self.sure - self._numbers("best_here") >= _MOVE_MARGIN
        sales, halo = self._numbers("sales"), self._numbers("sales_halo")
        by_halo = (self.orders >= 2) & (halo >= _HALO * sales) & (self.sure >= 0.5)
        ordered = (self.orders > 0) & (self.sure >= self.guard_rails.sure_match)
        pays = np.nan_to_num(self.chance, nan=0.0) >= _PAYS
        surely = (ordered & pays) | by_halo  # never a term without an order
        lead = self.sure - self._numbers("runner_up_product_probability")
        room = self._has("to_campaign") & ~self._has("exact_campaign")
        typed = self.kind == TermKind.KEYWORD.value
        moved: Mask = typed & lacks & margin & surely & room & ~below & (lead >= _ALIKE)
        return moved

    def _poor_product(self) -> Mask:
        """Return whether the terms that strongly match a row's product convert poorly together."""
        strong = (pl.col("product_probability") >= self.guard_rails.sure_match).fill_null(False)
        hits = (pl.min_horizontal("orders", "clicks") * strong).sum()
        promised = (pl.col("prior_cvr") * pl.col("mature_clicks") * strong).sum()
        of = ("currency", "product_id")
        both = self.rows.select(hits=hits.over(of), promised=promised.over(of))
        orders, expected = both["hits"].to_numpy(), both["promised"].to_numpy()
        poor: Mask = (expected >= _PRODUCT_ORDERS) & (orders < _POOR * expected)
        return poor

    def _adequate(self) -> Mask:
        """Return whether the interval is narrow enough to say that a term is near its target."""
        wide = self.acos_high / np.maximum(self.acos_low, 1e-9)
        enough: Mask = np.nan_to_num(wide, nan=np.inf) <= 4.0
        return enough

    def clicks_needed(self, rows: Mask) -> Floats:
        """Return how many more clicks would decide about these rows; NaN for all others."""
        needed = np.full(len(rows), np.nan)
        sold, unsold = rows & (self.orders > 0), rows & ~(self.orders > 0)
        posterior = Beta.of(self._numbers("rate"), self._numbers("weight"))
        needed[sold] = clicks_until_distinct(posterior.take(sold), self.limit[sold])
        settled = Beta.of(self._numbers("settled_rate"), self._numbers("settled_weight"))
        needed[unsold] = clicks_until_sure(
            settled.take(unsold), self.limit[unsold], self.certainty[unsold]
        )
        return needed

    def price_factor(self, action: Names) -> Floats:
        """Return what a click of each row's change costs over what it cost; NaN without a price.

        For a bid it is new over old. A new exact keyword gets the bid that a click of its term is
        worth, and an isolated term the bid that its exact keyword has.
        """
        step = self.guard_rails.step
        with np.errstate(divide="ignore", invalid="ignore"):
            worth = self.target / np.nan_to_num(self._acos(), nan=np.inf)
            exact = self._numbers("exact_bid", np.nan) / self._numbers("cpc", np.nan)
        bids = np.isin(action, [one.value for one in LEVERS])
        new = np.isin(action, [Action.HARVEST_EXACT, Action.MOVE])
        factor = np.where(bids, self.bid, np.nan)
        factor = np.where(new, np.clip(worth, 1 - step, 1 + step), factor)
        factors: Floats = np.where(action == Action.ISOLATE.value, exact, factor)
        return factors

    def _acos(self) -> Floats:
        """Return each row's expected ACOS."""
        with np.errstate(divide="ignore", invalid="ignore"):
            acos: Floats = self.limit * self.target / self._numbers("rate", np.nan)
        return acos

    def _interval(self) -> tuple[Floats, Floats]:
        """Return the 80 % interval of each row's ACOS."""
        with np.errstate(divide="ignore", invalid="ignore"):
            per_order = self.limit * self.target
            low, high = self._numbers("rate_low"), self._numbers("rate_high")
            return per_order / high, np.where(low > 0, per_order / low, np.inf)

    def _is_exact(self) -> Mask:
        return (self.rows["match_type"] == "exact").fill_null(False).to_numpy()

    def _protected(self) -> Mask:
        return self.rows["protected"].is_not_null().to_numpy()

    def _has(self, column: str) -> Mask:
        return self.rows[column].is_not_null().to_numpy()

    def _flag(self, column: str) -> Mask:
        flags: Mask = self._numbers(column) == 1.0
        return flags

    def _numbers(self, column: str, missing: float = 0.0) -> Floats:
        values = self.rows[column].cast(pl.Float64).to_numpy()  # null is NaN
        return np.where(np.isnan(values), missing, values)
