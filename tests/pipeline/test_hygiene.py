"""Keywords in disorder reach the files and the command line; the changes stay as they are."""

import csv
import json

import openpyxl
import pytest
from typer.testing import CliRunner

from admatch.cli.main import app

from ..conftest import SAMPLE


@pytest.fixture(scope="module")
def disorderly(tmp_path_factory):
    """The sample's account, with one keyword in a second ad group and one that was never shown."""
    book = openpyxl.load_workbook(SAMPLE / "bulk.xlsx")
    sheet = next(one for one in book if "Keyword Text" in _header(one))
    at = {name: number for number, name in enumerate(_header(sheet))}
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    keywords = [row for row in rows if row[at["Entity"]] == "Keyword"]
    silent, again = list(keywords[0]), list(keywords[0])
    silent[at["Keyword Text"]] = "never typed by anybody"
    for name in ("Impressions", "Clicks", "Spend", "Sales", "Orders", "Units"):
        silent[at[name]] = 0
    again[at["Keyword Text"]] = again[at["Keyword Text"]].upper()
    for number, row in enumerate((silent, again)):
        row[at[next(name for name in at if name and name.startswith("Keyword I"))]] = f"99{number}"
        sheet.append(row)
    path = tmp_path_factory.mktemp("hygiene") / "bulk.xlsx"
    book.save(path)
    return path


def _header(sheet):
    return [cell.value for cell in next(sheet.iter_rows(max_row=1))]


def run(*words):
    done = CliRunner().invoke(app, list(map(str, words)))
    assert done.exit_code == 0, done.output
    return done


def test_check_counts_them(disorderly):
    (found,) = json.loads(run("check", disorderly, "--format", "json").stdout)
    assert found["account"]["hygiene"] == {"duplicate": 2, "never-serves": 1}
    text = run("check", disorderly).stdout
    assert "2 keywords stand twice" in text
    assert "1 keyword was never shown" in text
    (tidy,) = json.loads(run("check", SAMPLE / "bulk.xlsx", "--format", "json").stdout)
    assert tidy["account"]["hygiene"] == {}


@pytest.mark.long
def test_recommend_writes_them(disorderly, tmp_path):
    done = run(
        *("recommend", SAMPLE / "search_terms.csv", "--catalog", SAMPLE / "catalog.csv"),
        *("--account", disorderly, "--target-acos", "0.30", "--out", tmp_path),
    )
    with (tmp_path / "hygiene.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert sorted(line["issue"] for line in lines) == ["duplicate", "duplicate", "never-serves"]
    assert all(line["what"] for line in lines)
    assert "hygiene.csv" in done.stderr
