"""Make the pictures of the page in ``data/docs`` anew: ``python -m tests.make_pictures``.

They show the example as a visitor of today's code sees it, in a Chromium that is installed.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.web.processes import Served

DOCS = Path(__file__).parents[1] / "data" / "docs"
WIDE, PHONE = {"width": 1280, "height": 820}, {"width": 390, "height": 844}


def main() -> None:
    """Run the example and take the four pictures."""
    with tempfile.TemporaryDirectory() as folder:
        server = Served(Path(folder) / "ws")
        try:
            made = server.http.post("/sample", json={"run": True}).json()
            done = server.ended(f"/runs/{made['run_id']}", 900)
            assert done["state"] == "done", done["reason"]
            with browser() as opened:
                take(opened, f"http://127.0.0.1:{server.port}/runs/{made['run_id']}")
        finally:
            server.stop()


@contextmanager
def browser() -> Iterator[Browser]:
    """A Chromium: the system's, or the one that Playwright brings."""
    with sync_playwright() as started:
        opened = started.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        yield opened
        opened.close()


def take(opened: Browser, address: str) -> None:
    """Take the pictures of a finished run."""
    page = visit(opened, address, viewport=WIDE, locale="en-US")
    page.screenshot(path=DOCS / "web-results.png")
    page.locator(".decisions .tag.bid-down").nth(1).scroll_into_view_if_needed()
    row = page.locator(".decisions .line", has=page.locator(".tag.bid-down")).nth(1)
    row.locator(".term").click()
    page.wait_for_selector(".detail .reason")
    row.evaluate("(one) => scrollTo(0, one.getBoundingClientRect().top + scrollY - 92)")
    shot(page, "web-decisions")
    slide = page.locator("#slide-target")
    slide.scroll_into_view_if_needed()
    slide.fill("25")
    page.wait_for_selector(".totals thead th:nth-child(4)")
    page.locator("#what-if .about").evaluate(
        "(one) => scrollTo(0, one.getBoundingClientRect().top + scrollY - 56)"
    )
    shot(page, "web-what-if")
    shot(visit(opened, address, viewport=PHONE, locale="zh-CN", color_scheme="dark"),
         "web-phone-zh")  # fmt: skip


def visit(opened: Browser, address: str, **settings: object) -> Page:
    """Open a run as a new visitor does."""
    page = opened.new_context(reduced_motion="reduce", **settings).new_page()  # type: ignore[arg-type]
    page.goto(address)
    page.wait_for_selector(".decisions .line")
    page.wait_for_load_state("networkidle")
    return page


def shot(page: Page, name: str) -> None:
    """Take a picture of what is in sight, its own pictures loaded."""
    page.wait_for_timeout(1500)
    page.screenshot(path=DOCS / f"{name}.png")


if __name__ == "__main__":
    main()
