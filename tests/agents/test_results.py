"""What is held for an agent's next calls, and for how long it is true."""

import os

import pytest

from admatch.agents.results import Results
from admatch.errors import InputError


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "report.csv"
    path.write_text("a")
    return path


def test_the_same_question_is_computed_once(file):
    results, computed = Results(), []

    def ask(**options):
        return results.once("match_terms", [file], options, lambda: computed.append(1)).name

    assert ask(a=1) == ask(a=1)
    assert ask(a=2) != ask(a=1)
    assert len(computed) == 2


def test_a_result_is_of_its_files_as_they_were(file):
    results = Results()
    first = results.once("recommend", [file], {}, lambda: "first")
    assert first.is_current
    file.write_text("bc")
    assert not first.is_current
    assert results.once("recommend", [file], {}, lambda: "second").value == "second"
    file.unlink()
    assert not first.is_current


def test_a_folder_counts_with_all_its_files(tmp_path):
    (tmp_path / "index").mkdir()
    part = tmp_path / "index" / "part"
    part.write_text("a")
    held = Results().once("match_terms", [tmp_path / "index"], {}, lambda: None)
    assert held.is_current
    os.utime(part, ns=(1, 1))
    assert not held.is_current


def test_small_questions_do_not_displace_a_large_result(file):
    results = Results()
    kept = results.once("recommend", [file], {}, lambda: "advice").name
    for number in range(20):
        results.once("explain_match", [file], {"term": number}, lambda: None)
    assert results.named(kept, "recommend").value == "advice"
    assert len(list(results)) == 4


def test_what_fails_is_not_held(file):
    def fail():
        raise InputError("no")

    results = Results()
    with pytest.raises(InputError):
        results.once("recommend", [file], {}, fail)
    assert list(results) == []


def test_a_result_of_another_tool_is_none(file):
    results = Results()
    name = results.once("match_terms", [file], {}, lambda: None).name
    with pytest.raises(InputError, match="there is no result"):
        results.named(name, "recommend")
