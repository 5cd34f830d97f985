"""check and undo, with the real readers."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from admatch.cli.main import app
from admatch.export.bulk.write import write_bulksheet
from admatch.impact.changes import Change, ChangeSet, Place
from admatch.reports.account.reader import read_account
from admatch.reports.account.records import MatchType

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
HEADER = "Date,Currency,Campaign Name,Ad Group Name,Targeting,Match Type,Customer Search Term"
FIGURES = "Impressions,Clicks,Spend,7 Day Total Sales ,7 Day Total Orders (#)"


@pytest.fixture
def ask():
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


def report(path, *rows):
    path.write_text("\n".join([f"{HEADER},{FIGURES}", *rows]) + "\n")
    return path


OATS = "2026-03-01,EUR,C,A,oat,broad,oat milk,100,10,$5.00,$20.00,2".replace("$", "")
YENS = "2026-03-01,JPY,C,A,oat,broad,oat milk,100,10,500,2000,2"


def test_a_report_is_told_with_period_window_totals(ask, tmp_path):
    done = ask("check", report(tmp_path / "r.csv", OATS))

    assert done.exit_code == 0
    told = " ".join(done.stdout.split())
    assert "Amazon Sponsored Products search term report" in told
    assert "2026-03-01 to 2026-03-01" in told
    assert "window 7 days" in told
    assert "€5.00 €20.00 2" in told
    assert "25.0\u00a0%" in done.stdout


def test_what_the_file_does_not_tell_is_not_shown_as_zero(ask, tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("Customer Search Term,Clicks,Spend\noat milk,3,1.50\n")

    told = json.loads(ask("check", path, "--format", "json").stdout)[0]["report"]
    assert told["totals"][0]["orders"] is None
    assert (told["window_days"], told["period"]) == (None, None)


def test_a_bulk_file_is_told_by_entity(ask):
    told = json.loads(ask("check", SAMPLE / "bulk.xlsx", "--format", "json").stdout)[0]

    assert told["usable"]
    assert list(told["account"]["entities"])[:2] == ["Portfolio", "Campaign"]
    assert told["account"]["entities"]["Campaign"] > 0


def test_a_catalog_is_told(ask):
    told = json.loads(ask("check", SAMPLE / "catalog.csv", "--format", "json").stdout)[0]

    assert told["what"] == ["catalog of products"]
    assert told["catalog"]["products"] == 81


def test_the_examples_of_the_help_work(ask, monkeypatch):
    monkeypatch.chdir(SAMPLE.parents[1])
    told = typer.main.get_command(app).commands["check"].help
    for example in re.findall(r"^\$ admatch (.*)$", told, re.MULTILINE):
        assert ask(*example.split()).exit_code == 0, example


def test_what_cannot_be_used_ends_with_1_and_the_rest_is_told(ask, tmp_path):
    (tmp_path / "notes.csv").write_text("when,who\n1,2\n")
    done = ask("check", tmp_path / "notes.csv", report(tmp_path / "r.csv", OATS))

    assert done.exit_code == 1
    assert "cannot be used" in done.stdout
    assert "found the headers: when, who" in " ".join(done.stdout.split())
    assert "€5.00" in done.stdout


def test_several_reports_are_added_up_with_every_row_accounted_for(ask, tmp_path):
    first = report(tmp_path / "r.csv", OATS)
    again = report(tmp_path / "again.csv", OATS)
    done = ask("check", first, again)

    lines = [line.split() for line in done.stderr.splitlines()]
    assert ["again.csv", "1", "EUR"] in [line[:3] for line in lines]
    assert any("counted already" in line for line in done.stderr.splitlines())
    total = ["all", "counted", "rows", "1", "EUR", "100", "10", "€5.00"]
    assert total in [line[:8] for line in lines]


def test_amounts_are_shown_in_one_currency_with_day_and_source(ask, tmp_path):
    done = ask("check", report(tmp_path / "r.csv", OATS, YENS), "--show-in", "USD")

    assert "EUR, JPY are shown in USD; rates of 2026-01-01" in " ".join(done.stderr.split())
    assert f"${5 * 8.2169 / 7.0028 + 500 * 0.0447 / 7.0028:,.2f}" in done.stdout


@pytest.mark.parametrize("code", ["SEK", "euro"])
def test_a_currency_without_a_rate_is_an_error(ask, tmp_path, code):
    done = ask("check", report(tmp_path / "r.csv", OATS), "--show-in", code)

    assert done.exit_code == 1
    assert f"no exchange rate for {code}" in done.stderr


def test_rates_alone_are_wrong_usage(ask, tmp_path):
    path = report(tmp_path / "r.csv", OATS)
    assert ask("check", path, "--rates", path).exit_code == 2


def test_csv_has_one_row_a_file_and_currency(ask, tmp_path):
    done = ask("check", report(tmp_path / "r.csv", OATS, YENS), "--format", "csv")

    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(row["currency"], row["spend"]) for row in rows] == [("EUR", "5.0"), ("JPY", "500.0")]


def test_undo_needs_the_ids_of_a_later_download(ask, tmp_path):
    account = read_account(SAMPLE / "bulk.xlsx")
    group = account.targets.row(0, named=True)
    place = Place(group["campaign"], group["ad_group"])
    new = Change.negative_keyword("garden gnome", MatchType.NEGATIVE_EXACT, place)
    done = write_bulksheet(ChangeSet((new,)), account, tmp_path / "up.xlsx", marketplace="US")
    out = tmp_path / "undo.xlsx"
    told = ask("undo", done.manifest, "--account", SAMPLE / "bulk.xlsx", "--out", out)

    assert "not undone" in told.stderr  # Amazon has not given it an ID in this download
    assert "0 rows to upload" in told.stderr
    assert out.exists()
    again = ask("undo", done.manifest, "--account", SAMPLE / "bulk.xlsx", "--out", out)
    assert again.exit_code == 0  # the same file once more
    taken = ask("undo", done.manifest, "--account", SAMPLE / "bulk.xlsx", "--out", done.file)
    assert taken.exit_code == 1
    assert "belongs to another export" in taken.stderr


def test_an_empty_bulk_file_is_told_as_what_it_is(ask, tmp_path):
    path = tmp_path / "template.csv"
    path.write_text(
        "Product,Entity,Operation,Campaign ID,Ad Group ID,Keyword ID,State,Bid,Keyword Text,"
        "Match Type\n"
    )
    done = ask("check", path)

    assert done.exit_code == 0
    assert "nothing runs" in done.stdout


def test_a_large_report_is_added_up_and_looked_at_once(ask, monkeypatch):
    monkeypatch.setattr("admatch.reports.aggregate.LARGE", 1)
    monkeypatch.setattr("admatch.pipeline.inspect_file.read_account", None)
    small = json.loads(ask("check", SAMPLE / "search_terms.csv", "--format", "json").stdout)[0]
    told = json.loads(ask("check", SAMPLE / "search_terms_daily.csv", "--format", "json").stdout)[0]
    assert told["report"]["rows"] == 509
    assert told["report"]["totals"][0]["clicks"] == small["report"]["totals"][0]["clicks"]
    assert "3,076 rows were added up to 509" in told["problems"][0]


def test_large_files_of_other_kinds_are_what_they_were(ask, monkeypatch):
    files = (SAMPLE / "bulk.xlsx", SAMPLE / "catalog.csv")
    before = ask("check", *files, "--format", "json").stdout
    monkeypatch.setattr("admatch.reports.aggregate.LARGE", 1)
    told = json.loads(ask("check", *files, "--format", "json").stdout)
    for one, other in zip(told, json.loads(before), strict=True):
        assert (one["what"], one["account"]) == (other["what"], other["account"])
        assert (one["catalog"], one["usable"]) == (other["catalog"], True)
