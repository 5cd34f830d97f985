"""Why decisions may be looked at but not uploaded (guard-rails 5 and 7), and what they lack."""

from collections.abc import Iterator

from admatch.decisions.backtest import Backtest
from admatch.decisions.guard_rails import GuardRails
from admatch.display.money import percent
from admatch.errors import Problem, shorten
from admatch.messages import Message, say
from admatch.reports.records import SearchTermReport

_SHORT = 7  # days of a report below which most orders may still be to come


def refusals(
    report: SearchTermReport,
    window_days: int | None,
    backtest: Backtest | None,
    guard_rails: GuardRails,
) -> Iterator[Message]:
    """Yield a sentence for every reason against an upload."""
    if report.frame["currency"].null_count():
        yield say("decisions.refusal.currency")
    if (report.window_days or window_days) is None:
        yield say("decisions.refusal.window")
    if report.period is None:
        yield say("decisions.refusal.period")
    if backtest is not None and backtest.fails(guard_rails.coverage):
        yield say(
            "decisions.refusal.coverage",
            coverage=percent(backtest.coverage, 0),
            groups=backtest.groups,
            least=percent(guard_rails.coverage, 0),
        )


def joined(sentences: tuple[Message, ...]) -> Message | None:
    """Return several sentences as one, or None where there are none."""
    whole: Message | None = None
    for sentence in sentences:
        if whole is None:
            whole = sentence
        else:
            whole = say("decisions.refusal.several", first=whole, next=sentence)
    return whole


def cautions(
    report: SearchTermReport,
    window_days: int | None,
    backtest: Backtest | None,
    has_catalog: bool,
    has_account: bool,
) -> Iterator[Message]:
    """Yield a sentence for everything that the decisions had to do without."""
    if report.window_days is None and window_days is not None:
        yield say("decisions.caution.window", days=window_days)
    if backtest is None or backtest.coverage is None:
        yield say("decisions.caution.no_backtest")
    elif not backtest.by_time:
        yield say("decisions.caution.by_chance")
    if not has_catalog:
        yield say("decisions.caution.no_catalog")
    if not has_account:
        yield say("decisions.caution.no_account")
    period = report.period
    if period is not None and (period[1] - period[0]).days < _SHORT:
        yield say("decisions.caution.short", n=(period[1] - period[0]).days + 1)
    if len(report) and not report.frame["clicks"].fill_null(0).sum():
        yield say("decisions.caution.no_clicks")
    yield from _without_sales(report)


def _without_sales(report: SearchTermReport) -> Iterator[Message]:
    """Yield a sentence for every currency that has no sales."""
    for currency, sales in report.totals.select("currency", "sales").iter_rows():
        if not sales and currency:
            yield say("decisions.caution.no_sales_in", currency=currency)
        elif not sales:
            yield say("decisions.caution.no_sales")


def note_message(note: Problem | str) -> Message | str:
    """Return a note of the model as one sentence, in the form that ``str`` gives a problem."""
    if isinstance(note, str):
        return note
    where: str = note.file.name
    if note.row is not None:
        where = say("decisions.note.row", where=where, row=str(note.row))
    if note.column is not None:
        where = say("decisions.note.column", where=where, column=shorten(note.column))
    what = note.what
    if note.value is not None:
        what = say("decisions.note.found", what=what, value=shorten(note.value))
    return say("decisions.note.line", where=where, what=what, remedy=note.remedy)
