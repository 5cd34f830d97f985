"""A server that a browser can reach, and the browser; skipped where there is none."""

import contextlib
import shutil
import socket
import threading
import time
from types import SimpleNamespace

import pytest
import uvicorn

from admatch.web.store.accounts import add_account
from tests.web.conftest import make_app

ARGUMENTS = ["--no-sandbox", "--disable-gpu"]  # without one, drawing by its software is slow


class Site:
    """An app, served from a thread to whoever knows its port."""

    def __init__(self, folder, **settings):
        self.app = make_app(folder, **settings)
        held = socket.socket()
        held.bind(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{held.getsockname()[1]}"
        config = uvicorn.Config(self.app, log_level="error", lifespan="on")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([held],), daemon=True)
        self._thread.start()
        until = time.monotonic() + 30
        while not self._server.started:
            assert time.monotonic() < until, "the server does not start"
            time.sleep(0.02)

    def close(self):
        self._server.should_exit = True
        self._thread.join(20)


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The server of whoever sits at this computer."""
    with contextlib.closing(Site(tmp_path_factory.mktemp("pages"), workers=1)) as made:
        yield made


@pytest.fixture
def closed_site(tmp_path):
    """A server that two accounts have to sign in to."""
    with contextlib.closing(Site(tmp_path / "ws", workers=1, open_access=False)) as made:
        workspace = made.app.state.server.workspace
        tokens = {name: add_account(workspace, name) for name in ("anna", "bert")}
        yield SimpleNamespace(address=made.address, tokens=tokens)


@pytest.fixture(scope="session")
def browser():
    """Chromium: Debian's, or the one that Playwright brings."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    with playwright.sync_playwright() as started:
        try:
            opened = started.chromium.launch(executable_path=found, args=ARGUMENTS)
        except playwright.Error as error:
            pytest.skip(f"no browser to look with: {str(error).splitlines()[0]}")
        yield opened
        opened.close()


@pytest.fixture
def visit(browser, site):
    """Open pages, each as a visitor of its own; every fault in their scripts fails the test."""
    faults, opened = [], []

    def visiting(path="/", *, address=None, expected=(), **settings):
        settings = {"locale": "en-US", "reduced_motion": "reduce"} | settings
        context = browser.new_context(base_url=address or site.address, **settings)
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)  # the machine may have other work
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: _keep(faults, line, expected))
        page.goto(path)
        return page

    yield visiting
    for context in opened:
        context.close()
    assert not faults


def _keep(faults, line, expected):
    text = f"{line.text} {line.location.get('url', '')}"
    if line.type == "error" and not any(one in text for one in expected):
        faults.append(text)


@pytest.fixture(scope="session")
def sample_run(browser, site):
    """The address of the example's results, reached as a visitor reaches them."""
    context = browser.new_context(base_url=site.address, locale="en-US")
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto("/")
    page.get_by_role("button", name="Try it with an example").click()
    page.wait_for_url("**/runs/*")
    assert page.get_by_role("button", name="Stop the analysis").is_visible()
    page.wait_for_selector("#results:not([aria-busy])", timeout=240_000)
    address = page.url.removeprefix(site.address)
    context.close()
    return address
