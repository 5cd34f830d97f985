"""What stories of a seller share: files in, the results, and the files out, equal to the screen."""

import csv
import io
import re
from pathlib import Path

import openpyxl
import pytest

from admatch.pipeline.sample import sample_folder

SAMPLE = Path(sample_folder())
REPORT, BULK, CATALOG = (
    str(SAMPLE / name) for name in ("search_terms.csv", "bulk.xlsx", "catalog.csv")
)
WAIT = 300_000


def number(text):
    return float(re.sub(r"[^\d.]", "", text))


def analysed(page):
    """Wait for the files, start, and return the results."""
    page.locator("#files.ready").wait_for(timeout=120_000)
    page.locator("#run:not([aria-disabled=true])").click()
    page.wait_for_selector("#results:not([aria-busy])", timeout=WAIT)
    page.wait_for_selector(".decisions .line")
    return page


def downloaded(page, name, inside="main"):
    """Return a file that a link downloads, and its name."""
    with page.expect_download() as held:
        page.locator(inside).get_by_role("link", name=name, exact=True).click()
    return Path(held.value.path()).read_bytes(), held.value.suggested_filename


def rows_of(workbook):
    sheet = openpyxl.load_workbook(io.BytesIO(workbook)).worksheets[0]
    header, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def decisions(page):
    """Return the rows of the decisions as people download them."""
    content, name = downloaded(page, "Decisions as CSV")
    assert name.endswith("_decisions.csv")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def amount(rows, column):
    return sum(float(one[column] or 0) for one in rows)


def decisions_equal_screen(page):
    """Download the decisions; their number and their sums are those above the table of all."""
    page.locator("[data-shown=all]").click()
    page.wait_for_selector("[data-shown=all][aria-pressed=true]")
    rows = decisions(page)
    said = page.inner_text("#sums")
    assert int(re.search(r"([\d,]+) decisions", said)[1].replace(",", "")) == len(rows)
    spent = re.search(r"([\d.,]+) of spend", said)[1]
    assert number(spent) == pytest.approx(amount(rows, "Spend"), abs=0.51)
    figures = page.locator("#figures dd b").all_inner_texts()
    assert number(figures[0]) == pytest.approx(amount(rows, "Spend"), abs=0.51)
    assert number(figures[1]) == pytest.approx(amount(rows, "Sales"), abs=0.51)
    return rows


def file_equals_screen(page):
    """Download the file for upload; its rows and what it frees are those of the headline."""
    said = page.inner_text("h1")
    changes = int(re.search(r"Review ([\d,]+) change", said)[1].replace(",", ""))
    page.get_by_role("button", name="Prepare the file").click()
    page.wait_for_selector("#prepared .notice")
    assert page.locator("#prepared .downloads").count(), page.inner_text("#prepared")
    content, name = downloaded(page, "File for upload")
    rows = rows_of(content)
    assert len(rows) == changes, said
    assert re.match(r"admatch_\w.*_changes-[0-9a-f]{6}\.xlsx$", name), name
    undo, _ = downloaded(page, "File that takes it back")
    assert len(rows_of(undo)) == changes
    every = decisions(page)
    kept = [one for one in every if one["Goes into the file"] == "yes"]
    shown = int(re.search(r"([\d,]+) go(?:es)? into the file", page.inner_text("#sums"))[1])
    assert len(kept) == shown
    freed = number(re.search(r"(?:free|frees|spend|spends) (\S+)", said)[1])
    touched = [one for one in every if one["Goes into the file"] != "no"]
    assert freed == pytest.approx(abs(amount(touched, "Spend freed")), abs=0.51)
    return rows, name
