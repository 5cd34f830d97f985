"""What somebody rejects, on the command line or on the page, later nights leave alone."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from admatch.cli.main import app
from admatch.errors import InputError
from admatch.jobs.read import read_job
from admatch.jobs.run import run_job
from admatch.jobs.verdicts import read_verdicts

TODAY = datetime.now().date()  # verdicts are given now, whatever day a job is run for


def night(shop, day, text=""):
    rails = "guard_rails = { sales_at_risk = 0.5, campaign_at_risk = 0.5 }\n"
    (told,) = run_job(read_job(shop.job(rails + text)), day, models=shop.models)
    assert told["state"] == "done", told
    return pl.read_parquet(Path(told["folder"]) / "recommendations.parquet")


def action_of(frame, term):
    (row,) = frame.filter(pl.col("search_term") == term).to_dicts()
    return row["action"], row["reason"]


def typed(*words):
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return done


def test_rejected_is_left_alone(shop):
    first_day = (TODAY - date(2026, 1, 1)).days
    shop.report("a.csv", first_day - 30, 30)
    before = night(shop, TODAY)
    for term in ("garden hose", "red shoes"):
        assert action_of(before, term)[0] == "negate-exact"
    job = shop.job()
    details = json.loads(typed("history", job, "--details", "--format", "json").stdout)
    numbers = {one["text"]: one["number"] for one in details["decisions"]}
    typed("verdict", job, "rejected", numbers["red shoes"], "--why", "=season", "--by", "anna")
    shown = typed("history", job, "--details").stdout
    for word in ("red shoes", "rejected", "anna", "=season"):
        assert word in shown
    told = {
        "campaign": "Camp", "ad_group": "G2", "text": "garden hose", "action": "negate-exact",
        "verdict": "rejected", "note": None, "decided_by": "ben",
        "decided_at": f"{TODAY}T01:00:00+00:00",
    }  # fmt: skip
    (shop.folder / "verdicts.json").write_text(json.dumps([told]))

    shop.report("b.csv", first_day, 2)
    after = night(shop, TODAY + timedelta(2), 'verdicts = "verdicts.json"\n')
    for term in ("garden hose", "red shoes"):
        action, reason = action_of(after, term)
        assert action == "watch"
        assert "somebody rejected" in reason
    shop.report("c.csv", first_day + 2, 30)
    much = night(shop, TODAY + timedelta(33), 'verdicts = "verdicts.json"\n')
    assert action_of(much, "red shoes")[0] == "negate-exact"


@pytest.mark.parametrize("text", ["x", "[{}]", '[{"text": 1}]', "[1]"])
def test_a_file_that_holds_no_verdicts(tmp_path, text):
    (tmp_path / "verdicts.json").write_text(text)
    with pytest.raises(InputError, match=r"verdicts\.json: these are not the verdicts of a run"):
        read_verdicts(tmp_path / "verdicts.json")


def test_no_night_no_verdict(shop):
    shop.report("a.csv", 0, 2)
    done = CliRunner().invoke(app, ["verdict", str(shop.job()), "rejected", "1"])
    assert done.exit_code == 1
    assert "there is no night of 'Shop' yet" in done.stderr
    done = CliRunner().invoke(app, ["verdict", str(shop.job()), "maybe", "1"])
    assert done.exit_code == 2
