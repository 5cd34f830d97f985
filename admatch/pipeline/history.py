"""What was changed in an account before, and what that teaches: ``ChangeHistory``, ``learn``."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from admatch.decisions.correction import Correction, correct
from admatch.decisions.holdout import Experiment, Name, compare
from admatch.decisions.outcomes import AFTER, AppliedChanges, ChangeOutcome, drifted, observe
from admatch.decisions.ruled_out import REJECTED
from admatch.export.bulk.manifest import read_inverse
from admatch.impact.changes import ChangeSet
from admatch.reports.records import SearchTermReport

_SEED = 7
_NONE = ChangeSet(())


@dataclass(frozen=True, slots=True)
class ChangeHistory:
    """Changes that are too recent to judge, those not to be reversed, and those to learn from.

    ``cooling`` are within their cooldown, ``earlier`` those whose opposite is not proposed.
    ``held`` are the ones left undone on purpose beside ``mature`` ones of the same night,
    ``released`` those that were left undone for long enough. ``rejected`` is what people
    rejected (``decisions.ruled_out``).
    """

    cooling: ChangeSet = _NONE
    earlier: ChangeSet = _NONE
    every: ChangeSet = _NONE
    mature: Sequence[AppliedChanges] = ()
    held: Sequence[AppliedChanges] = ()
    released: frozenset[Name] = frozenset()
    rejected: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=REJECTED))


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


def learn(report: SearchTermReport, history: ChangeHistory) -> Learned:
    """Return what mature changes did, where the report has all of the days that count."""
    last = report.period[1] if report.period else date.min
    if not history.mature or report.frame["currency"].n_unique() != 1:
        return Learned()
    every = history.every.changes
    mature, held = (
        [one for one in side if one.seen_on + timedelta(days=AFTER - 1) <= last]
        for side in (history.mature, history.held)
    )
    observed = (observe(report.frame, one, every, seed=_SEED) for one in mature)
    found = tuple(one for one in observed if one is not None)
    nights = {one.night for one in held}
    beside = [one for one in mature if one.night in nights]
    experiment = compare(report.frame, beside, held, every)
    return Learned(found, experiment, correct(found, experiment))


def recent_uploads(manifests: Sequence[Path]) -> ChangeHistory:
    """Return a history in which the changes of uploads, by their manifests, are in cooldown."""
    undoing = [read_inverse(path)[2] for path in manifests]
    return ChangeHistory(cooling=ChangeSet(tuple(change for one in undoing for change in one)))
