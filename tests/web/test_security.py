import time

import pytest

from admatch.web.auth import CSRF_HEADER
from admatch.web.rate_limits import RateLimits
from admatch.web.store.accounts import find_account, set_secret
from tests.web.conftest import API, Caller, make_app


def test_every_answer_has_the_headers(served):
    for path in ("/api/v1/session", "/nowhere", "/api/v1/catalogs/none"):
        headers = served.client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert "server" not in headers


def test_a_session_cookie_is_not_for_scripts_or_other_sites(start):
    answer = start(secure=True).get("/session")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-admatch=")
    for part in ("HttpOnly", "SameSite=strict", "Secure", "Path=/"):
        assert part in cookie
    assert "strict-transport-security" in answer.headers


def test_what_a_cookie_vouches_for_needs_the_csrf_token(start):
    caller = start()
    csrf = caller.get("/session").json()["csrf"]
    refused = caller.upload_catalog()
    assert refused.status_code == 403
    assert CSRF_HEADER in refused.json()["detail"]
    wrong = caller("PUT", "/account", json={"keep_days": 3}, headers={CSRF_HEADER: csrf + "x"})
    assert wrong.status_code == 403
    right = caller("PUT", "/account", json={"keep_days": 3}, headers={CSRF_HEADER: csrf})
    assert right.json()["keep_days"] == 3


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_other_sites_cannot_make_a_browser_send_anything(served, headers):
    answer = served("DELETE", "/account/data", headers=headers)
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("kind", ["Basic YTpi", "Digest x", "Bearer", "x", ""])
def test_only_a_verified_token_stands_for_the_csrf_token(start, kind):
    caller = start()
    csrf = caller.get("/session").json()["csrf"]
    asked = {"json": {"keep_days": 3}, "headers": {"Authorization": kind}}
    assert caller("PUT", "/account", **asked).status_code == 403
    asked["headers"] |= {"Sec-Fetch-Site": "cross-site", CSRF_HEADER: csrf}
    assert caller("PUT", "/account", **asked).status_code == 403
    asked["headers"] |= {"Sec-Fetch-Site": "same-origin"}
    assert caller("PUT", "/account", **asked).status_code == 200


def test_another_site_reaches_nobody_with_a_made_up_header(served):
    headers = {"Authorization": "Basic YTpi", "Origin": "https://evil.example"}
    assert served("DELETE", "/account/data", headers=headers).status_code == 403


def test_another_token_ends_what_the_old_one_opened(two):
    workspace = two.nobody.client.app.state.server.workspace
    sign = {"name": "anna", "token": two.tokens["anna"]}
    assert two.nobody.post("/session", json=sign).status_code == 200
    assert two.nobody.get("/catalogs").status_code == 200
    assert two.anna.get("/catalogs").status_code == 200
    set_secret(workspace, find_account(workspace, "anna"), "another token of hers")
    assert two.nobody.get("/catalogs").status_code == 401
    two.nobody.client.cookies.clear()
    assert two.anna.get("/catalogs").status_code == 401
    assert two.bert.get("/catalogs").status_code == 200


def test_a_session_of_an_open_server_ends_when_it_is_closed(start):
    caller = start()
    assert caller.get("/session").status_code == 200
    cookies = dict(caller.client.cookies)
    caller.client.__exit__(None, None, None)
    closed = start(open_access=False)
    closed.client.cookies.update(cookies)
    assert closed.get("/catalogs").status_code == 401


def test_old_data_are_deleted_in_the_next_hour_if_this_one_failed(start, monkeypatch):
    calls = []

    def delete(workspace, days):
        calls.append(days)
        if len(calls) == 1:
            raise OSError("the disk is full")

    monkeypatch.setattr("admatch.web.server._HOUR", 0.01)
    monkeypatch.setattr("admatch.web.server.delete_expired", delete)
    start(keep_days=3)
    end = time.monotonic() + 10
    while len(calls) < 3:
        assert time.monotonic() < end, calls
        time.sleep(0.01)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1, evil.example",
        "127.0.0.1:80, evil.example",
        "localhost evil.example",
        "127.0.0.1:80:80",
        "127.0.0.1:http",
        "localhost@evil.example",
        "[::1]evil.example",
        "[::1",
        "127.0.0.1/",
        "",
    ],
)
def test_a_foreign_or_malformed_host_name_is_refused(start, host):
    caller = start(hosts=("localhost", "127.0.0.1", "[::1]"))
    assert caller.get("/session", headers={"Host": host}).status_code == 400


def test_only_one_host_name_is_understood(start):
    caller = start(hosts=("localhost",))
    both = [("Host", "localhost"), ("Host", "evil.example")]
    assert caller.client.get("/api/v1/session", headers=both).status_code == 400


def test_its_own_host_names_are_answered(start):
    caller = start(hosts=("localhost", "127.0.0.1", "[::1]"))
    for host in ("localhost:8765", "127.0.0.1", "[::1]:80", "LOCALHOST"):
        assert caller.get("/session", headers={"Host": host}).status_code == 200


def test_nobody_gets_in_without_a_token(two):
    for method, path in (
        ("GET", "/catalogs"),
        ("GET", "/runs"),
        ("GET", "/session"),
        ("DELETE", "/account/data"),
        ("GET", "/runs/x/results"),
        ("POST", "/search"),
    ):
        answer = two.nobody(method, path)
        assert answer.status_code in (401, 422), (method, path)
        assert "text/html" not in answer.headers["content-type"]
    assert two.anna.get("/catalogs").json() == []


def test_signing_in_and_out(two):
    sign = {"name": "anna", "token": two.tokens["anna"]}
    answer = two.nobody.post("/session", json=sign)
    assert answer.json()["account"]["name"] == "anna"
    csrf = answer.json()["csrf"]
    assert two.nobody.get("/session").json()["account"]["name"] == "anna"
    assert two.nobody("DELETE", "/session").status_code == 403
    assert two.nobody("DELETE", "/session", headers={CSRF_HEADER: csrf}).status_code == 204
    assert two.nobody.get("/session").status_code == 401


def test_guessing_is_slowed_down(two):
    answers = []
    for name in ("anna", "nobody", *["anna"] * 60):  # a slow machine has time to forgive some
        wrong = {"name": name, "token": "wrong" * 5}
        answers.append(two.nobody.post("/session", json=wrong).status_code)
        if answers[-1] != 401:
            break
    assert len(answers) > 10
    assert answers[-1] == 429
    guess = Caller(two.nobody.client, "adm_0000000000000000_guess").get("/catalogs")
    assert guess.status_code == 429
    assert int(guess.headers["retry-after"]) > 0


def test_too_many_requests_are_asked_to_come_back_later(start):
    caller = start(requests_a_minute=5)
    answers = [caller.get("/catalogs") for _ in range(8)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert "try again" in answers[-1].json()["detail"]


def test_rates_fill_up_again(monkeypatch):
    moment = [0.0]
    monkeypatch.setattr("admatch.web.rate_limits.time.monotonic", lambda: moment[0])
    rates = RateLimits(60)
    assert [rates.take("login", "x") == 0 for _ in range(11)] == [True] * 10 + [False]
    assert rates.take("login", "another") == 0
    moment[0] = 6.1
    assert rates.take("login", "x") == 0


def test_the_access_log_holds_no_contents(start, tmp_path):
    caller = start()
    caller.get("/catalogs?secret=SECRET-QUERY", headers={"X-Note": "SECRET-HEADER"})
    caller.client.get("/a%0Ab%1b[31m")
    caller.upload_report(report_csv_secret(), "SECRET-NAME.csv")
    log = (tmp_path / "ws" / "access.log").read_text()
    assert "SECRET" not in log
    assert "GET /api/v1/catalogs 200" in log
    assert all("ms" in line for line in log.splitlines())


def test_the_access_log_holds_no_products(start, tmp_path):
    caller = start()
    for path in ("/catalogs/none/pictures/B0SECRET01", "/catalogs/none/audit/products/B0SECRET01"):
        assert caller.get(path).status_code == 404
    log = (tmp_path / "ws" / "access.log").read_text()
    assert "SECRET" not in log
    assert "GET /api/v1/catalogs/none/pictures/… 404" in log


def report_csv_secret() -> bytes:
    from tests.web.conftest import report_csv

    return report_csv("SECRET-TERM")


def test_deleting_my_data_deletes_it(start, tmp_path):
    caller = start()
    catalog = caller.upload_catalog(
        b"product_id,title\nB0SECRET01,SECRETTITLE drink\n", "SECRETNAME.csv"
    ).json()["id"]
    report = caller.upload_report(report_csv_secret(), "SECRETNAME.csv").json()["id"]
    assert caller.ended(f"/catalogs/{catalog}")["state"] == "done"
    assert caller.ended(f"/reports/{report}")["state"] == "done"
    assert caller("DELETE", "/account/data").status_code == 204
    assert caller.get("/catalogs").json() == caller.get("/reports").json() == []
    caller.client.__exit__(None, None, None)
    for file in (tmp_path / "ws").rglob("*"):
        if file.is_file():
            assert b"SECRET" not in file.read_bytes(), file


def test_the_openapi_document_is_the_only_one(served):
    assert served.get("/openapi.json").json()["info"]["title"] == "admatch"
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert served.client.get(path).status_code == 404


def test_problems_are_problem_json(served):
    answer = served.client.get(API + "/runs/none")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json()) == {"type", "title", "status", "detail", "message"}


def test_a_workspace_is_closed_to_others(tmp_path):
    make_app(tmp_path / "ws")
    assert (tmp_path / "ws").stat().st_mode & 0o077 == 0
