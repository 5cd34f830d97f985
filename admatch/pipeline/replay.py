"""Decisions made at several past days, scored on the days that followed: ``replay``."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from admatch.errors import InputError
from admatch.export.bulk.marketplace import marketplace_of
from admatch.impact.changes import ChangeSet
from admatch.messages import Message, say
from admatch.pipeline.analyse import Analysis, Understood, decide, understand
from admatch.pipeline.cache import Cache
from admatch.pipeline.history import ChangeHistory
from admatch.pipeline.options import AnalysisOptions
from admatch.pipeline.replay_rules import ADMATCH, rule_changes, with_bids_before
from admatch.pipeline.replay_table import LINES, STEPS, Scene, lines_of, summed_up
from admatch.pipeline.replay_traffic import Traffic, account_of, bids_of, exact_keywords, served
from admatch.progress import Progress, silent
from admatch.reports.aggregate import read_any_size
from admatch.reports.records import Granularity, SearchTermReport

if TYPE_CHECKING:
    from admatch.catalog.records import Catalog
    from admatch.index.index import Index
    from admatch.pipeline.models import Models
    from admatch.pipeline.open_index import ProductSource

EVERY, PAST, FUTURE = 14, 28, 28  # days
_WINDOW = 7
_USUAL_MARKETPLACES = {"EUR": "DE"}  # bids may be the same wherever this currency is paid
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
    ``changes`` are admatch's, ``refusals`` its reasons to change nothing. ``frame`` has a line a
    currency and policy (``replay_table.LINES``), ``steps`` one for each change of each policy
    (``replay_table.STEPS``).
    """

    day: date
    past: tuple[date, date]
    future: tuple[date, date]
    changes: ChangeSet
    refusals: tuple[Message, ...]
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
        report = read_any_size(report, currency=options.currency, attribution=options.attribution)
    lag = schedule.lag
    if lag is None:
        lag = report.window_days or options.window_days or _WINDOW
    spans = list(_spans(report, schedule, lag, options.as_of))
    cuts = []
    for number, span in enumerate(spans):
        progress("replaying", number, len(spans))
        parts = [
            _scored(span, decide(known, ChangeHistory()), report)
            for known in _understood(span, report, catalog, options, cache, models)
        ]
        cuts.append(_joined(span, parts))
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
    day = period[0] + timedelta(days=schedule.past - 1 + lag)
    if missing := _missing(period, schedule, lag, last):
        days = _days(period)
        raise InputError(say("pipeline.replay.too_short", days=days, needed=days + missing))
    while day + timedelta(days=fewest - 1) <= last:
        end = min(day + timedelta(days=schedule.future - 1), last)
        yield _Span(day, day - timedelta(days=lag), end)
        day += timedelta(days=schedule.every)


def _missing(period: tuple[date, date], schedule: ReplaySchedule, lag: int, last: date) -> int:
    """Return how many days a period is too short for one day of decision and what judges it."""
    first = period[0] + timedelta(days=schedule.past - 1 + lag)
    fewest = min(schedule.future, _FEWEST)
    return max(0, (first + timedelta(days=fewest - 1) - last).days)


def replay_needs(report: SearchTermReport, options: AnalysisOptions) -> int | None:
    """Return how many days a replay needs in all, or None for a report that is not daily."""
    period = report.period
    if report.granularity is not Granularity.DAILY or period is None:
        return None
    lag = report.window_days or options.window_days or _WINDOW
    made = options.as_of or period[1] + timedelta(days=1)
    last = min(period[1], made - timedelta(days=lag))
    return _days(period) + _missing(period, ReplaySchedule(), lag, last)


def _understood(
    span: _Span,
    report: SearchTermReport,
    catalog: "Path | str | Catalog | Index | ProductSource | None",
    options: AnalysisOptions,
    cache: Cache | None,
    models: "Models | None",
) -> Iterator[Understood]:
    """Yield what was known at a day of decision, a currency at a time: each is an account."""
    past = span.cut_off(report)
    for currency in past.frame["currency"].unique().sort():
        own = pl.col("currency").eq_missing(pl.lit(currency, pl.String))
        part = replace(past, frame=past.frame.filter(own))
        usual = marketplace_of([currency]) or _USUAL_MARKETPLACES.get(currency)
        chosen = replace(
            options, as_of=span.day, marketplace=options.marketplace or usual,
            window_days=options.window_days or _WINDOW,
        )  # fmt: skip
        if part.frame["clicks"].sum():
            yield understand(part, catalog, account_of(part), chosen, cache=cache, models=models)


def _scored(span: _Span, analysis: Analysis, report: SearchTermReport) -> Cut:
    """Return what came of the decisions about one currency."""
    options, advice, account = analysis.options, analysis.advice, analysis.account
    assert account is not None  # made of the report
    past = _period(analysis.report)
    currency = analysis.report.frame["currency"][0]
    own = pl.col("currency").eq_missing(pl.lit(currency, pl.String))
    before = Traffic.of(served(analysis.report.frame))
    scene = Scene(
        currency,
        past=before,
        expected=before.expected(analysis.model.posteriors),
        future=Traffic.of(served(span.future(report.frame).filter(own))),
        exact=exact_keywords(account),
        days=(_days(past), _days((span.day, span.end))),
        worth=options.margin or options.target_acos,
        rho=options.rho,
    )
    bids = bids_of(account)
    chosen = with_bids_before(advice.best(), bids)
    policies = {ADMATCH: chosen} | rule_changes(before, currency, options.target_acos, bids)
    lines, steps = lines_of(scene, policies, analysis.effect.by_currency.get(currency))
    return Cut(span.day, past, (span.day, span.end), chosen, advice.refusals, lines, steps)


def _joined(span: _Span, parts: Sequence[Cut]) -> Cut:
    """Return the currencies of a day of decision as one cut."""
    return Cut(
        span.day,
        (min((one.past[0] for one in parts), default=span.known), span.known),
        (span.day, span.end),
        ChangeSet(tuple(change for one in parts for change in one.changes)),
        tuple(dict.fromkeys(sentence for one in parts for sentence in one.refusals)),
        pl.concat([pl.DataFrame(schema=LINES), *(one.frame for one in parts)]),
        pl.concat([pl.DataFrame(schema=STEPS), *(one.steps for one in parts)]),
    )


def _period(report: SearchTermReport) -> tuple[date, date]:
    assert report.period is not None  # it is daily
    return report.period


def _days(period: tuple[date, date]) -> int:
    return (period[1] - period[0]).days + 1
