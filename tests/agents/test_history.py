"""What a job did, as `admatch history` shows it; nothing is written to find out."""

import json
from datetime import date

import polars as pl
import pytest
from typer.testing import CliRunner

from admatch.cli.main import app
from admatch.jobs.store.nights import Night, record_failure, record_night
from admatch.store.workspace import DATABASE, Workspace

JOB = """
workspace = "kept"
[[account]]
name = "Groceries US"
reports = ["*.csv"]
catalog = "catalog.csv"
target_acos = 0.3
[[account]]
name = "Groceries UK"
reports = ["*.csv"]
catalog = "catalog.csv"
target_acos = 0.3
"""
OUTCOME = {"seen_on": "2026-01-02", "changes": 4, "freed_expected": 1.234, "freed": 2.341}
OUTCOME |= {"freed_low": -1.0, "freed_high": 5.678}
SUMMARY = {"rows": 120, "to_upload": 7, "held_out": 1, "outcomes": [OUTCOME], "experiment": None}
DECIDED = pl.DataFrame(schema={"action": pl.String})


@pytest.fixture(scope="module")
def job(root):
    (root / "job.toml").write_text(JOB, encoding="utf-8")
    workspace = Workspace(root / "kept")
    with workspace.writing() as transaction:
        for day in (3, 4, 5):
            night = Night(
                f"n{day}", "Groceries US", "job", date(2026, 2, day), root / "out", {}, SUMMARY
            )
            _record(transaction, night)
        record_failure(transaction, "Groceries UK", "job", date(2026, 2, 5), "no file\nat all")
    workspace.close()
    return "job.toml"


def _record(transaction, night):
    columns = ("campaign", "ad_group", "search_term", "targeting", "match_type", "phrase")
    more = ("chosen", "clicks", "orders", "spend_freed", "sales_at_risk", "reason")
    frame = DECIDED.with_columns(pl.lit(None).alias(name) for name in (*columns, *more))
    record_night(transaction, night, frame, (), {})


def test_the_nights_are_those_of_the_command_line(agent, job, root):
    done = CliRunner().invoke(app, ["history", str(root / job), "--format", "json"])
    facts = json.loads(done.stdout)
    before = (root / "kept" / DATABASE).read_bytes()
    nights = agent.pages("history", job=job, rows=2)
    assert (root / "kept" / DATABASE).read_bytes() == before
    assert len(nights) == len(facts) == 4
    for one, own in zip(nights, facts, strict=True):
        assert (one["day"], one["account"]["cell_text"]) == (own["as_of"], own["account"])
        assert (one.get("rows"), one.get("written")) == (own["rows"], own["to_upload"])
        assert one["applied"] == []
        assert ("failed" in one) == bool(own["reason"])
    measured = next(one for one in nights if one["measured"])["measured"][0]
    assert (measured["freed"], measured["freed_high80"]) == (2.34, 5.68)
    assert agent.call("history", job=job, account="Groceries UK")["page"]["total_rows"] == 1


def test_unknown_accounts_and_workspaces_elsewhere_are_refused(agent, job, root, tmp_path):
    assert "choose from Groceries US" in agent.refused("history", job=job, account="Nobody")
    outside = JOB.replace('"kept"', json.dumps(str(tmp_path / "kept")))
    (root / "outside.toml").write_text(outside, encoding="utf-8")
    assert "leads out" in agent.refused("history", job="outside.toml")
    assert not (tmp_path / "kept").exists()


def test_a_job_without_nights_has_none_and_gets_no_workspace(agent, root):
    (root / "new.toml").write_text(JOB.replace('"kept"', '"new"'), encoding="utf-8")
    assert agent.call("history", job="new.toml")["page"]["total_rows"] == 0
    assert not (root / "new").exists()
