"""What was changed in an account before, and what that teaches: ``ChangeHistory``, ``learn``."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import polars as pl

from admatch.decisions.correction import Correction
from admatch.decisions.holdout import Experiment, Name
from admatch.decisions.outcomes import AppliedChanges, ChangeOutcome, drifted
from admatch.impact.changes import ChangeSet

_SEED = 7
_NONE = ChangeSet(())


@dataclass(frozen=True, slots=True)
class ChangeHistory:
    """Changes that are not to be judged yet, those not to be taken back, those to learn from.

    ``cooling`` are within their cooldown, ``earlier`` those whose opposite is not proposed.
    ``held`` are the ones left undone on purpose beside ``mature`` ones of the same night,
    ``released`` those that were left undone for long enough. ``rejected`` is what people said no
    to (``decisions.rejected``).
    """

    cooling: ChangeSet = _NONE
    earlier: ChangeSet = _NONE
    every: ChangeSet = _NONE
    mature: Sequence[AppliedChanges] = ()
    held: Sequence[AppliedChanges] = ()
    released: frozenset[Name] = frozenset()
    rejected: pl.DataFrame | None = None


@dataclass(frozen=True, slots=True)
class Learned:
    """What mature changes did, what they did beside those held out, and what follows from it."""

    outcomes: tuple[ChangeOutcome, ...] = ()
    experiment: Experiment | None = None
    correction: Correction = field(default_factory=Correction)

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as JSON holds it."""
        return {
            "outcomes": [asdict(one) | {"seen_on": str(one.seen_on)} for one in self.outcomes],
            "experiment": asdict(self.experiment) if self.experiment else None,
            "correction": asdict(self.correction),
        }

    def drifted(self, coverage: float) -> bool:
        """Return whether changes did what was expected less often than ``coverage`` allows."""
        return drifted(self.outcomes, coverage)
