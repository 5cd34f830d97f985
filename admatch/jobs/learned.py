"""What a night learns from the changes of earlier ones: ``learn``."""

from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any

from admatch.decisions.correction import Correction, correct
from admatch.decisions.holdout import Experiment, compare
from admatch.decisions.outcomes import AFTER, ChangeOutcome, observe
from admatch.jobs.change_history import ChangeHistory
from admatch.reports.records import SearchTermReport

_SEED = 7


@dataclass(frozen=True, slots=True)
class Learned:
    """What mature changes did, what they did beside those held out, and what follows from it."""

    outcomes: tuple[ChangeOutcome, ...] = ()
    experiment: Experiment | None = None
    correction: Correction = field(default_factory=Correction)

    def told(self) -> dict[str, Any]:
        """Return all of it as JSON holds it."""
        return {
            "outcomes": [asdict(one) | {"seen_on": str(one.seen_on)} for one in self.outcomes],
            "experiment": asdict(self.experiment) if self.experiment else None,
            "correction": asdict(self.correction),
        }


def learn(report: SearchTermReport, past: ChangeHistory) -> Learned:
    """Return what mature changes did, where the report tells all of the days that count."""
    last = report.period[1] if report.period else date.min
    if report.frame["currency"].n_unique() != 1:
        return Learned()
    every = past.every.changes
    mature, held = (
        [one for one in side if one.seen_on + timedelta(days=AFTER - 1) <= last]
        for side in (past.mature, past.held)
    )
    observed = (observe(report.frame, one, every, seed=_SEED) for one in mature)
    found = tuple(one for one in observed if one is not None)
    nights = {one.night for one in held}
    beside = [one for one in mature if one.night in nights]
    experiment = compare(report.frame, beside, held, every)
    return Learned(found, experiment, correct(found, experiment))
