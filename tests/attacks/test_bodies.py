"""Bodies that nobody should send: large ones of strangers, endless JSON, guesses that cost time."""

import itertools

import pytest

from admatch.web import auth
from admatch.web.app import _THREADS
from admatch.web.middleware import PLAIN
from tests.web.conftest import API, report_csv


@pytest.fixture
def spooled(monkeypatch):
    """Return how many bytes of forms were parsed."""
    sizes = []
    from starlette.formparsers import MultiPartParser

    parsed = MultiPartParser.on_part_data

    def counted(self, data, start, end):
        sizes.append(end - start)
        return parsed(self, data, start, end)

    monkeypatch.setattr(MultiPartParser, "on_part_data", counted)
    return sizes


def test_a_strangers_upload_is_refused_before_it_is_read(two, spooled):
    files = [("files", ("a.csv", report_csv(rows=1) + b"x" * (PLAIN + 1)))]
    two.nobody.client.cookies.set("admatch", "a made-up session")
    for headers in ({}, {"Authorization": "Bearer adm_0000000000000000_guess"}):
        answer = two.nobody.post("/reports", files=files, headers=headers)
        assert answer.status_code == 401
        assert "WWW-Authenticate" in answer.headers
    elsewhere = {"Content-Type": "multipart/form-data; boundary=x"}
    chunks = iter([b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n', b"x" * 2**20])
    answer = two.nobody.client.post(API + "/reports", content=chunks, headers=elsewhere)
    assert answer.status_code == 401
    assert spooled == []


def test_another_sites_upload_is_refused_before_it_is_read(start, spooled):
    files = [("files", ("a.csv", b"x" * (PLAIN + 1)))]
    answer = start().post("/reports", files=files, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert spooled == []


def test_only_uploads_are_large(two):
    kinds = ("application/json", "application/x-www-form-urlencoded", "", "a")
    for kind, path in itertools.product(kinds, ("/session", "/account", "/runs/x/decisions")):
        headers = {"Content-Type": kind} if kind else {}
        for content in (b"0" * (PLAIN + 1), iter([b"[0" + b",0" * (PLAIN // 2), b"]"])):
            method = "PUT" if path == "/account" else "POST"
            answer = two.anna(method, path, content=content, headers=headers)
            assert answer.status_code == 413, answer.text


SENSELESS = (
    "[" * 900_000, '{"a":' * 200_000, "9" * 900_000, '{"target_acos": 1e400}', "NaN",
    '{"name": "anna", "token": "\\ud800"}', '{"name": "\\u0000", "token": "x"}',
    '{"name": "' + "anna" * 200_000 + '", "token": "xxxxxxxxxxxx"}', '"\ud800"', "\ufeff{}",
)  # fmt: skip


def test_senseless_json_is_refused(two):
    paths = ("/session", "/runs", "/runs/x/what-if", "/runs/x/decisions")
    for content, path in itertools.product(SENSELESS, paths):
        encoded = content.encode("utf-8", "surrogatepass")
        answer = two.anna.post(path, content=encoded, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 401, 404, 422, 429), answer.text


def test_guesses_beyond_the_limit_cost_no_time(two, monkeypatch):
    verified = []
    monkeypatch.setattr(auth, "verified", lambda *given: verified.append(given))
    for number in range(60):
        headers = {"Authorization": f"Bearer {two.tokens['anna']}{number}"}
        answer = two.nobody.get("/catalogs", headers=headers)
    assert answer.status_code == 429
    assert two.nobody.post("/session", json={"name": "anna", "token": "x" * 12}).status_code == 429
    assert len(verified) < 30
    assert two.anna.get("/catalogs").status_code == 429  # never seen before, from the same address


def test_streams_of_events_are_counted(two):
    server = two.anna.client.app.state.server
    server.runs.look = lambda: None
    report = two.anna.upload_report().json()["id"]
    run = two.anna.post("/runs", json={"report_id": report, "settings": {"target_acos": 0.3}})
    path, account = f"/runs/{run.json()['id']}", two.anna.get("/account").json()["id"]
    assert two.anna("DELETE", path).status_code == 200
    assert two.anna.get(f"{path}/events").status_code == 200
    assert server.streams[account] == 0
    server.streams[account] = 50
    assert two.anna.get(f"{path}/events").status_code == 429


def test_requests_that_wait_leave_threads_to_others(start):
    server = start().client.app.state.server
    pools = (server.what_if_pool, server.search_pool, server.replay_pool, server.picture_pool)
    held = sum(pool._tasks.maxsize + len(pool._workers) for pool in pools)
    assert held <= 0.75 * _THREADS
