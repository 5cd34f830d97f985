"""A proposal that was uploaded is seen, left alone while it matures, then judged."""

import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from admatch.cli.main import app
from admatch.jobs import account as nights
from admatch.jobs.read import read_job
from admatch.jobs.run import run_job
from admatch.reports.account.reader import read_account

pytestmark = pytest.mark.long  # several nights on the whole sample

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
MADE, SEEN = date(2025, 5, 31), date(2025, 6, 2)


@pytest.fixture
def account(shop):
    """The sample's account, whose reports end on 30 May."""
    for name in ("catalog.csv", "bulk.xlsx"):
        shutil.copy(SAMPLE / name, shop.folder / name)
    (shop.folder / "reports").mkdir()
    daily = (SAMPLE / "search_terms_daily.csv").read_text()
    (shop.folder / "reports" / "a.csv").write_text(daily)
    return shop


def run(shop, day, text='bulk_file = "bulk.xlsx"\nholdout = 0.3\n'):
    (told,) = run_job(read_job(shop.job(text)), day, models=shop.models)
    assert told["state"] in ("done", "nothing new"), told
    return told


def uploaded(shop, monkeypatch, folder):
    """Let the bulk file show every change that a night wrote."""
    told = json.loads((Path(folder) / "changes.manifest.json").read_text())["changes"]
    (shop.folder / "bulk.xlsx").write_bytes((shop.folder / "bulk.xlsx").read_bytes() + b"\0")

    def read(path, currency=None):
        account = read_account(SAMPLE / "bulk.xlsx", currency=currency)
        rows = []
        for number, line in enumerate(told):
            change = line["change"]
            if change["operation"] in ("Update", "Archive"):
                where = pl.col("target_id") == change["target_id"]
                name = "state" if change["bid"] is None else "bid"
                now = "archived" if change["operation"] == "Archive" else change[name]
                frame = account.frame.with_columns(
                    pl.when(where).then(pl.lit(now)).otherwise(name).alias(name)
                )
                account = type(account)(frame, account.sources, account.formats)
                continue
            keyword = change["match_type"] is not None
            rows.append(
                {name: change["place"][name] for name in
                 ("campaign", "ad_group", "campaign_id", "ad_group_id")}
                | {"entity": change["entity"], "state": "enabled", "target_id": f"new{number}",
                   "keyword" if keyword else "expression": change["text"],
                   "match_type": change["match_type"], "ad_product": "Sponsored Products"}
            )  # fmt: skip
        more = pl.DataFrame(rows, schema=account.frame.schema)
        return type(account)(pl.concat([account.frame, more]), account.sources, account.formats)

    monkeypatch.setattr(nights, "read_account", read)
    return told


def later_days(shop, days):
    """Let the same figures come again after the history, for so many days."""
    lines = (SAMPLE / "search_terms_daily.csv").read_text().splitlines()
    told = [lines[0]]
    for line in lines[1:]:
        day = int(line[5:7]) + 30
        if day <= 30 + days:
            moved = date(2025, 5, 1) + timedelta(day - 1)
            told.append(f'"{moved:%b %d, %Y}"' + line[line.index('",') + 1 :])
    (shop.folder / "reports" / "b.csv").write_text("\n".join(told) + "\n")


def test_what_was_uploaded_cools_down_and_is_judged(account, monkeypatch):
    first = run(account, MADE)
    assert not first["withheld"]
    assert first["held_out"] > 1
    changes = uploaded(account, monkeypatch, first["folder"])
    assert changes
    second = run(account, SEEN)
    assert second["seen"] >= len(changes)
    frame = pl.read_parquet(Path(second["folder"]) / "recommendations.parquet")
    cooled = frame.filter(pl.col("reason").str.contains("within the cooldown"))
    assert cooled.height
    assert set(cooled["action"]) == {"watch"}
    again = json.loads((Path(second["folder"]) / "changes.manifest.json").read_text())["changes"]
    assert 0 < second["held_out"] <= first["held_out"]  # those of cooled targets wait as well
    held = frame.filter(pl.col("warning").str.contains("left undone on purpose"))
    assert held.height
    before = {(one["change"]["text"], str(one["change"]["place"])) for one in changes}
    # a held bid is beside every row that its targeting serves: only negations are compared
    negated = held.filter(pl.col("action").str.starts_with("negate"))
    done = {
        (
            one["change"]["text"],
            one["change"]["place"]["campaign"],
            one["change"]["place"]["ad_group"],
        )
        for one in changes
    }
    assert not done & set(negated.select("search_term", "campaign", "ad_group").iter_rows())
    assert not before & {(one["change"]["text"], str(one["change"]["place"])) for one in again}

    later_days(account, 30)
    third = run(account, SEEN + timedelta(28))
    (outcome,) = third["outcomes"]
    assert outcome["night"]
    # the figures came again as they were, so nothing was freed
    assert outcome["freed_low"] <= 0 <= outcome["freed_high"]
    assert outcome["freed_expected"] > 0
    beside = third["experiment"]
    assert (beside["nights"], beside["held"] > 1) == (1, True)
    assert beside["freed"] == pytest.approx(0, abs=0.2)
    assert third["correction"]["freed"] < 1
    assert any("matured set of changes suggests" in one for one in third["warnings"])
    shown = CliRunner().invoke(app, ["history", str(account.job())]).stdout
    assert "frees, expected" in shown
    assert str(SEEN) in shown
    assert "compared with held-out changes" in shown


def test_no_upload_nothing_seen(account):
    run(account, MADE)
    later_days(account, 3)
    told = run(account, SEEN)
    assert told["seen"] == 0
    assert told["outcomes"] == []
