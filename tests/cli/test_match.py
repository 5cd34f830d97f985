import csv
import io
import json

import polars as pl
import pytest

ARGUMENTS = ("match", "data/sample/search_terms.csv", "--catalog", "data/sample/catalog.csv")


def test_csv_on_stdout_is_every_row_and_nothing_else(run):
    done = run(*ARGUMENTS, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))

    assert [row["search_term"] for row in rows] == ["oat milk", "garden hose", "*", "oat milk"]
    assert rows[0]["campaign"] == "'=All"
    assert rows[0]["retrieved"] == "B0SAMPLE01 0.95"


def test_json_on_stdout_is_every_row_and_nothing_else(run):
    rows = json.loads(run(*ARGUMENTS, "--format", "json").stdout)

    assert [row["outcome"] for row in rows] == ["match", "none", "not_applicable", "match"]
    assert rows[0]["campaign"] == "=All"
    assert rows[0]["retrieved"][0]["product_id"] == "B0SAMPLE01"
    assert (rows[1]["product_id"], rows[1]["retrieved"]) == ("B0SAMPLE02", [])


def test_the_table_shows_terms_by_cost_with_text_as_it_is(run):
    told = run(*ARGUMENTS).stdout.splitlines()

    assert told[1].split()[:2] == ["oat", "milk"]
    assert "[bold]1 l[/bold]" in told[1]
    assert "$8.00" in told[1]
    assert "Whole milk" not in told[2]  # the nearest product of a term about nothing


def test_the_summary_on_stderr_accounts_for_every_row(run):
    told = run(*ARGUMENTS).stderr

    rows = {line[:16].strip(): line[16:].split() for line in told.splitlines()[1:]}
    assert rows["about a product"][:3] == ["2", "1", "$8.00"]
    assert rows["none of mine"][:3] == ["1", "1", "$3.00"]
    assert rows["not applicable"][:3] == ["1", "1", "$1.00"]
    assert rows["rows read"] == ["4", "$12.00"]
    assert rows["skipped"] == ["5"]
    assert "66.7\u00a0%" in told


def test_ten_problems_are_told_and_the_rest_counted(run, calls):
    calls.problems = 13
    told = run(*ARGUMENTS).stderr

    assert told.count("spend is no number") == 10
    assert "and 3 more" in told


def test_out_writes_all_three(run, tmp_path):
    done = run(*ARGUMENTS, "--out", "result")

    assert done.exit_code == 0
    assert {file.name for file in (tmp_path / "result").iterdir()} == {
        "matches.csv", "matches.parquet", "matches.html",
    }  # fmt: skip
    assert pl.read_parquet(tmp_path / "result" / "matches.parquet").height == 4


def test_several_reports_are_read_as_one(run, calls):
    run("match", "a.csv", "b.xlsx", "--index", "data")

    assert [[path.name for path in paths] for paths in calls.reports] == [["a.csv", "b.xlsx"]]


def test_an_index_takes_the_place_of_a_catalog(run, calls):
    assert run("match", "a.csv", "--index", "data").exit_code == 0
    assert calls.catalogs == []


@pytest.mark.parametrize("count", [40, 41])
def test_a_long_table_says_how_to_get_the_rest(run, monkeypatch, count):
    monkeypatch.setattr("admatch.cli.verbs.match._ROWS_ON_SCREEN", count - 38)
    told = run(*ARGUMENTS)

    assert ("--out FOLDER writes all" in told.stderr) is (count == 40)


def test_amounts_in_another_currency_are_for_people_only(run):
    shown = run(*ARGUMENTS, "--show-in", "EUR")
    assert "€6.82" in shown.stdout  # $8.00 of oat milk
    assert "amounts in USD are shown in EUR" in " ".join(shown.stderr.split())

    rows = json.loads(run(*ARGUMENTS, "--show-in", "EUR", "--format", "json").stdout)
    assert (rows[0]["spend"], rows[0]["currency"]) == (6.0, "USD")
