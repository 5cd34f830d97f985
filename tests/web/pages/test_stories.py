"""Whole stories of a seller: each ends with the downloaded file, equal to what the screen says."""

import csv
import io
import re
from pathlib import Path

import openpyxl
import pytest

from admatch.pipeline.sample import sample_folder
from tests.web.pages.files import dropped, german_report
from tests.web.pages.waiting import until

pytestmark = pytest.mark.long

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
    with page.expect_download() as held:
        page.locator(inside).get_by_role("link", name=name, exact=True).click()
    return Path(held.value.path()).read_bytes(), held.value.suggested_filename


def rows_of(workbook):
    sheet = openpyxl.load_workbook(io.BytesIO(workbook)).worksheets[0]
    header, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def decisions(page):
    content, name = downloaded(page, "Decisions as CSV")
    assert name.endswith("_decisions.csv")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def file_equals_screen(page):
    """Download the file for upload; its rows are the changes that the headline counts."""
    said = page.inner_text("h1")
    changes = int(re.search(r"Review ([\d,]+) change", said)[1].replace(",", ""))
    page.get_by_role("button", name="Prepare the file").click()
    page.wait_for_selector("#prepared .downloads")
    content, name = downloaded(page, "File for upload")
    rows = rows_of(content)
    assert len(rows) == changes, said
    assert re.match(r"admatch_\w.*_changes-[0-9a-f]{6}\.xlsx$", name), name
    undo, _ = downloaded(page, "File that takes it back")
    assert len(rows_of(undo)) == changes
    kept = [one for one in decisions(page) if one["Goes into the file"] == "yes"]
    shown = int(re.search(r"([\d,]+) go(?:es)? into the file", page.inner_text("#sums"))[1])
    assert len(kept) == shown
    return rows, name


def test_verdicts_in_two_tabs_change_everything_and_lose_nothing(visit, sample_run):
    page = visit(sample_run)
    page.wait_for_selector(".decisions .line.taken")
    other = page.context.new_page()
    other.goto(page.url)
    other.wait_for_selector(".decisions .line.taken")
    before, freed = page.inner_text("h1"), page.inner_text("#figures")
    negated = page.locator(".line", has=page.locator(".negate-exact")).first
    term = negated.locator(".term").inner_text()
    negated.locator(".judge.rejected").click()
    changed = f"document.querySelector('h1').innerText !== {before!r}"
    until(page, changed)
    assert page.inner_text("#figures") != freed
    until(other, changed)  # without a reload
    assert other.inner_text("h1") == page.inner_text("h1")
    rows, first = file_equals_screen(page)
    assert term not in {one["Keyword Text"] for one in rows if "Negative" in one["Entity"]}
    assert page.locator(".line.rejected .why-not").count() == 1  # it stays where it was
    page.locator(".line.rejected .judge.rejected").click()
    until(page, f"document.querySelector('h1').innerText === {before!r}")
    page.reload()
    page.wait_for_selector(".decisions .line.taken")
    assert page.inner_text("h1") == before
    _, second = file_equals_screen(page)
    assert first != second  # another file has another name


def test_what_amazon_refused_is_read_back_and_mended(visit, sample_run):
    page = visit(sample_run, expected=("422",))
    page.wait_for_selector(".decisions .line")
    rows, _ = file_equals_screen(page)
    header = [*rows[0], "Status", "Reason"]
    book = openpyxl.Workbook()
    book.active.append(header)
    for at, row in enumerate(rows):
        fate = ("Success", None)
        if at == 0:
            fate = ("Error", "Internal error. Please try again later.")
        if at == 1:
            fate = ("Error", "Keyword already exists in this ad group.")
        book.active.append([*row.values(), *fate])
    held = io.BytesIO()
    book.save(held)
    page.set_input_files("#results-input", [dropped("results.xlsx", held.getvalue())])
    page.wait_for_selector("#upload-results .notice.bad", timeout=60_000)
    assert f"2 rows failed; {len(rows) - 2} were made" in page.inner_text("#upload-results")
    assert "already exists" in page.inner_text("#upload-results")
    mended, name = downloaded(page, "Mended file", "#upload-results")
    assert rows_of(mended) == rows[:1]
    assert "changes-again" in name
    undo, _ = downloaded(page, "Undo file", "#upload-results")
    assert len(rows_of(undo)) == len(rows) - 2
    page.set_input_files("#results-input", [dropped("other.csv", b"a,b\n1,2\n")])
    page.wait_for_selector("#upload-results [role=alert]")
    assert "no column with the result" in page.inner_text("#upload-results")


@pytest.mark.slow
def test_a_report_alone_then_the_bulk_file_ends_in_an_upload(visit):
    page = visit()
    page.set_input_files("#files-input", REPORT)
    analysed(page)
    assert re.search(r"\d+ changes would free \$", page.inner_text("h1"))
    assert "bulk file" in page.inner_text("#missing")
    assert "Without your products" in page.inner_text("#missing")
    assert page.locator("#prepare-row").is_hidden()
    assert len(decisions(page)) == int(re.search(r"(\d+) decisions", page.inner_text("#sums"))[1])
    page.locator("#add-files").click()
    page.locator("#files.ready").wait_for()
    page.set_input_files("#files-input", BULK)
    until(page, "document.querySelectorAll('#files .files .yes').length === 2", 120)
    assert page.locator("#allows [data-part=upload].yes").count() == 1
    analysed(page)
    file_equals_screen(page)


@pytest.mark.slow
def test_five_files_in_any_order_a_wrong_one_among_them(visit):
    page = visit()
    wrong = dropped("notes.csv", b"a,b\n1,2\n")
    for at, file in enumerate((CATALOG, [wrong], BULK, REPORT, REPORT)):
        page.set_input_files("#files-input", file)
        page.wait_for_timeout(200 * at)  # some before the last was read
    page.locator("#files.ready").wait_for(timeout=120_000)
    until(page, "document.querySelectorAll('#files .files .yes').length === 3", 120)
    assert page.locator("#allows .yes").count() >= 4
    analysed(page)
    page.get_by_role("button", name="Products", exact=True).click()
    page.wait_for_selector(".levels .total")
    spent = number(page.inner_text(".levels .total td:nth-child(4)"))
    assert spent == pytest.approx(
        sum(float(one["Spend"]) for one in decisions(page) if one["Goes into the file"] == "yes"),
        abs=1,
    )
    page.get_by_role("button", name="Search terms", exact=True).click()
    page.wait_for_selector(".decisions .judge")
    file_equals_screen(page)


@pytest.mark.slow
def test_with_the_keyboard_alone(visit, sample_run):
    page = visit(sample_run)
    page.wait_for_selector(".decisions .line")
    page.get_by_role("link", name="Review the changes").focus()
    page.keyboard.press("Enter")
    assert page.url.endswith("#decisions")
    page.locator(".judge.rejected").first.focus()
    before = page.inner_text("h1")
    page.keyboard.press("Space")
    until(page, f"document.querySelector('h1').innerText !== {before!r}")
    page.locator(".toast .link").first.focus()
    page.keyboard.press("Enter")
    until(page, f"document.querySelector('h1').innerText === {before!r}")
    page.locator("[data-level=campaign]").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".levels .term")
    page.locator(".levels .term").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#places .chip")
    page.go_back()
    page.wait_for_selector(".levels .term")
    page.go_back()
    page.wait_for_selector(".decisions .judge")
    file_equals_screen(page)


@pytest.mark.slow
def test_in_chinese_every_word_is_chinese(visit, sample_run):
    page = visit(sample_run, locale="zh-CN")
    page.wait_for_selector(".decisions .line")
    page.locator(".decisions .term").first.click()
    page.wait_for_selector(".detail .reason")
    page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")
    text = page.evaluate(
        """() => [...document.querySelectorAll(
            'main :is(h1,h2,h3,h4,p,dt,label,summary,caption,th,li)')]
            .filter((one) => one.children.length === 0 && !one.closest('.term-cell,.found,q,.path'))
            .map((one) => one.textContent).filter((text) => /[a-z]{3,} [a-z]{3,}/i.test(text))"""
    )
    assert [one for one in text if not re.search("[\u4e00-\u9fff]", one)] == []
    content, name = downloaded(page, "决定（CSV）")
    header = content.decode("utf-8-sig").splitlines()[0]
    assert header.startswith("广告活动,广告组")
    assert name.endswith("_decisions.csv")


@pytest.mark.slow
def test_a_german_account_is_asked_for_its_marketplace(visit):
    page = visit()
    page.set_input_files("#files-input", [dropped("Mai.csv", german_report())])
    page.locator("#files.ready").wait_for(timeout=60_000)
    assert page.input_value("#target") != "30"  # proposed from its ACOS
    assert "ACOS is" in page.inner_text("#target-why")
    page.select_option("#marketplace", "DE")
    analysed(page)
    assert "Germany" in page.inner_text("#made-of")
    assert len(decisions(page)) == 5


@pytest.mark.slow
def test_ten_thousand_rows_stay_quick(visit):
    page = visit()
    page.set_input_files("#files-input", [dropped("many.csv", many_rows(10_000))])
    analysed(page)
    page.locator("[data-shown=all]").click()
    until(page, "document.querySelector('#sums').innerText.includes('10,000')")
    took = page.evaluate(
        """async () => {
            const start = performance.now();
            document.querySelector('[data-sort=clicks]').click();
            await new Promise((done) => new MutationObserver(done).observe(
                document.querySelector('#table'), { childList: true }));
            return performance.now() - start;
        }"""
    )
    assert took < 3000
    assert len(decisions(page)) == 10_000


def many_rows(n):
    """Return a report of so many terms."""
    header = (
        "Start Date,End Date,Portfolio name,Currency,Campaign Name,Ad Group Name,Targeting,"
        "Match Type,Customer Search Term,Impressions,Clicks,Spend,7 Day Total Sales ,"
        "7 Day Total Orders (#)\n"
    )
    rows = (
        f"2025-05-01,2025-05-30,P,USD,C{at % 20},G{at % 200},close-match,-,term {at},"
        f"{at % 900 + 50},{at % 17},{(at % 17) * 0.4:.2f},{9.99 * (at % 17 == 9):.2f},"
        f"{int(at % 17 == 9)}\n"
        for at in range(n)
    )
    return (header + "".join(rows)).encode()
