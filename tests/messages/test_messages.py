"""Every sentence stands in both languages, and code names none that is not there."""

import ast
import copy
import json
import pickle
from pathlib import Path

import polars as pl
import pytest

from admatch.errors import InputError
from admatch.messages import Message, as_json, from_json, parameters_of, say, templates

PACKAGE = Path(__file__).parents[2] / "admatch"


def calls(name):
    """Yield every call of a function in the package: file, line, call."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", None) == name:
                yield path.relative_to(PACKAGE).as_posix(), node.lineno, node


def test_both_languages_have_the_same_sentences():
    english, chinese = templates("en"), templates("zh")
    assert english.keys() == chinese.keys()
    for name, template in english.items():
        assert parameters_of(template) == parameters_of(chinese[name]), name
        assert isinstance(template, str) == isinstance(chinese[name], str), name


def test_every_sentence_that_code_names_is_there():
    known = templates("en")
    for file, line, call in calls("say"):
        if file == "messages/__init__.py":
            continue
        assert isinstance(call.args[0], ast.Constant), (
            f"{file}:{line}: the identifier is a literal, so that this test can find it"
        )
        identifier = call.args[0].value
        assert identifier in known, f"{file}:{line}: {identifier}"
        given = {one.arg for one in call.keywords}
        if None not in given:
            needed = parameters_of(known[identifier])
            needed |= {"n"} if isinstance(known[identifier], dict) else set()
            assert given == needed, f"{file}:{line}: {identifier} takes {needed}, got {given}"


def test_no_sentence_is_left_over():
    named = {
        call.args[0].value for _, _, call in calls("say") if isinstance(call.args[0], ast.Constant)
    }
    left = [name for name in templates("en") if name not in named and not name.startswith("test.")]
    assert left == []


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))]
)
def test_a_message_survives_what_is_done_to_texts(copied):
    inner = say("test.rows", n=3)
    message = copied(say("test.inside", file="a.csv", what=inner))
    assert isinstance(message, Message)
    assert message == "a.csv: 3 rows were read"
    assert message.in_language("zh") == "a.csv：读取了 3 行"
    assert f"{InputError(message)}" == message
    assert InputError(message).args[0].id == "test.inside"


def test_a_message_travels_as_json():
    message = say("test.inside", file="a.csv", what=say("test.rows", n=1))
    again = from_json(json.loads(json.dumps(as_json(message))))
    assert again == message
    assert again.in_language("zh") == message.in_language("zh")
    assert from_json("a text") == as_json("a text") == "a text"
    assert from_json({"id": "of.before", "parameters": {}, "text": "once said"}) == "once said"


def test_a_message_is_a_text_in_a_frame():
    assert pl.Series([say("test.rows", n=1)], dtype=pl.String).to_list() == ["1 row was read"]


def test_unknown_identifiers_and_parameters_are_faults():
    with pytest.raises(KeyError):
        say("test.nothing")
    with pytest.raises(KeyError):
        say("test.inside", file="a.csv")


def test_a_text_in_a_sentence_is_readable():
    hostile = "o\0a\x1b[31mt\u202e\ud800\r"
    said = say("web.upload.empty", file=hostile)
    assert said.startswith("o\ufffda\ufffd[31mt\ufffd\ufffd\ufffd:")
    assert said.in_language("zh").encode("utf-8")
    plain = "größe 🥛 \u0645\u200c.csv"
    assert say("web.upload.empty", file=plain).startswith(plain)
