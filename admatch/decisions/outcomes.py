"""What changes did against what was expected, by difference in differences: ``observe``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from scipy.special import bdtr

from admatch.arrays import Floats
from admatch.impact.changes import Change, Operation
from admatch.impact.elasticities import COST_POWER, VOLUME_POWER
from admatch.impact.interval import HIGH, LOW
from admatch.reports.account.records import NEGATIVES, Entity, MatchType

BEFORE, AFTER = 28, 14  # days that are compared
_DRAWS = 1000
_FEWEST = 5  # outcomes that can show a drift
_CHANCE = 0.05


@dataclass(frozen=True, slots=True)
class ChangeOutcome:
    """What the changes of one run did, in money a day: expected, observed, 80 % interval.

    ``freed`` is spend that was saved, ``lost`` are sales that went with it. Both are what the same
    rows would have come to, had they moved like all unchanged ones, less what they came to. The
    factors are those by which the run had corrected its expectations.
    """

    night: str
    seen_on: date
    changes: int
    freed_expected: float
    freed: float
    freed_low: float
    freed_high: float
    lost_expected: float
    lost: float
    lost_low: float
    lost_high: float
    freed_factor: float = 1.0
    lost_factor: float = 1.0

    @property
    def as_expected(self) -> bool:
        """Whether the expected saving lies in the interval of the observed one."""
        return self.freed_low <= self.freed_expected <= self.freed_high


@dataclass(frozen=True, slots=True)
class AppliedChanges:
    """Changes of one run that an account showed from one day on.

    ``freed`` and ``lost`` are what was expected of its negations, in money a day, corrected by the
    factors.
    """

    night: str
    proposed_on: date
    seen_on: date
    changes: tuple[Change, ...]
    freed: float
    lost: float
    freed_factor: float = 1.0
    lost_factor: float = 1.0


def observe(
    frame: pl.DataFrame, made: AppliedChanges, others: Sequence[Change], seed: int
) -> ChangeOutcome | None:
    """Return what changes did to the rows that they reach, against rows that no change reaches.

    ``frame`` has a row a day and term, of one currency; ``others`` are all changes that the account
    ever showed. The ``BEFORE`` days before the proposal are compared with the ``AFTER`` days from
    the one on which the changes were seen; days are resampled for the interval. New keywords are
    left out: what they take over shows elsewhere. None where nothing reached had a click.
    """
    judged = [one for one in made.changes if is_judged(one)]
    before, after = _windows(made)
    rows = frame.filter(pl.col("start_date").is_in([*before, *after]))
    if not judged or rows.is_empty():
        return None
    ours = pl.any_horizontal(reaches(one) for one in judged)
    theirs = pl.any_horizontal(reaches(one) for one in others) if others else pl.lit(False)
    sums = [
        _by_day(rows.filter(which), days)
        for which in (ours, ~ours & ~theirs)
        for days in (before, after)
    ]
    if not sums[0][:, 0].any():
        return None
    saved, low, high = _with_interval(sums, seed)
    freed, lost = _expected(rows.filter(pl.col("start_date").is_in(before)), judged)
    return ChangeOutcome(
        made.night, made.seen_on, len(judged),
        made.freed + freed * made.freed_factor, float(saved[0]), float(low[0]), float(high[0]),
        made.lost + lost * made.lost_factor, float(saved[1]), float(low[1]), float(high[1]),
        made.freed_factor, made.lost_factor,
    )  # fmt: skip


def _with_interval(sums: Sequence[Floats], seed: int) -> tuple[Floats, Floats, Floats]:
    """Return what was saved a day with its 80 % interval, days drawn anew.

    ``sums`` are spend and sales by day: ours before and after, then the others' before and after.
    """
    rng, drawn = np.random.default_rng(seed), []
    for _ in range(_DRAWS):
        old, new = rng.integers(0, BEFORE, BEFORE), rng.integers(0, AFTER, AFTER)
        days = (old, new, old, new)
        drawn.append(_saved(*(one[day].mean(0) for one, day in zip(sums, days, strict=True))))
    low, high = np.quantile(np.array(drawn), (LOW, HIGH), axis=0)
    return _saved(*(one.mean(0) for one in sums)), low, high


def saved_by_each(frame: pl.DataFrame, made: AppliedChanges, others: Sequence[Change]) -> Floats:
    """Return spend freed and sales lost a day by each change that a click reached before.

    The figures are those of ``observe``, (changes, 2), without intervals.
    """
    terms = _by_term(frame, made)
    theirs = pl.any_horizontal(reaches(one) for one in others) if others else pl.lit(False)
    usual = _sums(terms.filter(~theirs))
    saved = []
    for change in filter(is_judged, made.changes):
        then, now = _sums(terms.filter(reaches(change)))
        if then[0]:
            saved.append(_saved(then, now, *usual))
    return np.array(saved).reshape(-1, 2)


def drifted(outcomes: Sequence[ChangeOutcome], least: float) -> bool:
    """Return whether fewer went as expected than chance (5 %) allows if ``least`` were true."""
    inside = sum(one.as_expected for one in outcomes)
    return len(outcomes) >= _FEWEST and bool(bdtr(inside, len(outcomes), least) < _CHANCE)


def reaches(change: Change) -> pl.Expr:
    """Return whether a change touches each row, by place and by term or target."""
    here = pl.col("campaign") == change.place.campaign
    if change.setting is not None:
        return here
    if change.place.ad_group is not None:
        here = here & (pl.col("ad_group") == change.place.ad_group)
    text = change.text.lower()
    term = pl.col("search_term").str.to_lowercase()
    if change.entity in (Entity.KEYWORD, Entity.PRODUCT_TARGETING):
        what = pl.col("targeting").str.to_lowercase() == text
        if change.operation == Operation.CREATE:
            what = what | (term == text)
    elif change.match_type == MatchType.NEGATIVE_PHRASE:
        padded = pl.concat_str(pl.lit(" "), term, pl.lit(" "))
        what = padded.str.contains(f" {text} ", literal=True)
    elif change.match_type == MatchType.NEGATIVE_EXACT:
        what = term == text
    else:
        what = pl.lit(text).str.contains(term, literal=True) & (term.str.len_chars() == 10)
    return (here & what).fill_null(False)


def is_judged(change: Change) -> bool:
    """Return whether the effect of a change shows in the rows that it reaches."""
    if change.operation == Operation.ARCHIVE and change.entity in NEGATIVES:
        return False  # what comes back did not show before
    if change.setting is not None:
        return False  # of a whole campaign, in which other changes are made as well
    new = change.operation == Operation.CREATE
    return not (new and change.entity in (Entity.KEYWORD, Entity.PRODUCT_TARGETING))


def _windows(made: AppliedChanges) -> tuple[list[date], list[date]]:
    """Return the days before the proposal, and those from the one on which it was seen."""
    return _days(made.proposed_on - timedelta(days=BEFORE), BEFORE), _days(made.seen_on, AFTER)


def _days(first: date, count: int) -> list[date]:
    return [first + timedelta(days=day) for day in range(count)]


def _by_day(rows: pl.DataFrame, days: list[date]) -> Floats:
    """Return spend and sales of each day, (days, 2); days without rows are zero."""
    sums = rows.group_by("start_date", maintain_order=True).agg(
        pl.col("spend", "sales").fill_null(0.0).sum()
    )
    every = pl.DataFrame({"start_date": days}).join(
        sums, on="start_date", how="left", maintain_order="left"
    )
    return every.select("spend", "sales").fill_null(0.0).to_numpy().astype(np.float64)


def _by_term(frame: pl.DataFrame, made: AppliedChanges) -> pl.DataFrame:
    """Return spend and sales a day before and after, a line a term and target of an ad group."""
    means = [
        (pl.col(name).filter(pl.col("start_date").is_in(days)).sum() / len(days)).alias(name + when)
        for days, when in zip(_windows(made), ("_then", "_now"), strict=True)
        for name in ("spend", "sales")
    ]
    key = ("campaign", "ad_group", "search_term", "targeting")
    return frame.group_by(key, maintain_order=True).agg(means)


def _sums(terms: pl.DataFrame) -> Floats:
    """Return spend and sales a day before, and after: (2, 2)."""
    names = ("spend_then", "sales_then", "spend_now", "sales_now")
    sums: Floats = terms.select(names).sum().to_numpy().astype(np.float64).reshape(2, 2)
    return sums


def _saved(then: Floats, now: Floats, usual_then: Floats, usual_now: Floats) -> Floats:
    """Return spend freed and sales lost a day; where nothing is unchanged, before less after."""
    trend = np.divide(usual_now, usual_then, out=np.ones(2), where=usual_then > 0)
    saved: Floats = then * trend - now
    return saved


def _expected(before: pl.DataFrame, changes: Sequence[Change]) -> tuple[float, float]:
    """Return what new bids were expected to free and to lose a day, of what came before."""
    freed = lost = 0.0
    for change in changes:
        if change.new_state is not None:
            factor = 0.0
        elif change.operation == Operation.UPDATE and change.bid and change.before:
            factor = change.bid / change.before
        else:
            continue
        rows = before.filter(reaches(change))
        spend, sales = (float(rows[name].fill_null(0.0).sum()) for name in ("spend", "sales"))
        freed += spend / BEFORE * (1 - factor ** (VOLUME_POWER[0] + COST_POWER[0]))
        lost += sales / BEFORE * (1 - factor ** VOLUME_POWER[0])
    return freed, lost
