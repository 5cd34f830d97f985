"""The whole way on the sample data, with the real encoder."""

import csv
import importlib.util
import json
import re
import shlex
import shutil
from functools import cache
from pathlib import Path

import polars as pl
import pytest
import typer
from typer.testing import CliRunner

from admatch.cli.main import app
from admatch.encode.choice import EncoderChoice

SAMPLE = Path(__file__).parents[2] / "data" / "sample"

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("admatch.index.index") is None or not SAMPLE.is_dir(),
    reason="needs the pipeline and data/sample",
)


def run(*words):
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.stderr
    return done


@pytest.fixture(scope="module", autouse=True)
def _models_loaded_once():
    """The verbs run in one process here, where a real one would load the models for each."""
    from admatch.index import shipped

    makers, english = shipped._MAKERS, EncoderChoice.ENGLISH
    name, maker, folder = makers[english]
    load = staticmethod(cache(shipped.UniversalModel.load))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(makers, english, (name, cache(maker), folder))
        patch.setattr(shipped.UniversalModel, "load", load)
        yield


@pytest.fixture(scope="module")
def held(tmp_path_factory):
    """The sample's index, saved."""
    folder = tmp_path_factory.mktemp("held") / "index"
    run("index", SAMPLE / "catalog.csv", "--out", folder)
    return folder


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    return folder, run("demo", "--out", folder)


def test_demo_accounts_for_every_row_of_the_report(demo):
    folder, _ = demo
    report = pl.read_csv(SAMPLE / "search_terms.csv", infer_schema=False)
    rows = pl.read_parquet(folder / "matches.parquet")

    assert rows["search_term"].to_list() == report["Customer Search Term"].to_list()
    assert set(rows["outcome"]) == {"match", "related", "none", "not_applicable"}
    with (folder / "matches.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == report.height


def test_demo_makes_a_page_with_pictures(demo):
    folder, done = demo
    page = (folder / "matches.html").read_text(encoding="utf-8")

    assert page.count("data:image/jpeg;base64,") == 81
    assert "Compared with the sample's truth" in done.stdout


def test_an_index_on_disk_matches_as_the_catalog_does(held):
    report, catalog = SAMPLE / "search_terms.csv", SAMPLE / "catalog.csv"
    by_index, by_catalog = (
        json.loads(run("match", report, *products, "--format", "json").stdout)
        for products in (("--index", held), ("--catalog", catalog))
    )
    assert [row["product_id"] for row in by_index] == [row["product_id"] for row in by_catalog]


def test_search_and_show_know_the_products(held):
    found = json.loads(run("search", "oat milk", "--index", held, "--format", "json").stdout)
    assert "oat" in found[0]["title"].lower()

    told = run("show", found[0]["product_id"], "--index", held, "--format", "json").stdout
    assert json.loads(told)["semantic_id"] == found[0]["semantic_id"]
    assert len(json.loads(told)["neighbours"]) == 10


# Examples of the help that are not run here, and why.
ELSEWHERE = {
    "serve": "runs until it is stopped; tests/web starts it",
    "mcp": "runs until it is stopped; tests/agents starts it",
    "fetch": "asks Amazon; tests/amazon has a server of its own",
    "apply": "asks Amazon; tests/amazon has a server of its own",
    "rollback": "asks Amazon; tests/amazon has a server of its own",
    "train": "takes a minute; notebooks/6_training.ipynb trains",
    "train-encoder": "needs more texts than the sample has; tests/training does it",
    "train-embeddings": "takes the cores of the machine; tests/distributed does it",
}
JOB = """
[[account]]
name = "Groceries US"
reports = ["data/sample/search_terms_daily.csv"]
catalog = "data/sample/catalog.csv"
bulk_file = "data/sample/bulk.xlsx"
target_acos = 0.30
"""


def help_examples():
    """Return the examples of all verbs: those that make what others read come first."""
    verbs = typer.main.get_command(app).commands
    told = "\n".join(verb.help for verb in verbs.values())
    found = re.findall(r"^\$ admatch ((?:.*\\\n)*.*)$", told, re.MULTILINE)
    makers = ("index", "recommend", "run")
    ordered = sorted(found, key=lambda one: not one.startswith(makers))
    return [shlex.split(one.replace("\\\n", " ")) for one in ordered]


@pytest.mark.slow  # two minutes; .ci/run runs it
def test_the_examples_of_the_help_work_on_the_sample(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").symlink_to(SAMPLE.parent)
    (tmp_path / "job.toml").write_text(JOB)
    examples = [words for words in help_examples() if words[0] not in ELSEWHERE]
    assert len({words[0] for words in examples}) >= 14
    for words in examples:
        if words[0] == "undo":  # after an upload; the download then is the account as it was
            shutil.copy("advice/changes.manifest.json", "changes.manifest.json")
            shutil.copy(SAMPLE / "bulk.xlsx", "bulk_download.xlsx")
        if {"ray", "my-model", "--fine-tune"} & set(words):  # Ray, what `train` made, minutes
            continue
        run(*words)
