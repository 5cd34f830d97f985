"""Decisions made at several past days, scored on the days that followed: ``replay``."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from admatch.errors import InputError
from admatch.impact.changes import Change, ChangeSet
from admatch.messages import say
from admatch.pipeline.analyse import Analysis, decide, understand
from admatch.pipeline.cache import Cache
from admatch.pipeline.history import ChangeHistory
from admatch.pipeline.options import AnalysisOptions
from admatch.pipeline.replay_rules import ADMATCH, rule_changes, with_bids_before
from admatch.pipeline.replay_table import LINES, STEPS, Scene, lines_of, summed_up
from admatch.pipeline.replay_traffic import Traffic, account_of, bids_of, exact_keywords, served
from admatch.progress import Progress, silent
from admatch.reports.any_size import read_any_size
from admatch.reports.records import Granularity, SearchTermReport

if TYPE_CHECKING:
    from admatch.catalog.records import Catalog
    from admatch.index.index import Index
    from admatch.pipeline.models import Models
    from admatch.pipeline.open_index import ProductSource

EVERY, PAST, FUTURE = 14, 28, 28  # days
_WINDOW = 7
_FEWEST = 7  # days of a future that says anything


@dataclass(frozen=True, slots=True)
class ReplaySchedule:
    """When decisions are made: each ``every`` days, once ``past`` days are known.

    The ``future`` days that follow judge them, or as many as there are. ``lag`` is the number of
    days after which the orders of a click are known, the attribution window unless given. Decisions
    see no later click than that many days before them, so that they see no order that had not
    arrived; and no day is scored whose orders are still to come.
    """

    every: int = EVERY
    past: int = PAST
    future: int = FUTURE
    lag: int | None = None

    def __post_init__(self) -> None:
        for name in ("every", "past", "future"):
            if getattr(self, name) < 1:
                value = getattr(self, name)
                raise InputError(say("pipeline.options.at_least_one", name=name, value=value))
        if self.lag is not None and self.lag < 0:
            raise InputError(say("pipeline.replay.lag", value=self.lag))


@dataclass(frozen=True)
class Cut:
    """One day of decision, and what came of it.

    ``past`` and ``future`` are the first and the last day that decided and that judged.
    ``changes`` are admatch's. ``frame`` has a line a currency and policy (``replay_table.LINES``),
    ``steps`` one for each change of each policy (``replay_table.STEPS``).
    """

    day: date
    past: tuple[date, date]
    future: tuple[date, date]
    changes: ChangeSet
    frame: pl.DataFrame
    steps: pl.DataFrame


@dataclass(frozen=True)
class Replay:
    """What admatch's decisions and some rules would have done to an account's own future.

    ``summary`` has a line a currency and policy: sums over ``cuts`` (futures may overlap), shares,
    and how often the promised 80 % intervals held. ``gain`` is spend saved less what the lost sales
    are worth: the margin where one is given, else the target ACOS, which makes it the contribution
    at the target and no profit.
    """

    cuts: tuple[Cut, ...]
    summary: pl.DataFrame
    target_acos: float
    margin: float | None
    rho: float

    @property
    def frame(self) -> pl.DataFrame:
        """The lines of all cuts, with ``day``, ``past_days`` and ``future_days`` before them."""
        return self._dated([one.frame for one in self.cuts])

    @property
    def steps(self) -> pl.DataFrame:
        """The changes of all cuts, dated alike."""
        return self._dated([one.steps for one in self.cuts])

    def _dated(self, tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
        dated = (
            table.select(
                pl.lit(cut.day).alias("day"),
                pl.lit(_days(cut.past)).alias("past_days"),
                pl.lit(_days(cut.future)).alias("future_days"),
                *table.columns,
            )
            for cut, table in zip(self.cuts, tables, strict=True)
        )
        return pl.concat(dated)

    def write(self, folder: Path | str) -> tuple[Path, ...]:
        """Write the tables as CSV and a page with charts; return the files."""
        from admatch.pipeline.replay_files import write_replay

        return write_replay(self, Path(folder))


def replay(
    reports: "Path | str | Sequence[Path | str] | SearchTermReport",
    catalog: "Path | str | Catalog | Index | ProductSource | None" = None,
    options: AnalysisOptions | None = None,
    schedule: ReplaySchedule | None = None,
    *,
    cache: Cache | None = None,
    models: "Models | None" = None,
    progress: Progress = silent,
) -> Replay:
    """Return how decisions of several past days did on the days that followed, beside rules.

    ``reports`` are daily. At each day of ``schedule`` the account is decided about from its past
    alone, as ``analyse`` would have done; bids are taken from the costs of clicks. Each rule is
    compared at equal sales lost. Other arguments are those of ``analyse``.

    Raises ``InputError`` for a report that is not daily, and for one that is too short.
    """
    options, schedule = options or AnalysisOptions(), schedule or ReplaySchedule()
    report = reports
    if not isinstance(report, SearchTermReport):
        report = read_any_size(report, currency=options.currency)
    lag = schedule.lag
    if lag is None:
        lag = report.window_days or options.window_days or _WINDOW
    spans = list(_spans(report, schedule, lag, options.as_of))
    cuts = []
    for number, span in enumerate(spans):
        progress("replaying", number, len(spans))
        known = understand(
            span.cut_off(report), catalog, account_of(span.cut_off(report)),
            replace(options, as_of=span.day), cache=cache, models=models,
        )  # fmt: skip
        cuts.append(_scored(span, decide(known, ChangeHistory()), report))
    progress("replaying", len(spans), len(spans))
    frame, steps = pl.concat(one.frame for one in cuts), pl.concat(one.steps for one in cuts)
    summary = summed_up(frame, steps, options.margin or options.target_acos)
    return Replay(tuple(cuts), summary, options.target_acos, options.margin, options.rho)


@dataclass(frozen=True, slots=True)
class _Span:
    """A day of decision, the last day that it knows, and the last one that judges it."""

    day: date
    known: date
    end: date

    def cut_off(self, report: SearchTermReport) -> SearchTermReport:
        """Return the part of a report that was known."""
        return replace(report, frame=report.frame.filter(pl.col("end_date") <= self.known))

    def future(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the rows that judge."""
        return frame.filter(pl.col("start_date").is_between(self.day, self.end))


def _spans(
    report: SearchTermReport, schedule: ReplaySchedule, lag: int, as_of: date | None
) -> Iterator[_Span]:
    """Yield the days of decision; raises ``InputError`` where there is none."""
    period = report.period
    if report.granularity is not Granularity.DAILY or period is None:
        raise InputError(say("pipeline.replay.not_daily"))
    made = as_of or period[1] + timedelta(days=1)
    last = min(period[1], made - timedelta(days=lag))
    fewest = min(schedule.future, _FEWEST)
    day = first = period[0] + timedelta(days=schedule.past - 1 + lag)
    if day + timedelta(days=fewest - 1) > last:
        days = (period[1] - period[0]).days + 1
        missing = (first + timedelta(days=fewest - 1) - last).days
        raise InputError(say("pipeline.replay.too_short", days=days, needed=days + missing))
    while day + timedelta(days=fewest - 1) <= last:
        end = min(day + timedelta(days=schedule.future - 1), last)
        yield _Span(day, day - timedelta(days=lag), end)
        day += timedelta(days=schedule.every)


def _scored(span: _Span, analysis: Analysis, report: SearchTermReport) -> Cut:
    """Return a cut, a currency at a time."""
    past, future = served(analysis.report.frame), served(span.future(report.frame))
    account, options, advice = analysis.account, analysis.options, analysis.advice
    assert account is not None  # made of the report
    assert analysis.report.period is not None  # it is daily
    bids = bids_of(account)
    frames, steps = [pl.DataFrame(schema=LINES)], [pl.DataFrame(schema=STEPS)]
    made: list[Change] = []
    for currency in past["currency"].unique().sort():
        own = pl.col("currency").eq_missing(pl.lit(currency, pl.String))
        before, after = Traffic.of(past.filter(own)), Traffic.of(future.filter(own))
        scene = Scene(
            currency, before, before.expected(analysis.model.posteriors), after,
            exact_keywords(account),
            days=(_days(analysis.report.period), _days((span.day, span.end))),
            worth=options.margin or options.target_acos, rho=options.rho,
        )  # fmt: skip
        chosen = with_bids_before(advice.best(currency), bids)
        made += chosen.changes
        policies = {ADMATCH: chosen} | rule_changes(before, currency, options.target_acos, bids)
        lines, parts = lines_of(scene, policies, analysis.effect.by_currency.get(currency))
        frames.append(lines)
        steps.append(parts)
    return Cut(
        span.day, analysis.report.period, (span.day, span.end), ChangeSet(tuple(made)),
        pl.concat(frames), pl.concat(steps),
    )  # fmt: skip


def _days(period: tuple[date, date]) -> int:
    return (period[1] - period[0]).days + 1
