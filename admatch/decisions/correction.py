"""What matured changes say about the expectations of the next ones: ``Correction``.

Each set of changes was expected to free ``e`` and freed ``o``, give or take ``s``. With ``o = c·e``
plus errors, and ``c`` a priori 1 give or take ``_PRIOR``, the posterior mean of ``c`` is
``(1/_PRIOR² + Σ e·o/v) / (1/_PRIOR² + Σ e²/v)``, where ``v = s² + (_SPREAD·e)²``. Sets differ by
more than chance, so no single one counts for much. Without outcomes ``c`` is 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from admatch.decisions.holdout import Experiment
from admatch.decisions.outcomes import ChangeOutcome
from admatch.impact.interval import DEVIATIONS
from admatch.messages import Message, say

_PRIOR = 0.25  # deviation of the factor before anything is seen: an assumption
_SPREAD = 0.5  # deviation of one set's own factor: an assumption
_RANGE = (0.5, 2.0)  # the factor stays within


@dataclass(frozen=True, slots=True)
class Correction:
    """The factors of expected effects; ``outcomes`` is the number of sets behind them.

    ``lost`` is never below 1: luck must not loosen a guard-rail.
    """

    freed: float = 1.0
    lost: float = 1.0
    outcomes: int = 0

    @property
    def message(self) -> Message:
        """What the outcomes taught, in a sentence."""
        return say(
            "decisions.correction.learned",
            n=self.outcomes,
            freed=f"{self.freed:.2f}",
            lost=f"{self.lost:.2f}",
        )

    def __str__(self) -> str:
        return self.message


def correct(outcomes: Sequence[ChangeOutcome], experiment: Experiment | None = None) -> Correction:
    """Return the correction that outcomes suggest.

    Where changes were held out, only the experiment counts: the choice does not bias it.
    """
    if not outcomes:
        return Correction()
    freed = [
        (one.freed_expected / one.freed_factor, one.freed, _error(one.freed_low, one.freed_high), 1)
        for one in outcomes
    ]
    lost = [
        (one.lost_expected / one.lost_factor, one.lost, _error(one.lost_low, one.lost_high), 1)
        for one in outcomes
    ]
    if experiment is not None:
        freed = [_pooled(freed, experiment, "freed")]
        lost = [_pooled(lost, experiment, "lost")]
    return Correction(_factor(freed), max(_factor(lost), 1.0), len(outcomes))


def corrected(frame: pl.DataFrame, by: Correction) -> pl.DataFrame:
    """Return decided rows, or units of them, with their expected effects corrected."""
    lost = pl.when(pl.col("sales_change") < 0).then(by.lost).otherwise(1.0)
    factors = {
        **dict.fromkeys(("spend_freed", "known_spend_freed", "spent_again"), pl.lit(by.freed)),
        **dict.fromkeys(("sales_change", "sales_value", "sales_allowed"), lost),
        "known_sales_value": lost,
        "sales_at_risk": pl.lit(by.lost),
        "sales_at_risk_high": pl.lit(by.lost),
        "risk_variance": pl.lit(by.lost**2),
    }
    moved = (pl.col(name) * factor for name, factor in factors.items() if name in frame.columns)
    gain = pl.col("sales_value") + pl.col("spend_freed")
    return frame.with_columns(*moved).with_columns(gain=gain)


_Observed = tuple[float, float, float, int]  # expected, observed, its standard error, sets


def _pooled(sets: Sequence[_Observed], experiment: Experiment, what: str) -> _Observed:
    """Return a treated change's mean expectation beside what the experiment observed."""
    expected = sum(one[0] for one in sets) / experiment.treated
    low, high = getattr(experiment, f"{what}_low"), getattr(experiment, f"{what}_high")
    return expected, getattr(experiment, what), _error(low, high), len(sets)


def _error(low: float, high: float) -> float:
    return (high - low) / (2 * DEVIATIONS)


def _factor(sets: Sequence[_Observed]) -> float:
    """Return the posterior mean of what is observed over what is expected."""
    above = below = 1 / _PRIOR**2
    for expected, observed, error, count in sets:
        variance = error**2 + (_SPREAD * expected) ** 2 / count
        if expected > 0 and variance > 0:
            above += expected * observed / variance
            below += expected**2 / variance
    # Rounded, so that the last digit of a float sum does not change what a run writes.
    return round(min(max(above / below, _RANGE[0]), _RANGE[1]), 6)
