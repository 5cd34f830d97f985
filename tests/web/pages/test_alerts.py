"""What is unlike before stands above the figures in the reader's language, or there is nothing."""

import pytest

from admatch.messages import as_json, say

pytestmark = pytest.mark.long


def alert(day, campaign="C"):
    message = say("decisions.alerts.cpc_of", campaign=campaign, was="$0.80", now="$1.60")
    return {
        "kind": "cpc", "day": day, "currency": "USD", "campaign": campaign, "ad_group": None,
        "search_term": None, "was": 0.8, "now": 1.6, "text": message, "message": as_json(message),
    }  # fmt: skip


def opened(visit, address, found, **settings):
    def with_alerts(route):
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | {"alerts": found})

    page = visit("/", **settings)
    page.route("**/results", with_alerts)
    page.goto(address)
    page.wait_for_selector("#results:not([aria-busy])")
    return page


def test_alerts_stand_above_the_figures_with_their_day(visit, sample_run):
    campaign = "<b>x</b> " + "long " * 20
    many = [alert("2026-03-01", campaign), *[alert("2026-02-27", f"C{n}") for n in range(7)]]
    page = opened(visit, sample_run, many, viewport={"width": 375, "height": 800})
    assert page.locator("#alerts li").count() == 8
    assert page.locator("#alerts li:visible").count() == 6
    page.get_by_text("2 more", exact=True).click()
    assert page.locator("#alerts li:visible").count() == 8
    first, *_, last = page.locator("#alerts li").all_inner_texts()
    assert first.startswith("To Mar 1, 2026: '<b>x</b> ")
    assert last == "To Feb 27, 2026: 'C6': a click cost $1.60 in the last 7 days; $0.80 is usual."
    said = page.inner_text("#results")
    assert said.index("To Mar 1, 2026") < said.index(page.inner_text("#figures dt"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_alerts_are_told_in_chinese(visit, sample_run):
    page = opened(visit, sample_run, [alert("2026-03-01")], locale="zh-CN")
    (line,) = page.locator("#alerts li").all_inner_texts()
    assert line == "截至 2026年3月1日：“C”：最近 7 天每次点击花费 $1.60；平常为 $0.80。"


def test_without_alerts_nothing_stands_there(visit, sample_run):
    page = visit(sample_run)
    page.wait_for_selector("#results:not([aria-busy])")
    assert page.locator("#alerts").inner_html() == ""
