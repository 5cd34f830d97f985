"""What a visitor does, from the files to the file for Amazon."""

import json
import re
from pathlib import Path

import pytest

from admatch.pipeline.sample import sample_folder
from tests.web.pages.files import (
    PAYLOADS,
    dropped,
    german_report,
    harmful_catalog,
    harmful_report,
)
from tests.web.pages.waiting import until, until_all

pytestmark = pytest.mark.long

WAIT = 240_000
CATALOG = str(Path(sample_folder()) / "catalog.csv")


def analyse(page):
    page.locator("#files.ready").wait_for(timeout=60_000)
    page.get_by_role("button", name="Analyse").click()
    page.wait_for_selector("#results:not([aria-busy]), #after:not([hidden])", timeout=WAIT)
    assert page.locator("#results").count() == 1, page.inner_text("#status")
    page.wait_for_selector(".decisions .line")


def test_the_example_is_summed_up_in_a_sentence_and_six_figures(visit, sample_run):
    page = visit(sample_run)
    page.wait_for_selector(".decisions .line")
    assert re.search(r"Review \d+ changes: they free \$[\d.]+\s±\s\$", page.inner_text("h1"))
    assert re.search(r"ACOS \d+\.\d\s% → \d+\.\d\s%", page.inner_text("#lead"))
    assert "May 1 – 30, 2025" in page.inner_text("#made-of")
    assert "United States" in page.inner_text("#made-of")
    assert page.locator("#figures > div").count() == 6
    assert "$" in page.inner_text("#figures")
    assert page.locator("#causes tbody tr").count() > 2
    assert page.locator("#frontier svg polyline").count() == 1


def test_decisions_are_filtered_searched_sorted_and_paged(visit, sample_run):
    page = visit(sample_run)
    page.wait_for_selector(".decisions .line")
    until_all(page, ".line", "one.classList.contains('taken')")  # what goes into the file is first
    page.locator("[data-shown=all]").click()
    page.locator(".chip[data-action=negate-exact]").click()
    until_all(page, ".tag", "one.classList.contains('negate-exact')")
    assert "action=negate-exact" in page.url
    page.go_back()
    until(page, "!location.search.includes('action')")
    until(page, "document.querySelectorAll('.decisions .tag.keep').length > 0")
    page.fill("#q", "apple")
    until_all(page, ".line", "/apple/i.test(one.textContent)")
    page.reload()  # filters stand in the address
    page.wait_for_selector(".decisions .line")
    assert page.input_value("#q") == "apple"
    page.fill("#q", "no such term at all")
    page.get_by_role("button", name="Clear the filters").click()
    page.locator("[data-sort=clicks]").click()
    page.wait_for_selector("th[aria-sort=descending] [data-sort=clicks]")
    first = page.locator(".decisions .term").first.inner_text()
    page.get_by_role("button", name="Next").click()
    until(page, f"document.querySelector('.decisions .term').innerText !== {json.dumps(first)}")


def test_a_decision_shows_its_evidence_and_takes_a_verdict_and_a_note(visit, sample_run):
    page = visit(f"{sample_run}?action=negate-exact")
    page.locator(".decisions .term").first.click()
    page.wait_for_selector(".detail .reason")
    for part in (".evidence dt", ".path code", ".ranked li"):
        assert page.locator(f".detail {part}").count() > 1, part
    page.fill(".detail textarea", "seen with the team")
    page.get_by_role("button", name="Keep the note").click()
    page.wait_for_selector(".noted")
    page.locator(".judge.rejected").first.click()
    page.wait_for_selector(".line.rejected .judge.rejected[aria-pressed=true]")
    page.locator(".judge.rejected").first.click()
    page.wait_for_selector(".judge.rejected[aria-pressed=true]", state="detached")
    page.locator("#table thead input[type=checkbox]").check()
    assert re.search(r"\d+ changes: free \$", page.inner_text("#bulk"))
    page.locator("#bulk").get_by_role("button", name="Accept").click()
    until(page, "document.querySelectorAll('.judge.accepted[aria-pressed=true]').length > 3")
    page.locator("#bulk").get_by_role("button", name="Undo").click()
    assert "free" in page.inner_text("#ask-text")
    page.locator("#ask-yes").click()  # all that the filter finds is asked about first
    page.wait_for_selector(".judge.accepted[aria-pressed=true]", state="detached")


def test_what_if_follows_the_sliders(visit, sample_run):
    page = visit(sample_run)
    page.wait_for_selector(".totals")
    assert page.locator("#slide-run").is_disabled()
    page.locator("#slide-target").fill("20")  # steps around it are asked for, too
    page.wait_for_selector(".totals thead th:nth-child(4)")
    assert page.inner_text("#value-target") == "20\N{NO-BREAK SPACE}%"
    assert page.locator("#slide-run").is_enabled()
    page.locator("#slide-reset").click()
    page.wait_for_selector(".totals thead th:nth-child(3)", state="detached")


def test_a_late_answer_about_the_first_file_does_not_hide_the_second(visit):
    page, held = visit(), []

    def late(route):  # the first look at how far the first file is
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/api/v1/reports/*", late)
    page.set_input_files("#files-input", [dropped("Suchbegriffe Mai.csv", german_report())])
    while not held:
        page.wait_for_timeout(50)
    page.set_input_files("#files-input", CATALOG)
    until(page, "document.querySelectorAll('#files .files .yes').length === 2", 60)
    held[0].continue_()
    page.wait_for_timeout(500)
    page.locator("#files.ready").wait_for(timeout=60_000)
    assert page.locator("#files .files .yes").count() == 2


def test_a_german_report_is_read_and_shown_in_euros(visit):
    page = visit()
    page.set_input_files("#files-input", [dropped("Suchbegriffe Mai.csv", german_report())])
    page.set_input_files("#files-input", CATALOG)
    page.locator("#files.ready").wait_for(timeout=60_000)
    until(page, "document.querySelectorAll('#files .files .yes').length === 2", 60)
    result = page.inner_text("#files .upload")
    assert "€1,158" in result
    assert "May 1 – 31, 2025" in result
    assert "Several marketplaces" in page.inner_text("#marketplace-hint")
    page.reload()  # what was uploaded is found again
    page.locator("#files.ready").wait_for(timeout=60_000)
    page.select_option("#marketplace", "DE")
    page.fill("#target", "25,5")
    analyse(page)
    assert "25.5" in page.inner_text("#made-of") or "26" in page.inner_text("#made-of")
    assert "Germany" in page.inner_text("#made-of")
    assert "€" in page.inner_text("#figures")
    assert page.get_by_text("gartenschlauch 20 m").count() == 1
    assert "bulk file" in page.inner_text("#prepared")
    assert "bulk file" in page.inner_text("#missing")


@pytest.mark.parametrize(
    ("name", "content", "kind", "expected"),
    [
        ("notes.csv", b"a,b\n1,2\n", "text/csv", "This is no known report"),
        ("photo.png", b"\x89PNG\r\n\x1a\n" + bytes(64), "image/png", "no table"),
        ("empty.csv", b"", "text/csv", "the file is empty"),
        ("login.csv", b"<!doctype html><html><body>Sign in", "text/csv", "web page"),
    ],
)
def test_a_wrong_file_is_refused_in_one_sentence(visit, name, content, kind, expected):
    page = visit(expected=("422",))
    page.set_input_files("#files-input", [dropped(name, content, kind)])
    page.wait_for_selector("#files .notice.bad", timeout=60_000)
    said = page.inner_text("#files .notice.bad")
    assert expected in said
    assert "Traceback" not in said
    assert page.locator("#run").get_attribute("aria-disabled") == "true"


def test_a_number_that_is_out_of_range_is_marked_at_its_field(visit):
    page = visit()
    page.fill("#target", "abc")
    assert "from 0.1 to 500" in page.inner_text("#target-error")
    assert page.get_attribute("#target", "aria-invalid") == "true"


def test_cells_are_text_and_never_run(visit):
    page = visit()
    name = "<img src=x onerror=window.harmed=1>.csv"
    files = [dropped(name, harmful_catalog()), dropped("report.csv", harmful_report())]
    page.set_input_files("#files-input", files)
    analyse(page)
    page.locator("[data-shown=all]").click()
    until(page, f"document.querySelectorAll('.decisions .line').length >= {len(PAYLOADS)}")
    for term in page.locator(".decisions .term").all():
        term.click()
    until(page, f"document.querySelectorAll('.detail .reason').length >= {len(PAYLOADS)}")
    page.fill(".detail textarea >> nth=0", PAYLOADS[0])
    page.get_by_role("button", name="Keep the note").first.click()
    page.wait_for_selector(".noted")
    page.goto("/runs")
    page.wait_for_selector("#runs:not([aria-busy])")
    page.goto("/search?q=oat")
    page.wait_for_selector(".product", timeout=60_000)
    for path in ("/runs", "/search?q=oat"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.harmed") is None
        assert page.locator("img[src=x], main script").count() == 0
