import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admatch.amazon.journal import open_journal, read_journal
from admatch.errors import InputError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)
)


def write(path, *values):
    with open_journal(path) as journal:
        for value in values:
            journal.write("noted", value=value)


@settings(max_examples=25, deadline=None)  # each waits for the disk
@given(values=st.lists(VALUES, max_size=5))
def test_what_was_written_is_read(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("journal") / "a.jsonl"
    write(path, *values)

    assert [record["value"] for record in read_journal(path)] == values


@settings(max_examples=25, deadline=None)  # each waits for the disk
@given(cut=st.integers(min_value=1, max_value=200))
def test_a_line_cut_short_at_any_byte_is_taken_away(tmp_path_factory, cut):
    path = tmp_path_factory.mktemp("journal") / "a.jsonl"
    write(path, "first", "second\nline", "Ä")
    whole = path.read_bytes()
    path.write_bytes(whole[: -min(cut, len(whole))])
    left = read_journal(path)

    write(path, "anew")

    assert read_journal(path) == [*left, {"kind": "noted", "value": "anew"}]
    assert left == read_journal_of(whole)[: len(left)]


def read_journal_of(content):
    from admatch.amazon.journal import _records

    return _records(content, None)[0]


def test_damage_before_the_end_is_told(tmp_path):
    path = tmp_path / "a.jsonl"
    write(path, "first", "second")
    path.write_bytes(path.read_bytes().replace(b"first", b"worst"))

    with pytest.raises(InputError, match=r"a.jsonl, line 1: the line is damaged"):
        write(path, "third")


def test_two_cannot_have_it_open(tmp_path):
    path = tmp_path / "a.jsonl"
    with (
        open_journal(path),
        pytest.raises(InputError, match="another admatch is working on this"),
        open_journal(path),
    ):
        pass
    write(path, "let go of")


def test_it_is_on_the_disk_when_write_returns(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(os.fstat(file).st_size))
    path = tmp_path / "a.jsonl"
    with open_journal(path) as journal:
        journal.write("noted")
        assert synced[-1] == path.stat().st_size > 0


def test_others_cannot_read_it(tmp_path):
    write(tmp_path / "a.jsonl", "x")

    assert (tmp_path / "a.jsonl").stat().st_mode & 0o077 == 0
