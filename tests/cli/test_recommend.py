import json

import polars as pl
import pytest

FILES = ("recommendations.html", "recommendations.csv", "recommendations.parquet")
REPORT, CATALOG = "data/sample/search_terms.csv", "data/sample/catalog.csv"


def test_decisions_in_a_folder(run, tmp_path):
    out = tmp_path / "advice"
    done = run(
        "recommend", REPORT, "--catalog", CATALOG, "--target-acos", "0.3", "--out", out,
        "--account", "data/sample/bulk.xlsx",
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    assert all((out / name).is_file() for name in FILES)
    rows = pl.read_parquet(out / "recommendations.parquet")
    assert set(rows["search_term"]) == {"oat milk", "garden hose", "*"}
    assert "watch" in done.stdout
    # the fake report names no dates, so nothing of it may be uploaded
    assert "nothing to upload: the report has no dates" in done.stderr
    assert not (out / "changes.xlsx").exists()
    assert "No file for upload" in (out / "recommendations.html").read_text()


@pytest.mark.parametrize(
    ("target", "message"), [("0", "above 0"), ("30", "30 % is written 0.3"), ("nan", "above 0")]
)
def test_a_target_that_cannot_be_meant(run, tmp_path, target, message):
    words = ("--catalog", CATALOG, "--out", tmp_path / "a")
    done = run("recommend", REPORT, *words, f"--target-acos={target}")
    assert done.exit_code == 1
    assert message in done.stderr


@pytest.mark.parametrize(
    ("word", "code", "message"),
    [
        ("Hoses", 2, "NAME=30%"),
        ("=30%", 2, "NAME=30%"),
        ("Hoses=much", 2, "NAME=30%"),
        ("Hoses=30", 1, "'Hoses': the target ACOS"),
        ("Hoses=600%", 1, "'Hoses': the target ACOS"),
        ("Nowhere = 30 %", 0, "the target or margin of 'Nowhere' is not used"),
    ],
)
def test_targets_of_parts(run, tmp_path, word, code, message):
    words = ("--target-acos=0.3", "--catalog", CATALOG, "--out", tmp_path / "a")
    done = run("recommend", REPORT, *words, "--target", word)
    assert done.exit_code == code
    assert message in done.stderr


def test_without_products_terms_are_judged_by_their_figures(run, tmp_path):
    out = tmp_path / "a"
    done = run("recommend", REPORT, "--target-acos", "0.3", "--out", out)
    assert done.exit_code == 0, done.stderr
    assert all((out / name).is_file() for name in FILES)
    assert not list(out.glob("matches.*"))
    assert "with --catalog FILE, terms would also be matched" in " ".join(done.stderr.split())


def test_what_is_about_products_needs_some(run, tmp_path):
    words = ("--target-acos", "0.3", "--out", tmp_path / "a", "--column", "title=Name")
    done = run("recommend", REPORT, *words)
    assert done.exit_code == 2
    assert "which products are yours" in done.stderr


def test_what_if_from_the_command_line(run):
    done = run("what-if", REPORT, "--negative-exact", "garden hose", "--format", "json")
    assert done.exit_code == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["currencies"][0]["difference"]["spend"]["mean"] < 0
    assert [row["search_term"] for row in facts["touched"]] == ["garden hose"]
    table = run("what-if", REPORT, "--negative-exact", "garden hose")
    assert "1 row of the report is affected" in table.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "name the changes"),
        (("--negative-exact", "a", "--ad-group", "b"), "--ad-group needs --campaign"),
        (("--exact", "a"), "--exact needs"),
    ],
)
def test_what_if_without_what_it_needs(run, words, message):
    done = run("what-if", REPORT, *words)
    assert done.exit_code == 2
    assert message in done.stderr


def test_a_phrase_by_meaning_reaches_further(run):
    words = ("--negative-phrase", "hose garden", "--format", "json")
    strict = json.loads(run("what-if", REPORT, *words).stdout)
    wide = json.loads(run("what-if", REPORT, *words, "--phrase-by-meaning").stdout)
    assert not strict["touched"]
    assert {"blocks"} == {one["effect"] for one in wide["touched"]}


def test_what_if_in_a_campaign_that_is_not_there(run):
    done = run("what-if", REPORT, "--negative-exact", "a", "--campaign", "None")
    assert done.exit_code == 1
    assert "no campaign 'None'" in done.stderr
