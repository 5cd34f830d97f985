"""Bulk files and console reports → the ``Account`` that they describe."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from admatch.errors import InputError, shorten
from admatch.messages import Message, say
from admatch.reports.account.combine import combine_accounts, joined
from admatch.reports.account.kinds import recognise_account
from admatch.reports.account.records import Account
from admatch.reports.account.sheet import read_account_sheet
from admatch.reports.candidates import choose, hidden_notice, sheet_label
from admatch.reports.currencies import workbook_currency
from admatch.reports.reader import check_arguments, identify
from admatch.tables.raw import RawTable
from admatch.tables.reader import read_tables


def read_account(
    path: str | Path | Sequence[str | Path], *, currency: str | None = None
) -> Account:
    """Return an account's entities, from one file or from several together.

    Reads Amazon's bulk files (Bulksheets 2.0, downloads and uploads, and those of before 2022) and
    the console's reports of campaigns, advertised products and targets, in any language of
    headers.toml. ``currency`` is that of rows whose file does not name it. An entity in several
    files appears once, with the figures of the first file and the settings of the first that has
    them. Raises ``InputError`` for other files and for numbers or dates that can be read in two
    ways.

    >>> account = am.read_account("data/sample/bulk.xlsx")
    >>> account.frame.filter(entity="Campaign").height
    14
    """
    paths = check_arguments(path, currency)
    return combine_accounts([_read_file(one, currency) for one in paths])


def _read_file(path: Path, currency: str | None) -> Account:
    raw = read_tables(path)
    found = [one for table in raw if (one := recognise_account(table)) is not None]
    if not found:
        raise InputError(_refusal(path, raw))
    chosen = choose(found)
    currency = currency or workbook_currency(raw)
    read = [read_account_sheet(one, sheet_label(one, chosen), currency) for one in chosen]
    problems = [problem for sheet in read for problem in sheet.problems]
    frame = pl.concat([sheet.frame for sheet in read])
    account = joined(read, frame, [*problems, *hidden_notice(path, found, chosen)])
    return replace(account, sources=(path,))


def _refusal(path: Path, raw: Sequence[RawTable]) -> Message:
    needed = say("reports.account.needed")
    try:
        kind = identify(path)
    except InputError:
        header = [shorten(cell) for cell in raw[0].header if cell.strip()]
        listed = ", ".join(header[:30]) + (", …" if len(header) > 30 else "")
        return say("reports.account.unknown", file=path.name, headers=listed, needed=needed)
    return say("reports.account.not_an_account", file=path.name, kind=kind, needed=needed)
