"""No route is forgotten: each is in a campaign, or is asked for here."""

import itertools
import re

import pytest

from tests.attacks.entered import HOSTILE
from tests.attacks.record import count
from tests.attacks.routes import BY_HAND, TEXTS, addresses, described, pages, plain, routes_of
from tests.web.conftest import API
from tests.web.test_openapi import operations

SCRIPT = HOSTILE["a page's script"]
OWN = re.compile(r"/(?![/\\])")  # a path of this site
COOKIES = ("admatch", "admatch_language", "admatch_theme")


def test_every_route_is_attacked(served):
    app = served.client.app
    random = {(one.method.upper(), one.path) for one in operations(served)}
    attacked = random | BY_HAND | {(method, plain(path)) for method, path in pages(app)}
    found = {(method, plain(path)) for method, path in routes_of(app)}
    assert found - attacked == set()  # add a new one to a campaign
    assert attacked - found == set()
    assert found >= described(app)
    assert len(found) > 50


def ask(client, address, headers):
    """Return what is wrong with the answer to an address of a page; None if nothing is."""
    client.cookies.clear()
    try:
        answer = client.get(address, headers=headers, follow_redirects=False)
    except Exception as error:
        return address, repr(error)[:300]
    leads = answer.headers.get("location", "/").removeprefix("http://testserver")
    wrong = answer.status_code >= 500 or SCRIPT in answer.text or "Traceback" in answer.text
    return (address, answer.status_code) if wrong or not OWN.match(leads) else None


@pytest.mark.parametrize("every", [12, pytest.param(1, marks=pytest.mark.slow)])
def test_pages_are_attacked(secret, every):
    client = secret.nobody.client
    headers = [
        {"Accept": "text/html"} | secret.anna.headers, {"Accept": "\x7f,*/*;q=nan"},
        {"Accept": "text/html", "Accept-Language": ";q=9," * 500, "Cookie": "admatch_language="},
    ]  # fmt: skip
    fallen, tried = [], 0
    for (_, path), sent in itertools.product(sorted(pages(client.app)), headers):
        for address in addresses(path, secret.run, TEXTS[::every]):
            tried += 1
            fallen.append(ask(client, address, sent))
    for name, value in itertools.product(COOKIES, TEXTS[::every]):
        text = f"{name}={value}".encode("utf-8", "surrogatepass")
        for path in ("/", "/settings", f"/runs/{secret.run}"):
            tried += 1
            fallen.append(ask(client, path, {"Accept": "text/html", "Cookie": text}))
    assert [one for one in fallen if one] == []
    assert tried > 2_000 // every
    if every == 1:
        count("pages", tried)


def test_what_random_requests_leave_out(secret):
    anna, bert, tried = secret.anna, secret.bert, 0
    bodies = ("", "[]", "null", "1", '{"run": "x"}', '{"run": 1e400}', '{"runs": true}', "{" * 9999)
    for body in bodies:
        answer = bert.post("/sample", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422, body
    for address in addresses("/runs/{run_id}/events", "x"):
        answer = bert.get(address)
        assert answer.status_code in (200, 400, 401, 404, 405, 422), address
        assert secret.report not in answer.text
        tried += 1
    assert bert.get(f"/runs/{secret.run}/events").status_code == 404
    for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}, {}):
        answer = secret.nobody("DELETE", "/account/data", headers=headers)
        assert answer.status_code in (400, 401, 403)
    assert bert("DELETE", "/account/data", content=b"x" * 100_000).status_code == 204
    assert anna.get(f"/runs/{secret.run}").status_code == 200
    assert anna.client.get(API + "/openapi.json").status_code == 200
    count("pages", tried + len(bodies) + 5)
