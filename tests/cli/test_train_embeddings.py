"""``admatch train-embeddings`` with an encoder that knows words only."""

import sys

import pytest
from typer.testing import CliRunner

from admatch.cli.main import app
from tests.conftest import WordEncoder


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("admatch.index.shipped.encoder_of", lambda choice: WordEncoder())
    (tmp_path / "shop.csv").write_text("product_id,title\nP1,red hose\nP2,blue pump\n")
    (tmp_path / "terms.txt").write_text("hose\npump\nred hose\n")
    return lambda *words: CliRunner().invoke(app, ["train-embeddings", "shop.csv", *words])


def test_titles_and_terms_are_encoded_once(run, tmp_path):
    done = run("--terms", "terms.txt")
    assert done.exit_code == 0
    assert "4 texts encoded, 0 were in .admatch-train already" in done.stderr
    assert list((tmp_path / ".admatch-train").glob("*.vectors"))
    assert "0 texts encoded, 4 were in .admatch-train already" in run("--terms", "terms.txt").stderr


def test_without_ray_a_sentence_says_what_to_install(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    done = run("--engine", "ray")
    assert done.exit_code == 1
    assert done.stderr.strip().endswith("run: pip install 'admatch[ray]'")
    assert "\n" not in done.stderr.strip()
