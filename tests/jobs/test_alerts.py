"""Alerts in a job: in the summary, a file and a chat; views and the overview for many accounts."""

import csv
import json
from datetime import date, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest
from typer.testing import CliRunner

from admatch.cli.main import app
from admatch.errors import InputError
from admatch.jobs.messages import check_outputs
from admatch.jobs.read import read_job
from admatch.jobs.records import JobOutputs
from admatch.jobs.run import run_job
from admatch.jobs.slack import slack_message
from admatch.store.workspace import DATABASE
from tests.jobs.conftest import CONSOLE, FIRST
from tests.jobs.test_messages import hook  # noqa: F401 - a fixture
from tests.jobs.test_run import night

DOCUMENT = Path(__file__).parents[2] / "admatch" / "jobs" / "README.md"
DAYS = 60
DAY = FIRST + timedelta(days=DAYS)


def busy(shop, name="a.csv", last=DAYS, dear=DAYS, campaign="Camp"):
    """Write a report of steady days; from the day ``dear`` on, a click costs twice as much."""
    lines = [CONSOLE]
    for day in range(last):
        told = FIRST + timedelta(days=day)
        cost = 1.6 if day >= dear else 0.8
        lines += [
            f"{told},P,USD,{campaign},G{n},milk,BROAD,{term},900,30,{30 * cost:.2f},36.00,3,3"
            for n, term in enumerate(shop.terms)
        ]
    path = shop.folder / "reports" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_a_steady_account_has_no_alert(shop):
    busy(shop)
    found = night(shop, DAY)
    assert found["alerts"] == []
    assert not list((shop.folder / "out").rglob("alerts.csv"))
    (message,) = (shop.folder / "out").rglob("message.json")
    assert json.loads(message.read_text("utf-8"))["mrkdwn"] is False


def test_an_alert_is_said_in_one_night_and_written(shop):
    busy(shop, last=DAYS - 7)
    night(shop, DAY - timedelta(days=7))
    busy(shop, "b.csv", dear=DAYS - 7)
    found = night(shop, DAY)
    assert {one["kind"] for one in found["alerts"]} == {"cpc", "spend"}
    (written,) = (shop.folder / "out").rglob("alerts.csv")
    assert pl.read_csv(written)["kind"].to_list() == [one["kind"] for one in found["alerts"]]
    assert night(shop, DAY)["state"] == "nothing new"
    assert "alerts" not in night(shop, DAY)


def test_a_chat_gets_text_that_can_do_nothing(shop, hook):  # noqa: F811
    busy(shop, last=DAYS - 7, campaign="<!channel> *x* & =1+1")
    text = f'outputs = {{ html = false, slack = "{hook.address}" }}\n'
    night(shop, DAY - timedelta(days=7), text)
    busy(shop, "b.csv", dear=DAYS - 7, campaign="<!channel> *x* & =1+1")
    night(shop, DAY, text)
    (_, body) = hook.came[-1]
    assert set(body) == {"text", "mrkdwn"}
    assert "&lt;!channel&gt; *x* &amp; =1+1" in body["text"]
    assert "<" not in body["text"]
    (written,) = (shop.folder / "out").glob(f"*/{DAY}-*/message.json")
    assert json.loads(written.read_text("utf-8")) == body


def test_a_failed_night_is_told_and_long_lists_are_cut():
    failed = slack_message("Shop", "2026-02-01", {"state": "failed", "reason": "no file"})
    assert failed["text"] == "Shop, 2026-02-01: failed: no file"
    alerts = [{"text": f"alert {number}\n" + "x" * 999} for number in range(30)]
    lines = slack_message("Shop", "2026-02-01", {"alerts": alerts})["text"].split("\n")
    assert len(lines) == 23
    assert lines[-1] == "… and 10 more in alerts.csv"
    assert max(map(len, lines)) <= 300


def test_a_chat_needs_a_safe_address():
    with pytest.raises(InputError, match="slack must be an address that begins with https://"):
        check_outputs(JobOutputs(slack="http://example.com/x"), "job.toml")


def test_sheets_hold_no_formula_tab_or_line_end(shop):
    shop.terms += ['=HYPERLINK("x")', "@sum", "+1 or not"]
    busy(shop)
    night(shop, DAY, "outputs = { html = false, sheets = true }\n")
    (path,) = (shop.folder / "out").rglob("sheets.tsv")
    with path.open(newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file, delimiter="\t"))
    at = lines[0].index("search_term")
    terms = {line[at] for line in lines[1:]}
    assert all(len(line) == len(lines[0]) for line in lines)
    assert {'\'=hyperlink("x")', '\'=HYPERLINK("x")'} & terms
    assert not any(cell[:1] in "=@\t" for line in lines[1:] for cell in line if cell)


def table(found):
    """Return the rows of a query as a frame."""
    names = [column[0] for column in found.description]
    return pl.DataFrame(found.fetchall(), names, orient="row", infer_schema_length=None)


def test_views_for_bi(shop):
    busy(shop, last=DAYS - 7)
    first = night(shop, DAY - timedelta(days=7))
    busy(shop, "b.csv", dear=DAYS - 7)
    last = night(shop, DAY)
    path = shop.folder / "workspace" / DATABASE
    with duckdb.connect(str(path), read_only=True) as connection:
        views = {
            name: table(connection.execute(f"SELECT * FROM {name}"))
            for name in ("bi_daily", "bi_terms", "bi_nights", "bi_decisions", "bi_changes",
                         "bi_alerts")
        }  # fmt: skip
        facts = connection.execute("SELECT sum(spend) FROM facts").fetchone()[0]
    assert views["bi_daily"]["spend"].sum() == pytest.approx(facts)
    assert views["bi_terms"]["spend"].sum() == pytest.approx(facts)
    assert views["bi_nights"].sort("as_of")["night_id"].to_list() == [first["night"], last["night"]]
    assert views["bi_alerts"]["kind"].to_list() == [one["kind"] for one in last["alerts"]]
    own = views["bi_decisions"].filter("is_last_night")
    assert own["night_id"].unique().to_list() in ([], [last["night"]])
    text = DOCUMENT.read_text("utf-8")
    for name, frame in views.items():
        assert f"`{name}`" in text
        assert frame.width > 0


def test_the_overview_has_a_line_an_account(shop):
    busy(shop, dear=DAYS - 14)
    shop.job('[[account]]\nname = "Other"\nreports = ["none/*.csv"]\ncatalog = "catalog.csv"\n'
             "target_acos = 0.2\n")  # fmt: skip
    run_job(read_job(shop.folder / "job.toml"), DAY, models=shop.models)
    run = CliRunner().invoke(app, ["overview", str(shop.folder / "job.toml"), "--format", "json"])
    shop_line, other = json.loads(run.stdout)
    assert (shop_line["account"], shop_line["currency"]) == ("Shop", "USD")
    assert shop_line["last_day"] == str(date(2026, 1, 1) + timedelta(days=DAYS - 1))
    assert shop_line["spend"] == pytest.approx(6 * 30 * (14 * 0.8 + 14 * 1.6))
    assert shop_line["spend_before"] == pytest.approx(6 * 30 * 28 * 0.8)
    assert shop_line["acos"] == pytest.approx(shop_line["spend"] / (6 * 36 * 28))
    assert (other["spend"], other["acos"], other["night"]) == (None, None, None)
    assert "matches no file" in other["failed"]
    shown = CliRunner().invoke(app, ["overview", str(shop.folder / "job.toml")])
    assert "Other failed" in shown.stdout
