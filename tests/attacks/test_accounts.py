"""Ways from one account to what is another's: all end at the door."""

from admatch.web.auth import CSRF_HEADER
from tests.attacks.record import record
from tests.web.conftest import Caller


def ways(two):
    """Yield each way by its name, and the answer that it gets."""
    bert, nobody, run = two.bert, two.nobody, f"/runs/{two.run}"
    cookie = nobody.post("/session", json={"name": "anna", "token": two.tokens["anna"]})
    signed, csrf = dict(nobody.client.cookies), cookie.json()["csrf"]
    nobody.client.cookies.clear()
    name, _, secret = two.tokens["anna"].rpartition("_")
    mixed = f"{name}_{two.tokens['bert'].rpartition('_')[2]}"
    yield "her run by its id", bert.get(run)
    yield "the pages of her run", bert.get(f"{run}/decisions")
    yield "her files", bert.get(f"{run}/downloads/recommendations.csv")
    yield "her products", bert.get(f"/catalogs/{two.catalog}/products")
    yield "a picture of hers", bert.get(f"/catalogs/{two.catalog}/pictures/B0SAMPLE01")
    yield (
        "a search of her catalog",
        bert.post("/search", data={"catalog_id": two.catalog, "words": "x"}),
    )
    yield "a run of his over her uploads", bert.post("/runs", json=two.asked)
    yield (
        "a verdict on hers",
        bert.post(f"{run}/decisions", json={"decisions": [0], "verdict": "accepted"}),
    )
    yield "an audit of hers", bert.post(f"/catalogs/{two.catalog}/audit", json={})
    yield "deleting hers", bert("DELETE", f"/catalogs/{two.catalog}")
    yield "stopping hers", bert("DELETE", run)
    yield "her id in other letters", bert.get(run.upper().replace("/RUNS", "/runs"))
    yield "up and over", bert.get(f"/catalogs/..%2f..%2f{two.catalog}")
    yield "her id with a wildcard", bert.get(f"/runs/{two.run[:6]}%25")
    yield "her id within SQL", bert.get(f"/runs/x'%20OR%20id='{two.run}")
    yield "no token", nobody.get(run)
    yield "half of each token", Caller(nobody.client, mixed, cookies=False).get(run)
    yield (
        "her token without its end",
        Caller(nobody.client, f"{name}_{secret[:-1]}", cookies=False).get(run),
    )
    yield "an empty token", Caller(nobody.client, " ", cookies=False).get(run)
    nobody.client.cookies.update(signed)
    yield (
        "her cookie from another site",
        nobody("DELETE", run, headers={"Origin": "https://evil.example", CSRF_HEADER: csrf}),
    )
    yield "her cookie with his CSRF token", nobody("DELETE", run, headers={CSRF_HEADER: csrf[::-1]})
    nobody.client.cookies.clear()
    changed = {one: value[:-3] + "abc" for one, value in signed.items()}
    nobody.client.cookies.update(changed)
    yield "a cookie like hers", nobody.get(run)
    nobody.client.cookies.clear()


def test_no_way_leads_from_one_account_to_another(secret):
    answers = dict(ways(secret))
    inside = {
        way: answer.status_code
        for way, answer in answers.items()
        if answer.status_code not in (401, 403, 404, 409, 422) or "SECRET" in answer.text
    }
    assert inside == {}
    assert len(answers) >= 12
    assert [secret.bert.get(path).json() for path in ("/catalogs", "/reports", "/runs")] == [[]] * 3
    assert secret.bert("DELETE", "/account/data").status_code == 204
    assert secret.anna.get(f"/catalogs/{secret.catalog}").json()["products"] == 2
    assert secret.anna.get(f"/runs/{secret.run}").json()["state"] in ("queued", "running", "done")
    record("accounts", tried=len(answers), held=len(answers))
