"""The pages as a server sends them: no browser needed."""

import re

import pytest

from admatch.web.pages.assets import version
from admatch.web.pages.routes import _own_path

HTML = {"Accept": "text/html"}
PAGES = ("/", "/runs", "/search", "/settings")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_and_strict(served, path):
    answer = served.client.get(path, headers=HTML)
    assert answer.status_code == 200
    assert "'unsafe-inline'" not in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert '<html lang="en"' in answer.text
    for address in re.findall(r'(?:src|href|data-words)="(/static/[^"]+)"', answer.text):
        assert served.client.get(address).status_code == 200, address


def test_static_files_are_kept_for_good_under_an_address_of_their_own(served):
    answer = served.client.get(f"/static/{version()}/css/admatch.css")
    assert "immutable" in answer.headers["cache-control"]
    assert served.client.get("/static/000000000000/css/admatch.css").status_code == 404
    assert served.client.get(f"/static/{version()}/../page.py").status_code == 404
    assert served.client.get(f"/static/{version()}/words/xx.js").status_code == 404


def test_the_language_is_remembered(served):
    chinese = served.client.get("/settings", headers=HTML | {"Accept-Language": "zh-CN"})
    assert '<html lang="zh-CN"' in chinese.text
    assert "删除我的数据" in chinese.text
    answer = served.client.get("/language/zh?back=/settings", headers=HTML, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/settings"
    assert "admatch_language=zh" in answer.headers["set-cookie"]
    served.client.cookies.clear()
    assert served.client.get("/language/xx", headers=HTML).status_code == 404


def test_colours_are_remembered(served):
    answer = served.client.get("/theme/dark", headers=HTML)
    assert 'data-theme="dark"' in answer.text
    served.client.cookies.clear()


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("/runs?x=1", "/runs?x=1"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\\evil.example", "/"),
        ("", "/"),
        ("/a\r\nSet-Cookie: b", "/"),
    ],
)
def test_nobody_is_led_to_another_site(path, own):
    assert _own_path(path) == own


def test_errors_are_pages_for_people_and_json_for_programs(served):
    page = served.client.get("/runs/nothing", headers=HTML)
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "There is nothing here" in page.text
    program = served.client.get("/runs/nothing", headers={"Accept": "application/json"})
    assert program.headers["content-type"] == "application/problem+json"
    api = served.client.get("/api/v1/runs/nothing", headers=HTML)
    assert api.headers["content-type"] == "application/problem+json"


def test_what_stands_in_the_address_is_text(served):
    page = served.client.get('/runs/"><script>alert(1)</script>', headers=HTML)
    assert page.status_code == 404
    assert "<script>alert" not in page.text


def test_whoever_has_to_sign_in_is_sent_there_and_back(two):
    answer = two.nobody.client.get("/runs?a=b", headers=HTML, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Fruns%3Fa%3Db"
    page = two.nobody.client.get(answer.headers["location"], headers=HTML)
    assert 'data-next="/runs?a=b"' in page.text


def test_too_many_requests_are_a_page_too(start):
    caller = start(requests_a_minute=1)
    answers = [caller.client.get("/settings", headers=HTML) for _ in range(40)]
    late = next(one for one in answers if one.status_code == 429)
    assert "Too many requests" in late.text
    assert late.headers["retry-after"]


def test_a_fault_is_a_page_that_says_nothing_of_the_inside(start, monkeypatch):
    from fastapi.testclient import TestClient

    from admatch.web.pages import routes

    def fail(*_args, **_values):
        raise RuntimeError("secret")

    caller = start()
    monkeypatch.setattr(routes, "_marketplaces", fail)
    client = TestClient(caller.client.app, raise_server_exceptions=False)
    page = client.get("/", headers=HTML)
    assert page.status_code == 500
    assert "admatch failed here" in page.text
    assert "secret" not in page.text
