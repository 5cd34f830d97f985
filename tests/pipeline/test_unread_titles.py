"""Every door says loudly that the installed encoder cannot read a catalog's titles."""

import shutil
import sys
from dataclasses import replace
from datetime import date

import pytest
from typer.testing import CliRunner

from admatch.agents.root import Root
from admatch.agents.server import Service, build_server
from admatch.catalog.reader import read_catalog
from admatch.cli.main import app
from admatch.encode import misfit
from admatch.encode.choice import EncoderChoice, LanguageWarning
from admatch.index import shipped
from admatch.jobs.night_lines import read_night_lines
from admatch.jobs.read import read_job
from admatch.jobs.run import run_job
from admatch.pipeline.analyse import analyse
from admatch.pipeline.matching import match
from admatch.pipeline.open_index import ProductSource
from admatch.progress import silent
from admatch.reports.reader import read_report
from admatch.web.work import models
from admatch.web.work.run import run
from admatch.web.work.saved import save_catalog, save_report
from tests.agents.connect import connected
from tests.conftest import WordEncoder
from tests.web.conftest import report_csv

pytestmark = pytest.mark.filterwarnings("ignore::admatch.encode.choice.LanguageWarning")

SAID = "CATALOG NOT READ: your product titles are in German"
TITLES = (
    "Gartenschlauch 25 m mit Handbrause", "Schlauchkupplung aus Messing",
    "Wandhalter für Schläuche", "Rasensprenger für den Garten", "Gießkanne aus Zink für Blumen",
)  # fmt: skip
TERMS = ("gartenschlauch flexibel", "schlauch für garten", "kupplung für schlauch", "gießkanne")


class English(WordEncoder):
    name = misfit.ENGLISH_NAME


@pytest.fixture
def shop(tmp_path, monkeypatch, model):
    """A folder with a German report and catalog, where only the English encoder is installed."""
    pair = shipped.Pair(English(), replace(model, encoder=misfit.ENGLISH_NAME))

    def english(choice, *texts):
        assert choice in (EncoderChoice.AUTO, EncoderChoice.ENGLISH)
        for body in texts:
            misfit.warn_of_misfit(pair.encoder.name, body)
        return pair

    monkeypatch.setattr(misfit, "is_installed", lambda: False)
    for module in (shipped, *_users_of(shipped.shipped_pair)):
        monkeypatch.setattr(module, "shipped_pair", english)
    monkeypatch.setattr(models, "_pair", english)
    monkeypatch.setattr(models, "_indexes", type(models._indexes)())
    lines = [f"B0SAMPLE0{i},{title},9.99,EUR" for i, title in enumerate(TITLES)]
    catalog = "\n".join(["product_id,title,price,currency", *lines])
    (tmp_path / "catalog.csv").write_text(catalog, encoding="utf-8")
    (tmp_path / "report.csv").write_bytes(report_csv(*TERMS))
    return tmp_path


def _users_of(function):
    """The loaded modules that imported a function by its name."""
    found = [one for name, one in sys.modules.items() if name.startswith("admatch.")]
    return [one for one in found if vars(one).get("shipped_pair") is function]


def test_the_api_and_a_notebook(shop):
    found = analyse(shop / "report.csv", shop / "catalog.csv", None)
    assert found.doubts[0].startswith(SAID)
    assert found.advice.warnings[0].startswith(SAID)
    assert SAID in found.advice._repr_html_()


def test_a_match_warns_and_says_so(shop):
    report, source = read_report(shop / "report.csv"), ProductSource(shop / "catalog.csv")
    with pytest.warns(LanguageWarning, match="mostly German"):
        found = match(report, source)
    assert found.doubts[0].startswith(SAID)


@pytest.mark.parametrize("verb", ["match", "recommend"])
def test_the_command_line(shop, verb):
    files = [str(shop / "report.csv"), "--catalog", str(shop / "catalog.csv")]
    out = ["--out", str(shop / "out")]
    goal = ["--target-acos", "0.3", *out] if verb == "recommend" else []
    done = CliRunner().invoke(app, [verb, *files, *goal])
    assert done.exit_code == 0, done.output
    assert done.stderr.count(SAID) == 1


def test_a_job(shop):
    (shop / "job.toml").write_text(
        '[[account]]\nname = "Shop"\nreports = ["report.csv"]\ncatalog = "catalog.csv"\n'
        "target_acos = 0.3\n"
    )
    (summary,) = run_job(read_job(shop / "job.toml"), date(2025, 6, 2))
    assert summary["doubts"][0].startswith(SAID)


def test_the_page(shop):
    for folder in ("report", "catalog"):
        (shop / folder / "read").mkdir(parents=True)
    save_report(read_report(shop / "report.csv"), shop / "report" / "read")
    save_catalog(read_catalog(shop / "catalog.csv"), shop / "catalog" / "read", shop)
    places = {name: str(shop / name) for name in ("report", "catalog")}
    (shop / "run").mkdir()
    headline = run({"settings": {}, "folder": str(shop / "run"), **places}, silent)
    assert headline["warnings"][0]["id"] == "encode.unread.missing"
    assert headline["warnings"][0]["text"].startswith(SAID)


@pytest.mark.parametrize("tool", ["match_terms", "recommend"])
def test_an_agent(shop, tool):
    (shop / "root").mkdir()
    for name in ("report.csv", "catalog.csv"):
        shutil.copy(shop / name, shop / "root" / name)
    with connected(build_server(Service(Root(shop / "root"), read_night_lines))) as agent:
        goal = {"target_acos": 0.3} if tool == "recommend" else {}
        answer = agent.call(tool, reports=["report.csv"], catalog="catalog.csv", **goal)
    said = answer["doubts" if tool == "match_terms" else "warnings"]
    assert said["first"][0]["cell_text"].startswith(SAID)
