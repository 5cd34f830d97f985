"""``admatch train`` with an encoder that knows words only."""

import pytest
from typer.testing import CliRunner

from admatch.cli.main import app
from admatch.match.universal import UniversalModel
from tests.conftest import WordEncoder

THINGS = ("hose", "pump", "lamp", "chair", "mug", "drill", "bag")


@pytest.fixture
def shop(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("admatch.index.shipped.encoder_of", lambda choice: WordEncoder())
    looks = ("red", "blue", "steel", "garden", "small", "folding", "warm", "old", "round", "light")
    rows = [f"{look} {thing}" for look in looks for thing in THINGS]
    lines = [f"P{number},{title}" for number, title in enumerate(rows)]
    (tmp_path / "shop.csv").write_text("\n".join(["product_id,title", *lines]))
    return tmp_path


def train(*given):
    return CliRunner().invoke(app, ["train", "shop.csv", "--seeds", "1", "--out", "model", *given])


def test_a_model_and_its_card_are_made(shop):
    (shop / "terms.txt").write_text("bread\ncar tyre\n\n")
    (shop / "notes.md").write_text("Licence: ours.")
    done = train("--terms", "terms.txt", "--notes", "notes.md")
    assert done.exit_code == 0, done.output
    model = UniversalModel.load(shop / "model")
    assert (model.about["terms"], model.about["products"]) == (2, {"shop.csv": 70})
    assert "Licence: ours." in (shop / "model" / "MODEL_CARD.md").read_text()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("--terms", "absent.txt"), "no search terms could be read"),
        (("--pairs", "shop.csv"), "no column query"),
    ],
)
def test_what_is_wrong_is_one_sentence(shop, given, message):
    done = train(*given)
    assert done.exit_code == 1
    assert message in done.stderr
    assert not (shop / "model").exists()
