"""The decisions as people read them in a spreadsheet: with verdicts, notes and plain headers."""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from admatch.messages import Message, from_json, say
from admatch.store.verdict import Verdict

if TYPE_CHECKING:
    import polars as pl

_MADE = datetime(2000, 1, 1)  # with the time of day, every file of the same decisions would differ


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its field, its header, and whether it holds an amount, a share or a count."""

    field: str
    header: Message
    kind: str = "text"


COLUMNS = (
    Column("campaign", say("web.column.campaign")),
    Column("ad_group", say("web.column.ad_group")),
    Column("targeting", say("web.column.targeting")),
    Column("match_type", say("web.column.match_type")),
    Column("search_term", say("web.column.search_term")),
    Column("action", say("web.column.action")),
    Column("in_file", say("web.column.in_file")),
    Column("verdict", say("web.column.verdict")),
    Column("note", say("web.column.note")),
    Column("reason", say("web.column.reason")),
    Column("not_in_file", say("web.column.not_in_file")),
    Column("outcome", say("web.column.outcome")),
    Column("product_id", say("web.column.product_id")),
    Column("title", say("web.column.title")),
    Column("currency", say("web.column.currency")),
    Column("impressions", say("web.column.impressions"), "count"),
    Column("clicks", say("web.column.clicks"), "count"),
    Column("spend", say("web.column.spend"), "amount"),
    Column("orders", say("web.column.orders"), "count"),
    Column("sales", say("web.column.sales"), "amount"),
    Column("acos", say("web.column.acos"), "share"),
    Column("acos_after", say("web.column.acos_after"), "share"),
    Column("chance", say("web.column.chance"), "share"),
    Column("spend_freed", say("web.column.spend_freed"), "amount"),
    Column("sales_at_risk", say("web.column.sales_at_risk"), "amount"),
    Column("gain", say("web.column.gain"), "amount"),
    Column("whole_gain", say("web.column.whole_gain"), "amount"),
    Column("bid", say("web.column.bid"), "amount"),
    Column("new_bid", say("web.column.new_bid"), "amount"),
)
_FORMATS = {"amount": "#,##0.00", "share": "0.0%", "count": "#,##0", "text": "@"}
_ROUNDED = ("amount", "share")
_DIGITS = 4  # so that sums of thousands of rows still agree with the page
_WIDTHS = {"reason": 60, "not_in_file": 40, "title": 40, "search_term": 30, "note": 30}
_YES, _NO = say("web.cell.yes"), say("web.cell.no")
_SERVED = say("web.cell.served")  # what a change does is the sum of these rows and its own
_VERDICTS = {
    Verdict.ACCEPTED.value: say("web.cell.accepted"),
    Verdict.REJECTED.value: say("web.cell.rejected"),
}


def decisions_csv(rows: "pl.DataFrame", names: Mapping[str, str], language: str) -> bytes:
    """Return the decisions as UTF-8 with a BOM; ``names`` are those of actions and outcomes."""
    import polars as pl

    from admatch.pipeline.records import spreadsheet_safe

    headers = [one.header.in_language(language) for one in _known(rows)]
    kinds = [one.kind for one in _known(rows)]
    lines = ([_rounded(*cell) for cell in zip(line, kinds, strict=True)]
             for line in _lines(rows, names, language))  # fmt: skip
    columns = zip(*lines, strict=True) if rows.height else [[]] * len(headers)
    frame = pl.DataFrame(
        {header: list(column) for header, column in zip(headers, columns, strict=True)},
        strict=False,
    )
    return b"\xef\xbb\xbf" + spreadsheet_safe(frame).write_csv().encode()


def decisions_xlsx(rows: "pl.DataFrame", names: Mapping[str, str], language: str) -> bytes:
    """Return the decisions as a workbook: headers that stay in view, a filter, typed numbers."""
    import xlsxwriter

    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    book.set_properties({"created": _MADE})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    formats = {kind: book.add_format({"num_format": form}) for kind, form in _FORMATS.items()}
    sheet = book.add_worksheet(say("web.column.sheet").in_language(language))
    columns = _known(rows)
    for at, column in enumerate(columns):
        sheet.set_column(at, at, _WIDTHS.get(column.field, 14))
        sheet.write_string(0, at, column.header.in_language(language), bold)
    for line, cells in enumerate(_lines(rows, names, language), start=1):
        for at, value in enumerate(cells):
            if isinstance(value, str):
                sheet.write_string(line, at, value, formats["text"])
            elif value is not None:
                sheet.write_number(line, at, value, formats[columns[at].kind])
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, rows.height), len(columns) - 1)
    book.close()
    return content.getvalue()


def _rounded(value: str | float | None, kind: str) -> str | float | None:
    return round(value, _DIGITS) if kind in _ROUNDED and isinstance(value, float) else value


def _known(rows: "pl.DataFrame") -> list[Column]:
    return [one for one in COLUMNS if one.field in rows.columns]


def _lines(
    rows: "pl.DataFrame", names: Mapping[str, str], language: str
) -> Iterator[list[str | float | None]]:
    """Yield the cells of each decision, texts in the reader's language."""
    columns = _known(rows)
    fields = [one.field for one in columns] + ["reason_message", "served"]
    known = rows.select(name for name in fields if name in rows.columns)
    for row in known.iter_rows(named=True):
        yield [_cell(row, one.field, names, language) for one in columns]


def _cell(row: Mapping[str, Any], field: str, names: Mapping[str, str], language: str) -> Any:  # noqa: ANN401 - a cell
    value = row[field]
    if field == "in_file":
        said = _YES if value else _SERVED if row.get("served") else _NO
        return said.in_language(language)
    if field == "verdict":
        return _VERDICTS[value].in_language(language) if value in _VERDICTS else None
    if field in ("action", "outcome"):
        return names.get(f"{field}.{value}", value)
    if field == "reason":
        return _said(row.get("reason_message") or value, language)
    if field == "not_in_file":
        return _said(value, language)
    if isinstance(value, float) and value != value:
        return None
    return value


def _said(value: str | None, language: str) -> str | None:
    """Return a message that a table holds as JSON; a text of an earlier admatch is one already."""
    if value is None or not value.startswith('{"id":'):
        return value
    message = from_json(json.loads(value))
    return message.in_language(language) if isinstance(message, Message) else message


def names_of(sentences: Mapping[str, Any], values: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return what actions and outcomes are called in the page's labels."""
    return {
        f"{group}.{value}": str(sentences.get(f"{group}.{value.replace('-', '_')}", value))
        for group, value in values
    }
