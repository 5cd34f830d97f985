import warnings

import pytest

from admatch.encode.choice import EncoderChoice, LanguageWarning
from tests.cli.conftest import TITLES, FakeIndex

CATALOG = "data/sample/catalog.csv"


def test_match_chooses_by_titles_and_terms(run, calls):
    assert run("match", "report.csv", "--catalog", CATALOG).exit_code == 0
    assert calls.pairs == [
        (EncoderChoice.AUTO, ([*TITLES.values()], ["oat milk", "garden hose"])),
    ]


@pytest.mark.parametrize("choice", EncoderChoice)
def test_the_choice_is_handed_on(run, calls, choice):
    assert run("index", CATALOG, "--out", "i", "--encoder", choice.value).exit_code == 0
    assert run("search", "oat milk", "--encoder", choice.value).exit_code == 0
    assert [pair[0] for pair in calls.pairs] == [choice, choice]
    assert calls.pairs[1][1] == ([*TITLES.values()], ["oat milk"])


def test_an_index_keeps_its_encoder(run, calls):
    done = run("search", "oat milk", "--index", "i", "--encoder", "multilingual")
    assert done.exit_code == 2
    assert "built with" in done.stderr
    assert calls.pairs == []


def test_a_language_warning_is_one_sentence_told_once(run, monkeypatch):
    def search(self, queries, **_):
        for _ in range(2):
            warnings.warn("the texts are mostly German", LanguageWarning, stacklevel=1)
        return [[] for _ in queries]

    monkeypatch.setattr(FakeIndex, "search", search)
    done = run("search", "schlauch", "--catalog", CATALOG)
    assert done.exit_code == 0
    assert done.stderr.count("the texts are mostly German") == 1
    assert "LanguageWarning" not in done.stderr


def test_an_encoder_without_a_model_says_how_to_make_one(run, calls):
    done = run("index", CATALOG, "--out", "i", "--encoder", "open_clip:ViT-B-32/openai")
    assert done.exit_code == 2
    assert "admatch train CATALOG --encoder" in done.stderr
    assert calls.pairs == []
