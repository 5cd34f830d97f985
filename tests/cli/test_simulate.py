from pathlib import Path

import polars as pl

SAMPLE = Path(__file__).parents[2] / "data" / "sample" / "catalog.csv"


def test_an_account_in_a_folder(run, tmp_path):
    out = tmp_path / "account"
    done = run("simulate", SAMPLE, "--out", out, "--days", "20", "--terms", "80")
    assert done.exit_code == 0, done.stderr
    assert "3 products" in done.stderr
    assert pl.read_csv(out / "truth.csv").height > 50
    again = tmp_path / "again"
    run("simulate", SAMPLE, "--out", again, "--days", "20", "--terms", "80")
    for name in ("search_terms.csv", "bulk.xlsx", "truth.csv"):
        assert (out / name).read_bytes() == (again / name).read_bytes()


def test_too_many_days_are_told(run, tmp_path):
    done = run("simulate", SAMPLE, "--out", tmp_path / "a", "--days", "5000")
    assert done.exit_code == 1
    assert "1 to 550 days" in done.stderr
