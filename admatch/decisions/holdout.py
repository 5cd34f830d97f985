"""Changes left undone on purpose, compared with those that were made: ``Experiment``.

Terms are negated when they have just cost much, so most would have cost less anyway, and unchanged
rows do not show that. Changes that a draw left undone were chosen the same way, and do show it.
"""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import polars as pl
from scipy.special import stdtrit

from admatch.arrays import Floats
from admatch.decisions.outcomes import AppliedChanges, is_judged, saved_by_each
from admatch.impact.changes import Change, ChangeSet
from admatch.impact.interval import HIGH

Name: TypeAlias = tuple[str | None, ...]  # what a change is, whatever its bid
_FEWEST = 2  # changes on either side: with fewer, their spread is unknown


@dataclass(frozen=True, slots=True)
class Experiment:
    """The true effect of a change, in money a day, with its 80 % interval.

    It is the mean over ``treated`` changes less that over those ``held`` out, of what each row came
    to before less after. ``nights`` is the number of runs that the treated ones are from.
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
    """Return the changes to make, and those to leave undone: ``share`` of the eligible ones.

    All changes whose outcome is observed are eligible, that is all except new keywords. The draw
    depends only on the account and the change, so every run leaves the same ones undone, except
    those ``released`` by now.
    """
    held_out = [
        is_judged(one) and name_of(one) not in released and _draw(account, one) < share
        for one in changes
    ]
    both = list(zip(changes, held_out, strict=True))
    made, left = (tuple(one for one, out in both if out is which) for which in (False, True))
    return replace(changes, changes=made), replace(changes, changes=left)


def name_of(change: Change) -> Name:
    """Return what a change is about, whatever its bid."""
    place = change.place
    return (
        change.operation, change.entity, place.campaign, place.ad_group, change.text.lower(),
        change.match_type,
    )  # fmt: skip


def _draw(account: str, change: Change) -> float:
    """Return a number from 0 to 1, always the same for an account and a change."""
    digest = hashlib.sha256(json.dumps([account, *name_of(change)]).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2.0**64


def compare(
    frame: pl.DataFrame,
    treated: Sequence[AppliedChanges],
    held: Sequence[AppliedChanges],
    others: Sequence[Change],
) -> Experiment | None:
    """Return what ``treated`` changes did, compared with those ``held`` out of the same runs.

    ``frame`` is as for ``observe``, ``others`` are all changes that the account ever showed. Where
    a person picked what to upload, the two sides do not differ by chance alone. None where either
    side has fewer than two changes with a click before.
    """
    apart = [*others, *(change for one in held for change in one.changes)]
    sides = [_saved(frame, side, apart) for side in (treated, held)]
    if min(map(len, sides)) < _FEWEST:
        return None
    effects = [(mean, *_within(mean, error, free)) for mean, error, free in _differences(*sides)]
    nights, figures = len({one.night for one in treated}), [*effects[0], *effects[1]]
    return Experiment(nights, len(sides[0]), len(sides[1]), *map(float, figures))


def _saved(frame: pl.DataFrame, side: Sequence[AppliedChanges], others: Sequence[Change]) -> Floats:
    """Return spend freed and sales lost a day, a line a change."""
    saved = [saved_by_each(frame, one, others) for one in side]
    return np.concatenate([np.zeros((0, 2)), *saved])


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
    wide = float(stdtrit(free, HIGH)) * error
    return mean - wide, mean + wide
