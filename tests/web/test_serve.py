import socket
import time

import pytest
from typer.testing import CliRunner

from admatch.cli.main import app
from tests.web.conftest import report_csv
from tests.web.processes import Served

pytestmark = pytest.mark.long


@pytest.fixture
def serve(tmp_path):
    started = []

    def starting(*options, **settings):
        started.append(Served(tmp_path / "ws", *options, **settings))
        return started[-1]

    yield starting
    for one in started:
        one.stop()


def run(*words):
    return CliRunner().invoke(app, ["serve", *map(str, words)])


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.10", "::", "example.com"])
def test_an_open_door_is_refused(tmp_path, host):
    result = run("--workspace", tmp_path, "--host", host)
    assert result.exit_code == 2
    assert "token" in result.output


def test_a_name_for_others_needs_a_token(tmp_path):
    result = run("--workspace", tmp_path, "--name", "ads.example.com")
    assert result.exit_code == 2
    assert "token" in result.output


def test_a_short_token_is_refused(tmp_path):
    result = run("--workspace", tmp_path, "--token", "short")
    assert result.exit_code == 1
    assert "at least 12" in result.output


def test_an_account_is_made_once(tmp_path):
    made = run("--workspace", tmp_path, "--add-account", "anna")
    assert made.exit_code == 0
    assert made.stdout.startswith("adm_")
    again = run("--workspace", tmp_path, "--add-account", "anna")
    assert again.exit_code == 1
    assert "already" in again.output


def test_it_starts_quickly_works_and_stops(serve):
    server = serve()
    assert server.seconds_to_start < 30  # 1.8 s on a quiet machine
    files = [("files", ("a.csv", report_csv("oat")))]
    report = server.http.post("/reports", files=files).json()
    assert server.ended(f"/reports/{report['id']}")["state"] == "done"
    foreign = server.http.get("/session", headers={"Host": "evil.example"})
    assert foreign.status_code == 400  # only its own names are answered
    result = run("--workspace", server.log.parent / "ws")
    assert result.exit_code == 1
    assert f"in use by process {server.process.pid}" in result.output
    assert server.stop() == 0
    assert "Traceback" not in server.log.read_text()


def test_a_token_closes_the_door(serve):
    server = serve("--token", "a token of my own")
    assert server.http.get("/catalogs").status_code == 401
    mine = {"Authorization": "Bearer a token of my own"}
    assert server.http.get("/catalogs", headers=mine).status_code == 200
    sign = {"name": "local", "token": "a token of my own"}
    assert server.http.post("/session", json=sign).status_code == 200


def test_the_local_account_cannot_be_added(tmp_path):
    made = run("--workspace", tmp_path, "--add-account", "local")
    assert made.exit_code == 1
    assert "choose another name" in made.output


def test_a_header_does_not_hide_who_guesses(serve):
    server = serve("--token", "a token of my own")
    wrong = {"name": "local", "token": "not the token at all"}
    for number in range(60):  # a slow machine has time to forgive some
        claimed = {"X-Forwarded-For": f"10.0.0.{number}", "Forwarded": f"for=10.0.0.{number}"}
        status = server.http.post("/session", json=wrong, headers=claimed).status_code
        if status != 401:
            break
    assert status == 429


def test_idle_clients_do_not_hold_up_the_page(serve):
    server = serve(descriptors=400)
    idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(500)]
    try:
        began = time.monotonic()
        assert server.http.get("/session").status_code == 200
        assert time.monotonic() - began < 20  # 3 s on a quiet machine
    finally:
        for one in idle:
            one.close()


def test_a_server_that_is_killed_finishes_its_work_later(serve):
    server = serve()
    header, row = report_csv("x").splitlines(keepends=True)[:2]
    content = header + b"".join(row.replace(b"x,", b"t%d," % one) for one in range(60_000))
    files = [("files", ("large.csv", content))]
    report = server.http.post("/reports", files=files).json()
    assert server.http.get(f"/reports/{report['id']}").json()["state"] in ("queued", "running")
    server.kill()
    again = serve()
    result = again.ended(f"/reports/{report['id']}")
    assert result["state"] == "done", result
    assert result["rows"] == 60_000


@pytest.mark.slow
def test_a_server_that_is_killed_in_the_middle_of_a_run_finishes_it_later(serve):
    server = serve()
    made = server.http.post("/sample", json={"run": True}).json()
    path = f"/runs/{made['run_id']}"
    end = time.monotonic() + 120
    while (result := server.http.get(path).json())["state"] != "running":
        assert time.monotonic() < end, result
        time.sleep(0.05)
    server.kill()
    again = serve()
    result = again.ended(path, 240)
    assert result["state"] == "done", result
    assert result["attempts"] == 2
    assert again.http.get(f"{path}/results").status_code == 200


@pytest.mark.slow
def test_cancelling_a_run_ends_it_at_once(serve):
    server = serve("--workers", "1")
    made = [server.http.post("/sample", json={"run": True}).json() for _ in range(2)]
    first, second = (f"/runs/{one['run_id']}" for one in made)
    while server.http.get(first).json()["state"] != "running":
        time.sleep(0.05)
    began = time.monotonic()
    assert server.http.request("DELETE", first).json()["state"] == "cancelled"
    assert time.monotonic() - began < 5
    assert server.ended(second, 240)["state"] == "done"
    assert server.http.get(first).json()["state"] == "cancelled"
