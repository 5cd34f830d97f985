"""How long a what-if takes in the page, from the slider's move until the new totals are drawn.

``python -m tests.benchmarks.what_if_page [MOVES]``: an invented account of 8,000 terms in 200 ad
groups with 100 products, analysed by a server of its own, in a Chromium without pauses for a
network. ``step`` moves a slider to the next value, which is fetched beforehand. ``jump`` moves it
far away, a minute after the page was opened, as the server works out the other values meanwhile.
``jump of two`` moves two sliders at once, soon after, where nothing is worked out. ``deciding`` is
the processor time of the server's part of such a jump, with what does not depend on the goals kept,
and collected anew each time.
"""

import csv
import io
import random
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from admatch.pipeline.options import AnalysisOptions
from admatch.pipeline.saved import SavedAnalysis
from admatch.web.work.saved import load_account, load_catalog, load_report
from tests.benchmarks.record import record
from tests.web.processes import Served

TERMS, SEED = 8_000, 7
TARGET = 200  # milliseconds
COLOURS = ("red", "blue", "green", "black", "white", "grey", "pink", "brown", "yellow", "orange")
THINGS = (
    *("garden hose", "desk lamp", "dog bowl", "coffee mug", "yoga mat", "bath towel", "wall clock"),
    *("phone case", "water bottle", "shower curtain", "cat tree", "car tyre", "wedding dress"),
)  # the last three are nobody's products here
MOVE = """async (values) => {
    const shown = document.querySelector('#what-if-result');
    for (const [name, value] of Object.entries(values)) {
        document.querySelector(`#slide-${name}`).value = String(value);
    }
    const slide = document.querySelector('#slide-target');
    const drawn = new Promise((done) => new MutationObserver(done).observe(
        shown, { childList: true }));
    const start = performance.now();
    slide.dispatchEvent(new Event('input', { bubbles: true }));
    await drawn;
    return performance.now() - start;
}"""


def main(moves: int) -> None:
    """Measure, and keep what was found."""
    with tempfile.TemporaryDirectory() as folder:
        server = Served(Path(folder) / "ws")
        try:
            run = analysed(server)
            paged = in_the_page(f"http://127.0.0.1:{server.port}/runs/{run['id']}", moves)
            kept, anew = deciding(Path(folder) / "ws", run, moves)
        finally:
            server.stop()
    rows = [
        *(_row(f"{what}, in the page", took) for what, took in paged.items()),
        _row("deciding, facts kept", kept),
        _row("deciding, facts collected anew", anew),
    ]
    title = f"{TERMS:,} terms; facts kept: {statistics.median(anew) / statistics.median(kept):.1f}×"
    record("what_if_page", title, rows, SEED)


def analysed(server: Served) -> dict[str, str]:
    """Return the finished run of the invented account."""
    files = [("files", ("terms.csv", invented(TERMS))), ("files", ("shop.csv", products()))]
    report = server.http.post("/reports", files=files).json()["id"]
    assert server.ended(f"/reports/{report}", 120)["state"] == "done"
    body = {"report_id": report, "settings": {"target_acos": 0.3}}
    run = server.http.post("/runs", json=body).json()["id"]
    done = server.ended(f"/runs/{run}", 600)
    assert done["state"] == "done", done["reason"]
    return {"id": run, "report": report}


def in_the_page(address: str, moves: int) -> dict[str, list[float]]:
    """Return milliseconds of moves of each kind."""
    chance = random.Random(SEED)
    found = shutil.which("chromium")
    with sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu"]
        )
        page = _opened(browser, address, 5000)  # somebody looks at the sliders first
        places = [(chance.randrange(40, 100), 5 * chance.randrange(1, 20)) for _ in range(moves)]
        both = [_moved(page, target=target, rho=rho) for target, rho in places]
        page = _opened(browser, address, 60_000)
        now, steps = 30, []
        for _ in range(moves):
            now += chance.choice((-1, 1))
            steps.append(_moved(page, target=now))
        jumps = [_moved(page, target=value) for value in chance.sample(range(40, 100), moves)]
        browser.close()
    return {"step": steps, "jump": jumps, "jump of two": both}


def _opened(browser: Browser, address: str, wait: int) -> Page:
    page = browser.new_page()
    page.goto(address)
    page.wait_for_selector(".decisions .line")
    page.locator("#what-if").scroll_into_view_if_needed()
    page.wait_for_timeout(wait)
    return page


def _moved(page: Page, **values: int) -> float:
    took = float(page.evaluate(MOVE, values))
    page.wait_for_timeout(400)
    return took


def deciding(workspace: Path, run: dict[str, str], moves: int) -> tuple[list[float], list[float]]:
    """Return milliseconds of processor time for other goals: with kept facts, and without."""
    (result,) = workspace.glob(f"files/*/{run['id']}/result")
    folder = result.parent.parent / run["report"]
    read = folder / "read"
    catalog = load_catalog(read, folder)
    saved = SavedAnalysis(result, load_report(read), catalog, load_account(read))
    targets = [0.2 + 0.005 * at for at in range(moves)]
    return _timed(saved, targets, anew=False), _timed(saved, targets, anew=True)


def _timed(saved: SavedAnalysis, targets: list[float], *, anew: bool) -> list[float]:
    took = []
    saved.advise(AnalysisOptions(target_acos=0.15))
    for target in targets:
        if anew:
            saved.forget()
        began = time.process_time()
        saved.advise(AnalysisOptions(target_acos=target))
        took.append(1000 * (time.process_time() - began))
    return took


def invented(terms: int) -> bytes:
    """Return a report whose terms sell now and then."""
    held = io.StringIO()
    out = csv.writer(held)
    out.writerow(
        ["Start Date", "End Date", "Portfolio name", "Currency", "Campaign Name", "Ad Group Name",
         "Targeting", "Match Type", "Customer Search Term", "Impressions", "Clicks", "Spend",
         "7 Day Total Sales ", "7 Day Total Orders (#)"]
    )  # fmt: skip
    chance = random.Random(SEED)
    for at in range(terms):
        clicks = min(400, int(chance.paretovariate(0.9)))
        orders = sum(chance.random() < 0.06 for _ in range(clicks))
        out.writerow(
            ["2025-05-01", "2025-05-30", "P", "USD", f"C{at % 20}", f"G{at % 200}", f"k{at % 900}",
             "broad", f"{COLOURS[at % 10]} {THINGS[at % 13]} {at}", clicks * 90, clicks,
             f"{clicks * chance.uniform(0.3, 0.9):.2f}", f"{orders * 14.99:.2f}", orders]
        )  # fmt: skip
    return held.getvalue().encode()


def products() -> bytes:
    """Return a list of products that the terms are about."""
    lines = [f"P{at},{COLOURS[at % 10]} {THINGS[at // 10]}" for at in range(100)]
    return "\n".join(["product_id,title", *lines]).encode()


def _row(what: str, milliseconds: list[float]) -> dict[str, object]:
    cuts = statistics.quantiles(milliseconds, n=20)
    return {
        "system": what,
        "moves": len(milliseconds),
        "median ms": round(cuts[9]),
        "p95 ms": round(cuts[18]),
        "target ms": TARGET,
    }


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
