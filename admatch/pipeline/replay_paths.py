"""Change sets compared at equal sales lost: ``Path``."""

from dataclasses import dataclass

import polars as pl

from admatch.arrays import Floats
from admatch.impact.changes import Operation

_RAISES = (pl.col("operation") == Operation.UPDATE.value) & (
    pl.col("bid").fill_null(0.0) > pl.col("bid_before")
)


def ordered(steps: pl.DataFrame) -> pl.DataFrame:
    """Return changes in the order in which they are made.

    Raised bids come first, since they lose no sales; then those that save most per sale lost, as
    far as the past tells. Columns: operation, bid, bid_before, past_saved, past_lost.
    """
    saved, lost = pl.col("past_saved"), pl.col("past_lost")
    ratio = pl.when(lost > 0).then(saved / lost).otherwise(float("inf"))
    keys = (_RAISES.fill_null(False), ratio, saved)
    return steps.sort(*keys, descending=True, maintain_order=True)


@dataclass(frozen=True, slots=True)
class Path:
    """Spend saved and sales lost by changes made one by one, the first ``start`` at once."""

    saved: Floats
    lost: Floats
    start: int

    @classmethod
    def of(cls, steps: pl.DataFrame) -> "Path":
        """Return the path of changes with what each saved and lost, in any order."""
        made = ordered(steps)
        raised = made.select(_RAISES.fill_null(False).sum()).item()
        return cls(made["saved"].to_numpy(), made["lost"].to_numpy(), int(raised))

    @property
    def least(self) -> float:
        """Sales lost at its start; below zero where raised bids gain some."""
        return float(self.lost[: self.start].sum())

    @property
    def whole(self) -> float:
        """Sales lost by all changes."""
        return float(self.lost.sum())

    def until(self, level: float) -> tuple[float, float]:
        """Return spend saved and sales lost once the changes lose ``level``.

        Of the change that passes it only a part is taken. A path that never gets there, or starts
        beyond it, ends where it is.
        """
        saved, lost = float(self.saved[: self.start].sum()), self.least
        if lost > level:
            return saved, lost
        for more, fewer in zip(self.saved[self.start :], self.lost[self.start :], strict=True):
            if lost + fewer > level:
                share = (level - lost) / fewer
                return saved + share * float(more), lost + share * float(fewer)
            saved, lost = saved + float(more), lost + float(fewer)
        return saved, lost


def at_equal_loss(one: Path, other: Path, worth: float) -> dict[str, float | None]:
    """Return both cut down to the smaller loss of sales of the two: lost, saved and gain.

    All are None where one gains sales that the other cannot.
    """
    level = min(one.whole, other.whole)
    reached = level >= max(one.least, other.least) - 1e-9
    figures: dict[str, float | None] = {}
    for name, path in (("equal", one), ("admatch", other)):
        saved, lost = path.until(level)
        values = {"lost": lost, "saved": saved, "gain": saved - worth * lost}
        figures |= {f"{name}_{of}": value if reached else None for of, value in values.items()}
    return figures
