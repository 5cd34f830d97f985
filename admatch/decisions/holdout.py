"""Changes left undone on purpose, and what the others did beside them: ``Experiment``.

Terms are negated when they have just cost much, so that most would have cost less anyway; unchanged
rows do not show that. Changes that chance left undone were chosen the same way, and do.
"""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.stats import t as student

from admatch.decisions.outcomes import AppliedChanges, is_judged, saved_by_each
from admatch.impact.changes import Change, ChangeSet

Floats: TypeAlias = npt.NDArray[np.float64]
Name: TypeAlias = tuple[str | None, ...]  # what a change is, whatever its bid
_FEWEST = 2  # changes on either side: with fewer nothing is known of their spread


@dataclass(frozen=True, slots=True)
class Experiment:
    """What a change truly did, in money a day, with its 80 % interval.

    The mean over ``treated`` changes less that over those ``held`` out, of what each row came to
    before, less after. ``nights``: how many the treated ones are of.
    """

    nights: int
    treated: int
    held: int
    freed: float
    freed_low: float
    freed_high: float
    lost: float
    lost_low: float
    lost_high: float


def part(
    changes: ChangeSet, account: str, share: float, released: Collection[Name]
) -> tuple[ChangeSet, ChangeSet]:
    """Return the changes to make, and those that are left undone: ``share`` of the eligible ones.

    Eligible is whatever is judged afterwards: all but new keywords. The draw hangs on the account
    and the change alone, so that every night leaves the same ones undone, but for those
    ``released`` by now.
    """
    held = [
        is_judged(one) and name_of(one) not in released and _draw(account, one) < share
        for one in changes
    ]
    both = list(zip(changes, held, strict=True))
    made, left = (tuple(one for one, out in both if out is which) for which in (False, True))
    return replace(changes, changes=made), replace(changes, changes=left)


def name_of(change: Change) -> Name:
    """Return what a change is of: a bid that moves otherwise is still the same bid."""
    place = change.place
    return (
        change.operation, change.entity, place.campaign, place.ad_group, change.text.lower(),
        change.match_type,
    )  # fmt: skip


def _draw(account: str, change: Change) -> float:
    """Return a number from 0 to 1, the same whenever it is asked for."""
    digest = hashlib.sha256(json.dumps([account, *name_of(change)]).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2.0**64


def compare(
    frame: pl.DataFrame,
    treated: Sequence[AppliedChanges],
    held: Sequence[AppliedChanges],
    others: Sequence[Change],
) -> Experiment | None:
    """Return what ``treated`` changes did beside those ``held`` out of the same nights.

    ``frame`` is as for ``observe``, ``others`` are all changes that the account ever showed. Where
    somebody picked those to upload, it is not chance alone that parts the two. None where either
    side has fewer than two changes with a click before.
    """
    apart = [*others, *(change for one in held for change in one.changes)]
    sides = [_saved(frame, side, apart) for side in (treated, held)]
    if min(map(len, sides)) < _FEWEST:
        return None
    told = [(mean, *_within(mean, error, free)) for mean, error, free in _differences(*sides)]
    nights = len({one.night for one in treated})
    return Experiment(nights, len(sides[0]), len(sides[1]), *map(float, [*told[0], *told[1]]))


def _saved(frame: pl.DataFrame, side: Sequence[AppliedChanges], others: Sequence[Change]) -> Floats:
    """Return spend freed and sales lost a day, a line a change."""
    found = [saved_by_each(frame, one, others) for one in side]
    return np.concatenate([np.zeros((0, 2)), *found])


def _differences(treated: Floats, held: Floats) -> list[tuple[float, float, float]]:
    """Return difference of means, standard error and Welch's degrees of freedom, a column each."""
    parts = [side.var(0, ddof=1) / len(side) for side in (treated, held)]
    error = np.sqrt(parts[0] + parts[1])
    spread = sum(
        part**2 / (len(side) - 1) for part, side in zip(parts, (treated, held), strict=True)
    )
    free = np.divide(error**4, spread, out=np.full(2, np.inf), where=spread > 0)
    return list(zip(treated.mean(0) - held.mean(0), error, free, strict=True))


def _within(mean: float, error: float, free: float) -> tuple[float, float]:
    """Return the ends of the 80 % interval."""
    wide = float(student.ppf(0.9, free)) * error
    return mean - wide, mean + wide
