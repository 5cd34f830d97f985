"""Keyboard, screen readers, languages, accounts."""

import re

import pytest

from admatch.messages import from_json
from tests.web.pages.waiting import until

pytestmark = pytest.mark.long

AXE = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
PAGES = ("/", "/runs", "/search?q=oat+drink", "/settings", "/nothing")


def findings(page):
    page.wait_for_load_state("networkidle", timeout=240_000)  # a first search loads its model
    found = AXE.Axe().run(page).response["violations"]
    return [
        (one["id"], one["nodes"][0]["html"][:200], one["nodes"][0]["failureSummary"][:300])
        for one in found
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(visit, sample_run, scheme):
    page = visit("/", color_scheme=scheme, expected=("404",))
    for path in PAGES:
        page.goto(path)
        assert findings(page) == [], path
    page.goto(sample_run)
    page.locator(".decisions .term").first.click()
    page.wait_for_selector(".detail .reason")
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert findings(page) == []


def test_axe_finds_nothing_on_a_telephone_in_chinese(visit, sample_run):
    page = visit(sample_run, locale="zh-CN", viewport={"width": 375, "height": 800})
    page.wait_for_selector(".decisions .line")
    assert findings(page) == []
    for path in ("/", "/runs"):
        page.goto(path)
        assert findings(page) == [], path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_one_signs_in(visit, closed_site, scheme):
    page = visit("/", address=closed_site.address, color_scheme=scheme, expected=("401",))
    assert "/login?next=" in page.url
    assert findings(page) == []
    page.fill("#token", "not the token")
    page.get_by_role("button", name="Sign in").click()
    until(page, "document.querySelector('#login-error').textContent.length > 5")
    assert findings(page) == []


def test_a_search_says_what_it_waits_for_and_how_surely_it_found(visit, sample_run):
    page = visit("/search?q=oat+drink")
    page.wait_for_selector("#found li", timeout=240_000)
    assert page.locator("#waiting").is_hidden()
    assert page.inner_text("#found li:first-child").count("fits, ") == 1
    page.fill("#words", "car tyre 205 55 r16")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('#said').textContent.includes('None of them')", 60)


def test_an_audit_is_started_followed_and_read(visit, sample_run, site):
    page = visit(sample_run)
    page.get_by_role("link", name="Listing audit").click()
    page.get_by_role("button", name="Check the listings").click()
    page.wait_for_selector(".finding", timeout=240_000)
    assert page.locator("#scores tbody tr").count() > 2
    page.locator(".finding .term").first.click()
    page.wait_for_selector(".more-of dd")
    assert findings(page) == []
    page.locator("#aspects .chip").nth(1).click()
    until(page, "document.querySelectorAll('#aspects .chip')[1].ariaPressed === 'true'")
    page.goto(page.url)  # found again, with what it found
    page.wait_for_selector(".finding")


@pytest.mark.parametrize("width", [375, 768])
def test_nothing_is_wider_than_the_screen(visit, sample_run, width):
    page = visit("/", viewport={"width": width, "height": 800}, expected=("404",))
    for path in (*PAGES, sample_run):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_everything_is_reached_by_keyboard(visit, sample_run):
    page = visit(sample_run)
    page.wait_for_selector(".decisions .line")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.locator("#frontier svg").focus()
    page.keyboard.press("ArrowLeft")
    text = page.get_attribute("#frontier svg", "aria-valuetext")
    assert re.match(r"\d+ changes?: ACOS \d", text)  # the first step of the frontier
    assert page.locator("#frontier .tip").is_visible()
    page.locator(".decisions .term").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".detail .reason", timeout=240_000)  # models are loading meanwhile
    assert page.locator(".decisions .term").first.get_attribute("aria-expanded") == "true"
    page.locator(".judge.accepted").first.focus()
    page.keyboard.press("Space")
    page.wait_for_selector(".judge.accepted[aria-pressed=true]:focus")  # the focus stays
    page.keyboard.press("Space")
    page.wait_for_selector(".judge.accepted[aria-pressed=true]", state="detached")


def test_the_language_is_the_browsers_until_another_is_chosen(visit, sample_run):
    page = visit(sample_run, locale="zh-CN")
    page.wait_for_selector(".decisions .line")
    assert page.get_attribute("html", "lang") == "zh-CN"
    assert "项改动：可释放" in page.inner_text("h1")
    assert "$" in page.inner_text("#figures")
    page.locator(".decisions .term").first.click()
    page.wait_for_selector(".detail .reason")
    assert "次点击" in page.inner_text(".detail .reason")
    page.get_by_role("link", name="English").click()
    page.wait_for_selector(".decisions .line")
    assert page.get_attribute("html", "lang") == "en"
    assert "they free" in page.inner_text("h1")


@pytest.mark.parametrize(("locale", "language"), [("zh-CN", "zh"), ("en-US", "en")])
def test_the_page_says_messages_as_the_package_does(visit, sample_run, locale, language):
    page = visit(sample_run, locale=locale)
    page.wait_for_selector(".decisions .line")
    script = page.get_attribute("script[type=module]", "src").replace("results.js", "words.js")
    messages = page.evaluate(
        """async (run) => {
            const { items } = await (await fetch(`/api/v1${run}/decisions?size=500`)).json();
            const results = await (await fetch(`/api/v1${run}/results`)).json();
            return [...items.flatMap((one) => [one.reason, one.warning]), ...results.warnings,
                ...results.downloads.map((one) => one.what)].filter(Boolean);
        }""",
        sample_run,
    )
    forms = [
        {"id": "test.rows", "parameters": {"n": n}, "text": "of Python"} for n in (0, 1, 2, 12_345)
    ]
    inside = {"id": "test.inside", "parameters": {"file": "a.csv", "what": forms[3]}, "text": ""}
    messages += [*forms, inside]
    shown = page.evaluate(
        """async ([script, messages]) => {
            const { message } = await import(script);
            return messages.map(message);
        }""",
        [script, messages],
    )
    said = [from_json(one).in_language(language) for one in messages]
    assert len(said) > 500
    assert [one.lower() for one in shown] == [one.lower() for one in said]


def test_a_text_without_an_identifier_is_shown_as_it_is(visit, site):
    page = visit("/settings")
    script = page.get_attribute("script[type=module]", "src").replace("settings.js", "words.js")
    shown = page.evaluate(
        """async (script) => {
            const { message } = await import(script);
            const gone = { id: "of.before", parameters: {}, text: "once said" };
            return ["a plain text", "ACOS", "", null, undefined, gone].map(message);
        }""",
        script,
    )
    assert shown == ["A plain text", "ACOS", "", "", "", "Once said"]


def test_two_accounts_never_see_each_other(visit, closed_site):
    address = closed_site.address
    anna = visit("/runs", address=address, expected=("401", "404"))
    assert "/login?next=" in anna.url
    anna.fill("#name", "anna")
    anna.fill("#token", "not the token")
    anna.get_by_role("button", name="Sign in").click()
    until(anna, "document.querySelector('#login-error').textContent.length > 5")
    for page, name in (
        (anna, "anna"),
        (visit("/login", address=address, expected=("404",)), "bert"),
    ):
        page.fill("#name", name)
        page.fill("#token", closed_site.tokens[name])
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_selector("nav")
        if name == "anna":
            page.goto("/")
            page.set_input_files(
                "#files-input",
                [
                    {
                        "name": "annas.csv",
                        "mimeType": "text/csv",
                        "buffer": b"title,price\nOat drink,2\n",
                    }
                ],
            )
            page.locator("#files .files .yes").wait_for(timeout=60_000)
            catalog = page.url.partition("report=")[2]
    page.goto("/runs")
    page.wait_for_selector("#catalogs:not([aria-busy])")
    assert "annas.csv" not in page.inner_text("main")
    assert page.goto(f"/catalogs/{catalog}/audit").status == 404
    anna.goto("/runs")
    anna.wait_for_selector("#catalogs:not([aria-busy])")
    assert "annas.csv" in anna.inner_text("main")
    anna.goto("/settings")
    anna.get_by_role("button", name="Sign out").click()
    anna.wait_for_url("**/login**")
    anna.goto("/runs")
    assert "/login" in anna.url


def test_deleting_my_data_asks_first_and_deletes(visit, closed_site):
    page = visit("/login", address=closed_site.address)
    page.fill("#name", "bert")
    page.fill("#token", closed_site.tokens["bert"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_selector("nav")
    page.goto("/settings")
    page.locator("#delete").click()
    assert page.locator("#ask").is_visible()
    page.locator("#ask-yes").click()
    page.wait_for_selector(".toast.good")
