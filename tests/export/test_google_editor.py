import csv
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admatch.export.formulas import runs
from admatch.export.google_editor import COLUMNS, write_google_editor
from admatch.export.keyword_text import folded
from admatch.impact.changes import Change, ChangeSet, Place
from admatch.reports.account.records import Entity, MatchType

GROUP, CAMPAIGN = Place("Lampen – Büro", "Größe"), Place("Lampen – Büro")
EXACT, NEG_EXACT, NEG_PHRASE = MatchType.EXACT, MatchType.NEGATIVE_EXACT, MatchType.NEGATIVE_PHRASE


@pytest.fixture
def export(tmp_path):
    return lambda *changes: write_google_editor(ChangeSet(changes), tmp_path / "editor.csv")


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    assert tuple(header) == COLUMNS
    return rows


def test_a_row_of_each_kind(export):
    done = export(
        Change.keyword(" led   lamp", EXACT, GROUP, 0.5),
        Change.keyword("led lamp", MatchType.PHRASE, GROUP),
        Change.keyword("led lamp", MatchType.BROAD, GROUP),
        Change.negative_keyword("led lamp", NEG_EXACT, GROUP),
        Change.negative_keyword("led lamp", NEG_PHRASE, GROUP),
        Change.negative_keyword("led lamp", NEG_EXACT, CAMPAIGN),
        Change.negative_keyword("lamp*", NEG_PHRASE, CAMPAIGN),
    )
    assert not done.refused
    campaign, group = "Lampen – Büro", "Größe"
    assert rows_of(done.file) == [
        [campaign, group, "led lamp", "Exact", "0.50"],
        [campaign, group, "led lamp", "Phrase", ""],
        [campaign, group, "led lamp", "Broad", ""],
        [campaign, group, "led lamp", "Negative Exact", ""],
        [campaign, group, "led lamp", "Negative Phrase", ""],
        [campaign, "", "led lamp", "Campaign Negative Exact", ""],
        [campaign, "", "lamp*", "Campaign Negative Phrase", ""],
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (Change.keyword("", EXACT, GROUP), "empty"),
        (Change.keyword("x" * 81, EXACT, GROUP), "80 characters, and this has 81"),
        (Change.negative_keyword("a b c d e f g h i j k", NEG_EXACT, GROUP), "10 words"),
        (Change.keyword("lamp, red", EXACT, GROUP), "no ',' in a keyword"),
        (Change.keyword("100% wool", EXACT, GROUP), "no '%' in a keyword"),
        (Change.keyword("lamp*", EXACT, GROUP), "no '*' in a keyword"),
        (Change.keyword("lamp 💡", EXACT, GROUP), "no '💡' in a keyword"),
        (Change.keyword("a\x00b", EXACT, GROUP), "no U+0000 in a keyword"),
        (Change.keyword('5" pot', EXACT, GROUP), "reads '\"' as a match type"),
        (Change.keyword("[lamp]", EXACT, GROUP), "reads '[' as a match type"),
        (Change.keyword("-lamp", EXACT, GROUP), "'-' at the start"),
        (Change.keyword("lamp", EXACT, Place("=cmd()", "x")), "would run '=cmd()' as a formula"),
        (Change.keyword("lamp", EXACT, Place("x", "@sum")), "would run '@sum' as a formula"),
        (Change.keyword("lamp", EXACT, Place("", "x", "1", "2")), "goes by names"),
        (Change.keyword("lamp", EXACT, Place("x", None, "1", "2")), "goes by names"),
        (Change.negative_product("B0LAMP0001", GROUP), "has no negative product target"),
        (Change.keyword_bid("lamp", EXACT, GROUP, 1), "not a change of the kind 'update'"),
        (
            Change.archive(Entity.KEYWORD, "lamp", GROUP, EXACT),
            "change of the kind 'archive'",
        ),
        (Change.keyword("lamp", NEG_EXACT, GROUP), "has no keyword in negative exact"),
        (Change.keyword("lamp", EXACT, GROUP, -1), "more than 0"),
    ],
)
def test_refusals_say_what_was_found_and_what_to_do(export, change, expected):
    done = export(change)
    assert not rows_of(done.file)
    assert expected in done.refused[0].reason
    assert "；" in done.refused[0].message.in_language("zh")
    assert ";" in done.refused[0].reason


def test_the_later_of_two_equal_changes_is_refused(export):
    first, second = (Change.keyword(text, EXACT, GROUP) for text in ("Led lamp", "led  LAMP"))
    done = export(first, second)
    assert done.changes == (first,)
    assert done.refused[0].change == second


names = st.text(max_size=12) | st.text("=+-@'1a\t ", max_size=5)


@settings(deadline=None)
@given(st.lists(st.tuples(names, names, names), max_size=4))
def test_cells_are_read_back_as_they_were_and_none_would_run(triples):
    changes = [Change.keyword(text, EXACT, Place(*where)) for *where, text in triples]
    with tempfile.TemporaryDirectory() as folder:
        done = write_google_editor(ChangeSet(tuple(changes)), Path(folder, "editor.csv"))
        rows = rows_of(done.file)
    assert len(rows) + len(done.refused) == len(changes)
    texts = [[change.place.campaign, change.place.ad_group, change.text] for change in done.changes]
    assert [row[:3] for row in rows] == texts
    assert all(change.text == folded(change.text) for change in done.changes)
    assert not any(runs(cell) for row in rows for cell in row)
