"""Several reports → one, without counting anything twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

import polars as pl

from admatch.errors import InputError, Problem
from admatch.messages import Message, say
from admatch.reports.marketplaces import keep_marketplaces_apart
from admatch.reports.records import REPORT_SCHEMA, Granularity, SearchTermReport
from admatch.reports.repeats import is_repeat, known

_CAMPAIGN = ("currency", "campaign")
_TERM = ("campaign", "ad_group", "search_term")
_CONTENT = [name for name in REPORT_SCHEMA if name not in ("file", "row")]
_CORRECTED = 0.2  # the share of clicks that Amazon takes back or adds later, at most
_SAME = 0.5  # the share of terms that a second file of the same clicks has in common at least


@dataclass(slots=True)
class _Part:
    """One report while others are compared with it; rows that repeat theirs leave ``frame``.

    ``is_summary`` is true once all of it repeats another: then its own problems do not matter.
    """

    report: SearchTermReport
    frame: pl.DataFrame
    repeated: list[pl.DataFrame]
    problems: list[Problem]
    is_summary: bool = False

    @property
    def name(self) -> str:
        return str(self.report.frame["file"].first() or self.report.sources[0].name)

    @property
    def every_problem(self) -> list[Problem]:
        own = () if self.is_summary else self.report.problems
        return [*own, *self.problems]

    @property
    def is_daily(self) -> bool:
        return self.report.granularity is Granularity.DAILY

    def drop(self, rows: pl.DataFrame, why: Message) -> None:
        """Remove ``rows`` (some of ``frame``), which are counted already."""
        if not rows.height:
            return
        self.frame = self.frame.join(rows.select("file", "row"), on=["file", "row"], how="anti")
        self.repeated.append(rows)
        source, remedy = self.report.sources[0], say("reports.combine.nothing_to_do")
        what = say("reports.combine.counted_already", n=rows.height, why=why)
        if self.name != source.name:
            what = say("reports.combine.left_out_of", n=rows.height, table=self.name, why=why)
        self.problems.append(Problem(source, what, remedy))

    def is_copy_of(self, others: Sequence["_Part"]) -> bool:
        """Return whether all rows repeat those of ``others``; if so they are removed."""
        frame = pl.concat([one.frame for one in others])
        if not self.frame.height or len(known(self.frame)) > len(known(frame)):
            return False  # what says more of its rows is no summary of the other
        if not is_repeat(self.frame, frame):
            return False
        names = ", ".join(one.name for one in others)
        why = say("reports.combine.same_rows", file=names)
        if known(self.frame) != known(frame):
            why = say("reports.combine.sums", file=names)
        self.drop(self.frame, why)
        self.is_summary = True
        return True


def combine(reports: Sequence[SearchTermReport]) -> SearchTermReport:
    """Return the rows of all reports; those that count the same clicks appear once.

    Reports are compared where they have a campaign (of one currency and marketplace) in common. On
    the same days, equal rows are kept once, the newer of two daily files is used, and a report
    whose period lies within another's is left out. Reports that overlap in part, have different
    attribution windows on the same days, or different search terms raise ``InputError``.
    """
    if len(reports) == 1:
        return keep_marketplaces_apart(reports[0])
    parts = [_Part(report, report.frame, [report.repeated], []) for report in reports]
    _drop_copies(parts)
    for at, part in enumerate(parts):
        for earlier in parts[:at]:
            _settle(earlier, part)
    counted = [part.report for part in parts if not part.is_summary]
    windows = {report.window_days for report in counted if len(report)}
    daily = all(report.granularity is Granularity.DAILY for report in counted)
    problems = [one for part in parts for one in part.every_problem]
    combined = SearchTermReport(
        frame=pl.concat([part.frame for part in parts]),
        sources=tuple(dict.fromkeys(path for report in reports for path in report.sources)),
        granularity=Granularity.DAILY if daily else Granularity.SUMMARY,
        window_days=windows.pop() if len(windows) == 1 else None,
        problems=(*problems, *_window_problem(parts)),
        skipped=sum(report.skipped for report in reports),
        formats=tuple(dict.fromkeys(name for report in counted for name in report.formats)),
        repeated=pl.concat([rows for part in parts for rows in part.repeated]),
        reconciliation=tuple(one for report in reports for one in report.reconciliation),
    )
    return keep_marketplaces_apart(combined)


def _settle(first: _Part, second: _Part) -> None:
    """Remove from one what both count; raises ``InputError`` where that cannot be decided."""
    if _settle_summaries(first, second):
        return
    ours, theirs = _shared(first.frame, second.frame), _shared(second.frame, first.frame)
    if not ours.height or not theirs.height:
        return
    if _content(ours).equals(_content(theirs)):
        second.drop(theirs, say("reports.combine.same_rows", file=first.name))
        return
    here, there = _period(ours), _period(theirs)
    if here is None or there is None:
        unknown = first if here is None else second
        raise InputError(
            say(
                "reports.combine.period_unknown",
                one=first.name,
                other=second.name,
                unknown=unknown.name,
            )
        )
    if here[1] < there[0] or there[1] < here[0]:
        return
    _refuse_different_windows(first, second)
    if first.is_daily and second.is_daily:
        _settle_days(first, second, ours, theirs)
    else:
        _settle_periods(first, second, (ours, here), (theirs, there))


def _settle_summaries(first: _Part, second: _Part) -> bool:
    """Return whether one repeats the other with fewer columns: a pivot, or a copy of some rows.

    Raises ``InputError`` where one names no campaign and may be about the same clicks.
    """
    ours, theirs = known(first.frame), known(second.frame)
    if (ours == theirs and first.is_daily) or _are_apart(first, second):
        return False
    pairs = [(second, first), (first, second)]
    for fewer, other in pairs if len(theirs) <= len(ours) else reversed(pairs):
        if fewer.is_copy_of([other]):
            return True
    names_campaigns = {"campaign", "campaign_id"}
    if bool(ours & names_campaigns) != bool(theirs & names_campaigns):
        _refuse_a_doubtful_summary(first, second)
    return False


def _are_apart(first: _Part, second: _Part) -> bool:
    """Return whether one is empty, or both are of periods that do not meet."""
    if not (first.frame.height and second.frame.height):
        return True
    here, there = _period(first.frame), _period(second.frame)
    return bool(here and there and (here[1] < there[0] or there[1] < here[0]))


def _drop_copies(parts: Sequence[_Part]) -> None:
    """Remove the tables of a file whose rows all stand in its other tables."""
    for part in reversed(parts):
        beside = [one for one in parts if one is not part and one.frame.height]
        if len(beside) > 1 and all(one.report.sources == part.report.sources for one in beside):
            part.is_copy_of(beside)


def _refuse_a_doubtful_summary(first: _Part, second: _Part) -> None:
    terms = second.frame.select("search_term").unique()
    shared = terms.join(first.frame, on="search_term", how="semi")
    if shared.height >= _SAME * min(terms.height, first.frame["search_term"].n_unique()):
        raise InputError(say("reports.combine.doubtful", one=first.name, other=second.name))


def _settle_days(first: _Part, second: _Part, ours: pl.DataFrame, theirs: pl.DataFrame) -> None:
    day = [*_CAMPAIGN, "start_date"]
    ours = ours.join(theirs.select(day).unique(), on=day, how="semi", nulls_equal=True)
    theirs = theirs.join(ours.select(day).unique(), on=day, how="semi", nulls_equal=True)
    if not ours.height:
        return
    newest, other = _last_day(first), _last_day(second)
    if _content(ours).equals(_content(theirs)) or newest > other:
        _refuse_other_terms(first, second, theirs, ours)
        second.drop(theirs, say("reports.combine.same_days", file=first.name))
    elif other > newest:
        _refuse_other_terms(first, second, ours, theirs)
        first.drop(ours, say("reports.combine.newer", file=second.name))
    else:
        like = str(ours["start_date"][0])
        raise InputError(
            say("reports.combine.conflict", one=first.name, other=second.name, day=like)
        )


def _settle_periods(
    first: _Part,
    second: _Part,
    ours: tuple[pl.DataFrame, tuple[date, date]],
    theirs: tuple[pl.DataFrame, tuple[date, date]],
) -> None:
    (our_rows, here), (their_rows, there) = ours, theirs
    if here == there:
        _refuse_other_clicks(first, second, our_rows, their_rows)
    if here[0] <= there[0] and there[1] <= here[1] and not (here == there and second.is_daily):
        _refuse_other_terms(first, second, their_rows, our_rows)
        second.drop(their_rows, _within(there, first))
    elif there[0] <= here[0] and here[1] <= there[1]:
        _refuse_other_terms(first, second, our_rows, their_rows)
        first.drop(our_rows, _within(here, second))
    else:
        raise InputError(
            say(
                "reports.combine.overlap",
                one=first.name,
                start=str(here[0]),
                end=str(here[1]),
                other=second.name,
                other_start=str(there[0]),
                other_end=str(there[1]),
            )
        )


def _within(period: tuple[date, date], other: _Part) -> Message:
    start, end = map(str, period)
    return say("reports.combine.within", start=start, end=end, file=other.name)


def _refuse_different_windows(first: _Part, second: _Part) -> None:
    one, other = first.report.window_days, second.report.window_days
    if one is not None and other is not None and one != other:
        raise InputError(
            say(
                "reports.combine.windows_differ",
                one=first.name,
                days=one,
                other=second.name,
                other_days=other,
            )
        )


def _refuse_other_clicks(
    first: _Part, second: _Part, ours: pl.DataFrame, theirs: pl.DataFrame
) -> None:
    """Raise where rows of the same terms and days have quite other clicks.

    A later download of the same days corrects a few clicks. Marketplaces share names, not clicks.
    """
    names = [*_TERM, "targeting", "match_type"]
    sums = [rows.group_by(names).agg(pl.col("clicks").sum()) for rows in (ours, theirs)]
    both = sums[0].join(sums[1], on=names, suffix="/other", nulls_equal=True)
    one, other = both.select(pl.col("clicks", "clicks/other").sum()).row(0)
    if abs(one - other) > _CORRECTED * max(one, other):
        day = str(ours["start_date"][0])
        raise InputError(
            say("reports.combine.conflict", one=first.name, other=second.name, day=day)
        )


def _refuse_other_terms(
    first: _Part, second: _Part, rows: pl.DataFrame, others: pl.DataFrame
) -> None:
    """Raise where ``rows``, to be left out, are about other terms than ``others``.

    Advertisers copy campaigns from one marketplace to the next: equal names are not enough.
    """
    known = rows.join(others.select(_TERM).unique(), on=_TERM, how="semi", nulls_equal=True)
    if known.height < _SAME * rows.height:
        raise InputError(say("reports.combine.other_terms", one=first.name, other=second.name))


def _shared(frame: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of ``frame`` whose campaign is in ``other`` too.

    Rows of two marketplaces share none; where either names no marketplace, it may be the same.
    """
    campaigns = other.select(*_CAMPAIGN, "marketplace").unique()
    if frame["marketplace"].null_count() == frame.height:
        return frame.join(campaigns, on=_CAMPAIGN, how="semi", nulls_equal=True)
    nameless = campaigns.filter(pl.col("marketplace").is_null()).select(_CAMPAIGN)
    numbered = frame.with_row_index("at")
    shared = [
        numbered.join(campaigns, on=[*_CAMPAIGN, "marketplace"], how="semi", nulls_equal=True),
        numbered.join(nameless, on=_CAMPAIGN, how="semi", nulls_equal=True),
        numbered.filter(pl.col("marketplace").is_null()).join(
            campaigns, on=_CAMPAIGN, how="semi", nulls_equal=True
        ),
    ]
    return pl.concat(shared).unique("at").sort("at").drop("at")


def _content(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the content of ``rows``, sorted; a CSV shows amounts to the cent, a workbook more."""
    return rows.select(_CONTENT).with_columns(pl.col(pl.Float64).round(2)).sort(_CONTENT)


def _period(rows: pl.DataFrame) -> tuple[date, date] | None:
    if rows["start_date"].null_count() or rows["end_date"].null_count():
        return None
    return cast("date", rows["start_date"].min()), cast("date", rows["end_date"].max())


def _last_day(part: _Part) -> date:
    return cast("date", part.report.frame["end_date"].max())


def _window_problem(parts: Sequence[_Part]) -> list[Problem]:
    windows = {part.name: part.report.window_days for part in parts if part.frame.height}
    if len(set(windows.values())) < 2:
        return []
    listed = ", ".join(f"{name}: {days or '–'}" for name, days in windows.items())
    what, remedy = (
        say("reports.combine.windows", windows=listed),
        say("reports.combine.compare_sales"),
    )
    return [Problem(parts[0].report.sources[0], what, remedy)]
