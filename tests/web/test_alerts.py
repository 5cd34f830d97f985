"""What is unlike before, on the page: word for word what a job says on the same day."""

from datetime import date, timedelta

import pytest

from tests.jobs.conftest import FIRST, shop  # noqa: F401 - a fixture
from tests.jobs.test_alerts import DAY, DAYS, busy
from tests.jobs.test_run import night

pytestmark = pytest.mark.long


def results(served, path):
    report = served.upload_report(path.read_bytes()).json()
    catalog = served.upload_catalog((path.parents[1] / "catalog.csv").read_bytes()).json()
    asked = {"catalog_id": catalog["id"], "report_id": report["id"],
             "settings": {"target_acos": 0.3}}  # fmt: skip
    run = served.ended(f"/runs/{served.post('/runs', json=asked).json()['id']}", 240)
    assert run["state"] == "done", run["reason"]
    return served.get(f"/runs/{run['id']}/results").json()


def test_a_run_says_what_a_job_says(served, shop):  # noqa: F811
    busy(shop, dear=DAYS - 7)
    told = night(shop, DAY)["alerts"]
    assert {one["kind"] for one in told} == {"cpc", "spend"}
    found = results(served, shop.folder / "reports" / "a.csv")["alerts"]
    last = str(FIRST + timedelta(days=DAYS - 1))
    assert [one for one in found if one["day"] == last] == told
    assert {date.fromisoformat(one["day"]) for one in found} <= {
        date.fromisoformat(last) - timedelta(days=age) for age in range(7)
    }


def test_a_report_without_days_shows_none(served, sample):
    assert served.get(f"{sample.path}/results").json()["alerts"] == []
