"""The story of a seller whose keywords have nowhere to go: laid out, looked at, downloaded."""

import re

import pytest

from tests.web.nowhere import nowhere_files
from tests.web.pages.files import dropped
from tests.web.pages.stories import WAIT, analysed, downloaded, rows_of
from tests.web.pages.waiting import until

pytestmark = pytest.mark.long


def test_campaigns_are_laid_out_looked_at_and_downloaded(visit):
    page = visit("/", expected=("422",), viewport={"width": 375, "height": 800})
    files = [dropped(name, content) for name, content in nowhere_files().items()]
    page.set_input_files("#files-input", files)
    analysed(page)
    assert "2 new keywords would pay" in page.inner_text("#new-campaigns")
    first = page.url
    assert page.input_value("#campaign-pattern") == "SP | {product} | Exact"
    page.select_option("#structure", "ad-group-a-product")
    assert page.input_value("#ad-group-pattern") == "{product}"
    page.fill("#campaign-pattern", "Found {title}")
    page.click("#lay-out")
    page.wait_for_selector(".toast.bad")
    assert "not 'title'" in page.inner_text(".toast.bad")
    page.fill("#campaign-pattern", "Found | Exact")
    page.click("#lay-out")
    page.wait_for_url(lambda address: address != first)
    page.wait_for_selector("#results:not([aria-busy])", timeout=WAIT)
    page.wait_for_selector("#plan table")
    plan = page.inner_text("#new-campaigns")
    assert "New campaign, daily budget $5.00" in plan
    assert "nesting bowls in SP | Kitchen | Found › Bowls" in plan
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.wait_for_selector(".decisions .line")
    written = download(page)
    assert [one["SKU"] for one in written if one["Entity"] == "Product Ad"] == [
        "SKU-B0LONE0001", "SKU-B0LONE0002",
    ]  # fmt: skip
    later, name = downloaded(page, "Negatives for later")
    assert "_negatives-for-later-" in name
    assert {one["Keyword Text"] for one in rows_of(later)} == {"nesting bowls", "pasta fork"}
    page.get_by_role("button", name="Reject the decision about nesting bowls").click()
    until(page, "!document.querySelector('#plan').innerText.includes('nesting bowls')")
    assert "SKU-B0LONE0001" not in {one["SKU"] for one in download(page)}
    page.click("#add-files")  # the layout stays with the other settings
    page.locator("#files.ready").wait_for(timeout=60_000)
    assert page.input_value("#structure") == "ad-group-a-product"
    assert page.locator("#campaign-pattern").input_value() == "Found | Exact"


def download(page):
    """Prepare and download the file; it has as many rows as the headline says."""
    page.get_by_role("button", name="Prepare the file").click()
    page.wait_for_selector("#prepared .notice")
    rows = rows_of(downloaded(page, "File for upload")[0])
    changes = int(re.search(r"Review ([\d,]+) change", page.inner_text("h1"))[1].replace(",", ""))
    assert len(rows) == changes
    return rows
