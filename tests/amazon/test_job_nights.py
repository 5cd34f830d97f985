"""A job whose account is fetched, changed and watched through the API, night after night."""

import json
import random
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from admatch.amazon import client as client_module
from admatch.amazon.regions import Endpoints
from admatch.amazon.versions import ApiVersion
from admatch.cli.main import app
from admatch.index.shipped import Pair
from admatch.jobs.read import read_job
from admatch.jobs.run import run_job
from admatch.pipeline.models import Models

from .fake import PROFILE
from .faults import Faults
from .scenario import shop
from .test_credentials import ENVIRONMENT

DAY = date(2026, 9, 20)
JOB = f"""
[amazon]
region = "NA"
api = "API"

[[account]]
name = "Hose shop"
catalog = "catalog.csv"
target_acos = 0.3
[account.amazon]
profile = "{PROFILE}"
[account.amazon.allow]
profiles = ["{PROFILE}"]
kinds = ["negative-keyword", "keyword", "bid-down", "bid-up"]
most_changes = 50
most_money = 20
"""
# term: clicks a day, and orders of a hundred clicks
TERMS = {"garden hose": (6, 25), "hose reel": (5, 20), "red shoes": (4, 0), "opera tickets": (3, 0)}
# place: clicks a day, and orders every other day; as many as of the terms
PLACES = {
    "Top of Search on-Amazon": (9, 0), "Detail Page on-Amazon": (5, 1), "Other on-Amazon": (4, 1),
    "Off Amazon": (3, 0),
}  # fmt: skip
NO_PLACES = {"Off Amazon": (3, 0)}  # nothing that a percentage changes


class Account:
    """Daily figures of the auto campaign up to yesterday, as Amazon would report them."""

    def __init__(self, place):
        self.place, self.today, self.places, self.spent = place, DAY, NO_PLACES, 14.4

    def until(self, day):
        known = Account(self.place)
        known.today = day
        return known

    def rows(self, configuration, first):
        day, found = date.fromisoformat(first), []
        bought = "purchasedAsin" in configuration["columns"]
        placed = "placementClassification" in configuration["columns"]
        while day < self.today and day.month == date.fromisoformat(first).month:
            rng = np.random.default_rng(day.toordinal())
            every = [self._row(configuration, day, term, rng) for term in TERMS]
            if "campaignBudgetAmount" in configuration["columns"]:
                every = [every[0] | {"cost": self.spent, "campaignBudgetAmount": 20.0}]
            if placed:
                every = [self._placed(configuration, day, place) for place in self.places]
            found += every[: day.day % 3 == 0] if bought else every
            day += timedelta(1)
        return found

    def _placed(self, configuration, day, place):
        """A placement's clicks; the top of search sells next to nothing."""
        clicks, orders = self.places[place]
        orders = orders if day.day % 2 else 0
        row = self._row(configuration, day, "garden hose", np.random.default_rng(0))
        return row | {
            "placementClassification": place, "clicks": clicks, "impressions": clicks * 40,
            "cost": clicks * 0.8, "purchases7d": orders, "unitsSoldClicks7d": orders,
            "sales7d": orders * 25.0,
        }  # fmt: skip

    def _row(self, configuration, day, term, rng):
        clicks = TERMS[term][0]
        orders = int(rng.binomial(clicks, TERMS[term][1] / 100))
        known = {
            "date": str(day), "campaignName": self.place.campaign, "matchType": "TARGETING",
            "campaignId": int(self.place.campaign_id), "adGroupName": self.place.ad_group,
            "adGroupId": int(self.place.ad_group_id), "keywordType": "TARGETING_EXPRESSION",
            "keyword": "close-match", "targeting": "close-match", "searchTerm": term,
            "campaignBudgetCurrencyCode": "USD", "impressions": clicks * 40, "clicks": clicks,
            "cost": clicks * 0.8, "purchases7d": orders, "unitsSoldClicks7d": orders,
            "sales7d": orders * 25.0, "advertisedAsin": "B0HOSES001", "advertisedSku": "H1",
            "purchasedAsin": "B0HOSES002", "purchasesOtherSku7d": 1, "unitsSoldOtherSku7d": 1,
            "salesOtherSku7d": 25.0,
        }  # fmt: skip
        return {name: known.get(name, 0) for name in configuration["columns"]}


@pytest.fixture(params=ApiVersion)
def version(request):
    return request.param


@pytest.fixture
def hoses(server, ads, tmp_path, monkeypatch, encoder, model, version):
    """Return what runs the job on a day, and the account behind it."""
    here = Endpoints(server.address, f"{server.address}/auth/o2/token")
    monkeypatch.setattr("admatch.amazon.open.find_region", lambda code: here)
    monkeypatch.setattr(client_module, "SystemClock", lambda: ads.clock)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    account = Account(shop(ads)[1])
    ads.report_rows = account.rows
    write_job(tmp_path, version)
    pair = Pair(encoder, model)
    models = Models(lambda *_: pair)

    def night(day=DAY, folder=tmp_path):
        account.today = day
        return run_job(read_job(folder / "job.toml"), day, models=models)[0]

    night.account, night.folder = account, tmp_path
    return night


def write_job(folder, version):
    """Write a job file for this version of the API, and its catalog."""
    folder.mkdir(exist_ok=True)
    (folder / "job.toml").write_text(JOB.replace("API", version))
    (folder / "catalog.csv").write_text(
        "product_id,title,price,currency\nB0HOSES001,garden hose 50 ft,25,USD\n"
        "B0HOSES002,hose reel,25,USD\n"
    )


def typed(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_fetched_decided_applied_remembered_left_alone(hoses, ads):
    first = hoses()
    assert first["state"] == "done", first
    assert first["days"] == 81  # whole months
    assert first["to_upload"] >= 1
    asked = dict(ads.asked)
    assert any(one.startswith("26 orders") for one in first["insights"])  # of other products
    assert hoses()["state"] == "nothing new"
    assert ads.asked == asked

    job = hoses.folder / "job.toml"
    done = typed("apply", first["folder"], "--job", job, "--apply")
    assert done.exit_code == 0, done.output
    assert "applied" in done.stdout
    shown = json.loads(typed("history", job, "--format", "json").stdout)
    assert shown[0]["applied"] == {"applied": first["to_upload"]}
    assert f"applied {first['to_upload']}" in typed("history", job).stdout
    bids = typed("apply", f"{first['folder']}/bids", "--job", job)
    assert bids.exit_code == 0, bids.output

    # the next night fetches what may have changed, and leaves alone what was changed
    rows_of = hoses.account.rows
    ads.report_rows = lambda *of: [
        row | ({"cost": row["cost"] * 2} if "cost" in row else {}) for row in rows_of(*of)
    ]
    second = hoses(DAY + timedelta(2))
    assert second["state"] == "done", second
    assert (second["rows"], second["rows_corrected"]) == (4 * 83, 4 * 50)  # August and September
    assert second["seen"] == 0  # the journal said so before the account did
    frame = pl.read_parquet(f"{second['folder']}/recommendations.parquet")
    cooled = frame.filter(pl.col("reason").str.contains("within the cooldown"))
    changes = json.loads(Path(first["folder"], "changes.manifest.json").read_text())["changes"]
    negated = {one["change"]["text"] for one in changes if "Negative" in one["change"]["entity"]}
    assert negated
    assert set(cooled["search_term"]) == negated


def test_the_next_day_with_the_same_rows_brings_nothing_new(hoses, ads):
    """Fewer months are fetched again, and what was bought in the earlier ones is not forgotten."""
    first = hoses()
    ads.report_rows = lambda *of: hoses.account.until(DAY).rows(*of)
    second = hoses(DAY + timedelta(1))
    assert (second["state"], second["night"]) == ("nothing new", first["night"])
    assert {count for (day, _), count in ads.asked.items() if day == "2026-07-01"} == {1}


def test_a_night_that_amazon_breaks_off_goes_on(hoses, ads, version):
    ads.faults = Faults(random.Random(3), share=0.9, most=40)
    nights = [hoses() for _ in range(12)]
    assert nights[0]["state"] == "failed"
    assert "run the same command again" in nights[0]["reason"]
    assert nights[-1]["state"] == "nothing new"
    lost = sum(fault in ("failed", "unknown") for _, fault in ads.faults.happened)
    if version is ApiVersion.V1:  # it was not seen to notice repeated requests
        lost += sum(kind == "report" for kind, _ in ads.faults.happened)
    assert sum(ads.asked.values()) <= 12 + lost  # three months of four reports
    assert sum(one["state"] == "done" for one in nights) == 1


def test_placements_are_fetched_and_decide(hoses, ads):
    """The top of search adds 25 % to bids of clicks that hardly sell: the file lowers that."""
    hoses.account.places = PLACES
    night = hoses()
    frame = pl.read_parquet(f"{night['folder']}/recommendations.parquet")
    (line,) = frame.filter(action="placement-down").to_dicts()
    assert line["campaign"] == "Discovery"
    assert (line["targeting"], line["setting"]) == ("Placement Top", 25.0)
    assert line["new_setting"] < 25
    manifest = json.loads(Path(night["folder"], "changes.manifest.json").read_text())
    changed = {one["change"]["text"]: one["change"] for one in manifest["changes"]}
    assert changed["Placement Top"]["operation"] == "Update"
    assert changed["Placement Top"]["before"] == 25
    assert hoses()["state"] == "nothing new"
    done = typed("apply", night["folder"], "--job", hoses.folder / "job.toml", "--apply")
    assert done.exit_code == 0, done.output
    assert "made by the bulk file only, so they are left out" in done.output


def test_days_and_budgets_of_campaigns_are_fetched_and_decide(hoses):
    """Terms alone do not show that the budget of $20 is spent each day; the campaign's days do."""
    raised = []
    for number, spent in enumerate((14.4, 19.8)):
        hoses.account.spent = spent
        night = hoses(DAY + timedelta(number))
        frame = pl.read_parquet(f"{night['folder']}/recommendations.parquet")
        raised.append(frame.filter(action="budget-up")["reason"].to_list())
    assert raised[0] == []
    (reason,) = raised[1]
    assert "it spent its daily budget on about 85\u00a0% of its days" in reason  # July as it was


@pytest.mark.parametrize("how", ["stuck", "failed", "refused", "forbidden", "broken"])
def test_a_kind_that_amazon_does_not_make_stops_no_night(hoses, ads, monkeypatch, how):
    monkeypatch.setattr(ads, "unmade", (how, "placementClassification"))
    first = hoses()
    assert first["state"] == "done", first
    assert len(first["not_given"]) == 3
    assert all("sp-placements_2026-0" in one for one in first["not_given"])
    asked = dict(ads.asked)
    assert hoses()["state"] == "nothing new"
    if how in ("stuck", "refused"):
        assert ads.asked == asked  # what was asked for is waited for, not asked for again
    monkeypatch.setattr(ads, "unmade", None)
    second = hoses(DAY + timedelta(1))
    assert (second["state"], second["not_given"]) == ("done", [])


@pytest.mark.parametrize("version", [ApiVersion.V3])
def test_both_versions_lead_to_the_same_plan(hoses, tmp_path):
    """Reports without IDs of targets are joined on ad group, text and match type."""
    write_job(tmp_path / "v1", ApiVersion.V1)
    plans = []
    for folder in (tmp_path, tmp_path / "v1"):
        night = hoses(folder=folder)
        assert night["state"] == "done", night
        manifest = json.loads(Path(night["folder"], "changes.manifest.json").read_text())
        plans.append([one["change"] for one in manifest["changes"]])
    assert plans[0] == plans[1]
    assert plans[0]
