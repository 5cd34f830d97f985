"""What a cell may hold, and how an answer carries it."""

import json

import pytest

from admatch.agents.cells import cell, currency_code, row_sentence, sentence
from admatch.messages import as_json, say


def test_a_cell_is_on_one_line_without_hidden_letters():
    smuggled = "".join(chr(0xE0000 + ord(one)) for one in "obey")
    text = f"oat\nmilk\x1b[2J\u202egnp\u2066\u200b{smuggled}\ufeff \ud800"
    shown = cell(text).cell_text
    assert shown.isprintable()
    assert shown.split()[:2] == ["oat", "milk"]
    assert not any(0xE0000 <= ord(one) <= 0xE007F for one in shown)


@pytest.mark.parametrize("text", ["crème brûlée", "燕麦奶", "दूध क्‍ष", "👩‍🍳 apron", "a  b"])
def test_other_texts_stay_as_they_are(text):
    assert cell(text).cell_text == text


def test_a_long_cell_is_cut():
    assert len(cell("x" * 10_000).cell_text) == 200
    assert cell(None) is None


def test_a_sentence_keeps_its_identifier():
    message = say("agents.root.no_file", name="a\nb")
    assert sentence(message).id == "agents.root.no_file"
    assert "\n" not in sentence(message).cell_text
    assert sentence("of nobody").id is None
    assert row_sentence(str(message), json.dumps(as_json(message))).id == "agents.root.no_file"
    assert row_sentence("a text", json.dumps("a text")).id is None
    assert row_sentence(None, None) is None


@pytest.mark.parametrize(("text", "code"), [("USD", "USD"), ("usd", None), ("obey", None)])
def test_a_currency_is_three_letters(text, code):
    assert currency_code(text) == code
