"""Servers over workspaces of their own; one of them with a finished run on the sample."""

import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient

from admatch.web.app import create_app
from admatch.web.limits import Limits
from admatch.web.server import ServerSettings
from admatch.web.store.accounts import add_account

API = "/api/v1"
HEADER = (
    "Start Date,End Date,Portfolio name,Currency,Campaign Name,Ad Group Name,Targeting,Match Type,"
    "Customer Search Term,Impressions,Clicks,Spend,7 Day Total Sales ,7 Day Total Orders (#)\n"
)


def report_csv(*terms: str, rows: int = 0) -> bytes:
    """A search-term report, of the terms or of so many rows."""
    names = terms or tuple(f"term {number}" for number in range(rows))
    lines = [
        f'"May 01, 2025","May 30, 2025",P,USD,All,Group,close-match,-,"{name}",100,5,1.50,0.00,0\n'
        for name in names
    ]
    return (HEADER + "".join(lines)).encode()


CATALOG = b"product_id,title,price\nB0SAMPLE01,Oat drink 1 l,2.99\nB0SAMPLE02,Whole milk,1.99\n"


def text(message) -> str:
    """The English text of a message that the API answers."""
    return message if isinstance(message, str) else message["text"]


class Caller:
    """A client of one server, with the requests that tests repeat."""

    def __init__(
        self, client: TestClient, token: str | None = None, *, cookies: bool = True
    ) -> None:
        self.client, self.cookies = client, cookies
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    @property
    def folder(self):
        """The server's workspace."""
        return self.client.app.state.server.workspace.folder

    def __call__(self, method, path, **options):
        headers = self.headers | options.pop("headers", {})
        if not self.cookies:  # of a session that an earlier test began
            self.client.cookies.clear()
        return self.client.request(method, API + path, headers=headers, **options)

    def get(self, path, **options):
        return self("GET", path, **options)

    def post(self, path, **options):
        return self("POST", path, **options)

    def upload_report(self, content=None, name="report.csv", **data):
        files = [("files", (name, report_csv("oat milk") if content is None else content))]
        return self.post("/reports", files=files, data=data)

    def upload_catalog(self, content=CATALOG, name="catalog.csv", pictures=()):
        files = [("file", (name, content)), *(("pictures", one) for one in pictures)]
        return self.post("/catalogs", files=files)

    def ended(self, path, seconds=90):
        """Wait until an upload or a run is over; return it."""
        until = time.monotonic() + seconds
        while (result := self.get(path).json())["state"] in ("queued", "running"):
            assert time.monotonic() < until, result
            time.sleep(0.1)
        return result


def make_app(folder: Path, **settings):
    return create_app(folder, ServerSettings(**{"hosts": (), "warm": False} | settings))


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """One server for tests that leave nothing behind that others would stumble over."""
    app = make_app(tmp_path_factory.mktemp("served") / "ws", workers=1)
    with TestClient(app) as client:
        yield Caller(client, cookies=False)


@pytest.fixture
def start(tmp_path):
    """Start servers over one workspace, one after the other."""
    opened = []

    def starting(**settings):
        client = TestClient(make_app(tmp_path / "ws", **settings))
        client.__enter__()
        opened.append(client)
        return Caller(client)

    yield starting
    for client in opened:
        if not client.app.state.server.closed:
            client.__exit__(None, None, None)


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """A server with limits that a test can reach."""
    limits = Limits(
        request=400_000, file=200_000, files=3, unpacked=12 * 2**20, ratio=100, members=20,
        sheets=3, rows=2_000, cells=40_000, picture=50_000,
    )  # fmt: skip
    with TestClient(make_app(tmp_path_factory.mktemp("small"), limits=limits)) as client:
        yield Caller(client, cookies=False)


@pytest.fixture
def two(start):
    """A server that two accounts have to sign in to."""
    caller = start(open_access=False)
    workspace = caller.client.app.state.server.workspace
    tokens = {name: add_account(workspace, name) for name in ("anna", "bert")}
    callers = {name: Caller(caller.client, token) for name, token in tokens.items()}
    return SimpleNamespace(nobody=caller, tokens=tokens, **callers)


@pytest.fixture(scope="session")
def sample(served):
    """The sample's run, done once for all tests that look at results."""
    made = served.post("/sample", json={"run": True}).json()
    run = served.ended(f"/runs/{made['run_id']}", 300)
    assert run["state"] == "done", run["reason"]
    return SimpleNamespace(**made, path=f"/runs/{made['run_id']}")
