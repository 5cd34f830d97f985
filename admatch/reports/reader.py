"""Search-term reports of every platform, format and language → ``SearchTermReport``."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

from admatch.errors import InputError, listed, shorten
from admatch.messages import Message, say
from admatch.reports.account.kinds import recognise_account
from admatch.reports.attribution import Attribution, with_attribution
from admatch.reports.blocks import split_tables
from admatch.reports.candidates import (
    Candidate,
    choose,
    hidden_notice,
    sheet_label,
)
from admatch.reports.combine import combine
from admatch.reports.currencies import workbook_currency
from admatch.reports.formats import ReportFormat, nearest_format
from admatch.reports.other_tables import other_tables
from admatch.reports.records import SearchTermReport
from admatch.reports.sheet import read_sheet
from admatch.tables.header_table import HeaderTable, Recognition
from admatch.tables.reader import read_tables

_LIKE = 0.5  # the share of a file's headers that a format must know for the file to be called that


def read_report(
    path: str | Path | Sequence[str | Path],
    *,
    columns: Mapping[str, str] | None = None,
    headers: str | Path | None = None,
    currency: str | None = None,
    attribution: str | None = None,
) -> SearchTermReport:
    """Return the search terms of one file or of several together.

    Reads Amazon's console, bulk and API reports, Google Ads, Microsoft Advertising and Walmart
    Connect, in any language of headers.toml. ``columns`` names the header of a column where the
    file has an unusual one: ``{"search_term": "What they typed"}``. ``headers`` is a TOML file
    with further spellings, written like headers.toml. ``currency`` is that of rows whose file
    does not name it. ``attribution`` chooses which sales, orders and units of Sponsored Brands are
    taken where a file has both: those after "clicks" alone, or after "views" too; by default those
    that the file names without a further word. Rows that several files count are kept once.

    Raises ``InputError`` for a file that is not a search-term report, for numbers or dates that can
    be read in two ways, and for files that overlap in part.

    >>> report = am.read_report("data/sample/search_terms.csv")
    >>> len(report), report.period
    (509, (datetime.date(2025, 5, 1), datetime.date(2025, 5, 30)))
    >>> am.read_report("data/sample/catalog.csv")
    Traceback (most recent call last):
        ...
    admatch.errors.InputError: ...
    """
    paths = check_arguments(path, currency)
    known = known_headers(None if headers is None else Path(headers))
    wanted = Attribution.of(attribution)
    read = [_read_file(one, known, columns or {}, currency, wanted) for one in paths]
    return combine([sheet for sheets in read for sheet in sheets])


def check_arguments(path: str | Path | Sequence[str | Path], currency: str | None) -> list[Path]:
    """Return the named files; raises ``InputError`` if there is none, or for a wrong currency."""
    paths = [path] if isinstance(path, str | Path) else list(path)
    if not paths:
        raise InputError(say("reports.reader.no_file"))
    if currency is not None and not re.fullmatch("[A-Z]{3}", currency):
        raise InputError(say("reports.reader.no_currency", code=currency))
    return [Path(one) for one in paths]


def identify(path: str | Path) -> Message:
    """Return what the file is, in words; raises ``InputError`` for what is like no format."""
    known = known_headers(None)
    best = _best(_candidates(Path(path), known, {}))
    if not best.found.missing:
        return best.kind.name
    if (account := recognise_account(best.table)) is not None:
        return account.kind.name
    if best.kind.likeness(best.found.header) < _LIKE:
        raise InputError(refusal(Path(path), known, best))
    return best.kind.name


def _read_file(
    path: Path,
    known: HeaderTable,
    columns: Mapping[str, str],
    currency: str | None,
    attribution: Attribution | None,
) -> list[SearchTermReport]:
    candidates = _candidates(path, known, columns, attribution)
    reports = [one for one in candidates if not one.found.missing]
    if not reports:
        raise InputError(refusal(path, known, _best(candidates)))
    chosen = choose(reports)
    currency = currency or workbook_currency([one.table for one in candidates])
    read = [
        read_sheet(one.table, one.found, one.kind, sheet_label(one, chosen), currency)
        for one in chosen
    ]
    notices = (*hidden_notice(path, reports, chosen), *other_tables(path, candidates))
    most = max(range(len(read)), key=lambda at: len(chosen[at].found.columns))
    read[most] = replace(read[most], problems=(*read[most].problems, *notices))
    return read


def _candidates(
    path: Path,
    known: HeaderTable,
    columns: Mapping[str, str],
    attribution: Attribution | None = None,
) -> list[Candidate]:
    candidates, failure = [], None
    for raw in read_tables(path):
        try:
            table, _ = known.locate(raw, columns)
        except InputError as error:  # a column named by the user is in another sheet
            failure = error
            continue
        for one in split_tables(table, known):
            try:
                found = with_attribution(known.recognise(one.header, columns), attribution)
            except InputError as error:
                failure = error
                continue
            candidates.append(Candidate(one, found, find_kind(found)))
    if not candidates and failure is not None:
        raise InputError(say("reports.reader.column", file=path.name, why=failure.message))
    return candidates


def find_kind(found: Recognition) -> ReportFormat:
    """Return the format of a table; it is one without search terms only if the table has none."""
    report = nearest_format(found.header, search_terms=True)
    if not found.missing:
        return report
    other = nearest_format(found.header, search_terms=False)
    return report if other.likeness(found.header) < _LIKE else other


def _best(candidates: list[Candidate]) -> Candidate:
    """Return the candidate that comes closest to a search-term report."""
    visible = [one for one in candidates if not one.table.hidden] or candidates
    return min(visible, key=lambda one: (len(one.found.missing), -len(one.found.columns)))


def refusal(path: Path, known: HeaderTable, best: Candidate) -> Message:
    """Return why the table that comes closest to a search-term report is not one."""
    header = [shorten(cell) for cell in best.found.header if cell.strip()]
    spellings = "; ".join(
        f"'{name}' ({', '.join(known.columns[name][:2])}, …)" for name in best.found.missing
    )
    account = recognise_account(best.table)
    remedy = say("reports.reader.name_columns")
    if account is not None:
        what = say("reports.reader.no_terms", kind=account.kind.name)
        remedy = say("reports.reader.give_as_account")
    elif best.kind.likeness(header) < _LIKE:
        what = say("reports.reader.unknown", kind=best.kind.name)
    elif best.kind.has_search_terms:
        what = say("reports.reader.incomplete", kind=best.kind.name)
    else:
        what = say("reports.reader.no_terms", kind=best.kind.name)
    return say(
        "reports.reader.refused",
        file=path.name,
        what=what,
        headers=listed(header, 20),
        columns=spellings,
        remedy=remedy,
    )


@cache
def known_headers(further: Path | None) -> HeaderTable:
    """Return the headers of reports, with the ``further`` ones of a file."""
    with as_file(files("admatch.reports").joinpath("headers.toml")) as path:
        return HeaderTable.load(path, *([] if further is None else [further]))
