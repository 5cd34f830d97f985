"""The verdict on what was read: against the damaged file's true rows, read independently."""

import csv
import gzip
import io
import zipfile
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from unittest.mock import patch
from xml.etree import ElementTree

import openpyxl

from admatch.errors import InputError
from admatch.reports.aggregate import aggregate_report
from admatch.reports.reader import read_report
from admatch.tables import batches
from tests.cases.damage.tables import FIGURES, IDS
from tests.cases.damage.writing import TEXTS

_BATCH = 4_000  # bytes, so that small files have several parts
_READ_IDS = {"campaign_id": "campaign_id", "ad_group_id": "ad_group_id", "keyword_id": "target_id"}


@dataclass(frozen=True)
class Verdict:
    """Right, refused in a sentence, or wrong; ``what`` says how."""

    kind: str
    what: str = ""

    @property
    def is_fault(self):
        return self.kind not in ("right", "refused")


def judge(variant, path):
    """Return the verdict on how the file of ``variant`` is read."""
    if lost := _not_in_file(variant, path):
        return Verdict("generator", f"the file lacks {lost}")
    return _verdict(variant, path, read_report, _compared)


def judge_in_parts(variant, path):
    """Return the verdict on how the file would be read if it were large: its rows are summed."""
    with patch.object(batches, "BATCH", _BATCH):
        return _verdict(variant, path, aggregate_report, _figures)


def _verdict(variant, path, read, compare):
    try:
        report = read(path)
    except InputError as error:
        message = str(error)
        if "\n" in message or not message.strip():
            return Verdict("bad message", message)
        return Verdict("refused", message)
    except Exception as error:  # noqa: BLE001: any other error is a fault
        return Verdict("crash", repr(error))
    return compare(variant, report) or Verdict("right")


def _compared(variant, report):
    rows, frame = variant.counted, report.frame
    if frame.height != len(rows):
        said = [str(one) for one in report.problems][:4]
        return Verdict("rows", f"{frame.height} of {len(rows)} rows; {said}")
    return _figures(variant, report) or _ids(variant, report, rows) or _days(variant, frame, rows)


def _figures(variant, report):
    names = {name for name, _ in variant.columns}
    rows, frame = variant.counted, report.frame
    for name in FIGURES:
        right = sum((one.figures[name] for one in rows), Decimal(0))
        found = frame[name].sum() if frame[name].null_count() < frame.height else None
        if name not in names:
            if found is not None:
                return Verdict("figures", f"{name} {found} though the file has none")
        elif found is None or abs(Decimal(str(found)) - right) > Decimal("0.005"):
            said = [str(one) for one in report.problems][:4]
            return Verdict("figures", f"{name} {found}, right is {right}; {said}")
    return None


def _ids(variant, report, rows):
    names = {name for name, _ in variant.columns}
    for name in IDS:
        if name not in names:
            continue
        found = Counter(report.frame[_READ_IDS[name]])
        right = Counter(one.ids[name] for one in rows)
        if variant.ids_lost:
            if set(found) - set(right) - {None}:
                return Verdict("ids", f"{name} {list(found)[:2]}")
            if not any("lost digits" in str(one) for one in report.problems):
                return Verdict("ids", f"{name}: nothing said of lost digits")
        elif found != right:
            return Verdict("ids", f"{name} {list(found)[:2]}, right is {list(right)[:2]}")
    return None


def _days(variant, frame, rows):
    if not variant.dated or not rows:
        return None
    names = {name for name, _ in variant.columns}
    first = "start_date" if "start_date" in names else "end_date" if "end_date" in names else "date"
    last = "end_date" if "end_date" in names else first
    ends = [one.end if last == "end_date" else one.start for one in rows]
    starts = [one.end if first == "end_date" else one.start for one in rows]
    found = (frame["start_date"].min(), frame["end_date"].max())
    if found != (min(starts), max(ends)):
        return Verdict("days", f"{found}, right is {(min(starts), max(ends))}")
    return None


def _not_in_file(variant, path):
    """Return a search term that the file does not hold as often as it should, or None."""
    held = Counter(_cells(variant, path))
    right = Counter(one.value("search_term").strip() for one in variant.counted)
    return next((term for term, count in right.items() if held[term] < count), None)


def _cells(variant, path):
    if variant.kind == "ods":
        space = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}p"
        content = zipfile.ZipFile(path).read("content.xml")
        return [(one.text or "").strip() for one in ElementTree.fromstring(content).iter(space)]
    if variant.kind not in TEXTS:
        book = openpyxl.load_workbook(path, read_only=True)
        return [str(cell).strip() for sheet in book for row in sheet.iter_rows(values_only=True)
                for cell in row if cell is not None]  # fmt: skip
    content = path.read_bytes()
    if variant.kind == "gz":
        content = gzip.decompress(content)
    separator, encoding = TEXTS[variant.kind]
    text = content.decode(encoding)
    return [cell.strip() for line in csv.reader(io.StringIO(text), delimiter=separator)
            for cell in line]  # fmt: skip
