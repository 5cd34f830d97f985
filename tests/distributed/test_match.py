"""Shards, resuming and refusals, in one process: the cluster changes nothing in them."""

import json
import sys
from pathlib import Path

import polars as pl
import pytest

from admatch.distributed.engine import LocalEngine
from admatch.distributed.match import match_parquet
from admatch.distributed.shards import plan_shards, read_shard
from admatch.errors import InputError, MissingDependencyError
from admatch.tables.address import address_of
from tests.conftest import WordEncoder
from tests.distributed.conftest import assert_as_single_machine, read_all, some_terms


class Stopping(LocalEngine):
    """Stops after some items, as if it were killed; counts what it did."""

    def __init__(self, after=10**9):
        self.after, self.done = after, 0

    def run(self, job, items):
        for number, answer in super().run(job, items):
            self.done += 1
            if self.done > self.after:
                raise KeyboardInterrupt
            yield number, answer


def match(terms, index, out, engine=None, rows=64):
    return match_parquet(
        [terms], index, out, engine or LocalEngine(), encoder=WordEncoder(), rows=rows
    )


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def test_rows_and_probabilities_are_those_of_one_machine(terms, index_folder, out):
    done = match(terms, index_folder, out)
    assert (done.rows, done.shards, done.reused) == (1000, 7 + 4 + 6, 0)
    assert_as_single_machine(out, terms, index_folder)
    assert {path.parent.name for path in out.rglob("*.parquet")} == {"day=1", "day=2"}
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["rows"] == sum(one["rows"] for one in manifest["shards"]) == 1000
    in_order = [pl.read_parquet(out / one["file"]) for one in manifest["shards"]]
    given = [pl.read_parquet(path) for path in sorted(terms.rglob("*.parquet"))]
    assert pl.concat(in_order)["place"].equals(pl.concat(given)["place"])


@pytest.mark.parametrize("rows", [13, 96, 97, 98, 400, 1000])
def test_shards_are_the_rows_of_the_files(terms, rows):
    plan = plan_shards([terms], "search_term", (), "", rows)
    for path in terms.rglob("*.parquet"):
        parts = [read_shard(one) for one in plan.shards if one.source == str(path)]
        assert pl.concat(parts).equals(pl.read_parquet(path))
    assert max(one.rows for one in plan.shards) <= rows


def test_a_run_that_was_stopped_goes_on(terms, index_folder, out):
    with pytest.raises(KeyboardInterrupt):
        match(terms, index_folder, out, Stopping(after=5))
    assert not (out / "manifest.json").exists()
    (out / "day=1" / ".0a1b2c3d.0-000000000000-00000.parquet").write_bytes(b"half a")
    rest = Stopping()
    done = match(terms, index_folder, out, rest)
    assert (done.reused, rest.done) == (6, 11)  # the sixth was written before the stop
    assert_as_single_machine(out, terms, index_folder)
    assert match(terms, index_folder, out, rest).reused == 17
    assert rest.done == 11


def test_only_what_changed_is_done_again(terms, index_folder, out):
    match(terms, index_folder, out)
    some_terms(300, 1).write_parquet(terms / "day=1" / "1.parquet")
    (terms / "day=2" / "2.parquet").unlink()
    again = Stopping()
    assert match(terms, index_folder, out, again).rows == 700
    assert again.done == 5
    assert_as_single_machine(out, terms, index_folder)


def test_shards_of_another_index_are_not_mixed_in(terms, index_folder, out):
    match(terms, index_folder, out)
    (out / "notes.parquet").write_bytes(b"not ours")
    before = {path.name for path in out.rglob("*-*.parquet")}
    (index_folder / "manifest.json").write_text((index_folder / "manifest.json").read_text() + " ")
    assert match(terms, index_folder, out).reused == 0
    assert not before & {path.name for path in out.rglob("*-*.parquet")}
    assert (out / "notes.parquet").exists()


def test_the_same_content_twice_is_two_inputs(terms, index_folder, out):
    copy = terms / "day=1" / "copy.parquet"
    copy.write_bytes((terms / "day=1" / "0.parquet").read_bytes())
    done = match_parquet(
        [terms, terms / "day=1" / "0.parquet"],
        index_folder,
        out,
        LocalEngine(),
        encoder=WordEncoder(),
    )
    assert done.rows == read_all(out).height == 1000 + 400 + 400


def test_an_object_store_stands_for_folders(terms, index_folder):
    fsspec = pytest.importorskip("fsspec")
    store = fsspec.filesystem("memory")
    for path in terms.rglob("*.parquet"):
        store.pipe_file(f"/terms/{path.relative_to(terms)}", path.read_bytes())
    try:
        sources = ["memory://terms/day=1/*.parquet", "memory://terms/day=2"]
        for kept in (0, 3):
            done = match_parquet(
                sources, index_folder, "memory://out", LocalEngine(), encoder=WordEncoder()
            )
            assert (done.rows, done.reused) == (1000, kept)
        rows = [pl.read_parquet(store.open(name)) for name in store.glob("/out/**/*.parquet")]
        assert pl.concat(rows)["place"].n_unique() == 1000
    finally:
        store.rm("/terms", recursive=True)
        store.rm("/out", recursive=True)


def test_files_may_be_named_by_addresses(terms, index_folder, out):
    match(f"file://{terms}", f"file://{index_folder}", f"local://{out}")
    assert_as_single_machine(out, terms, index_folder)


def test_a_package_that_a_store_needs_is_named(index_folder, out, monkeypatch):
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(MissingDependencyError, match=r"'s3://bucket/terms' needs .* s3fs"):
        match("s3://bucket/terms", index_folder, out)


def broken(terms):
    (terms / "day=1" / "0.parquet").write_bytes(b"PAR1 cut off")


def without_terms(terms):
    pl.DataFrame({"term": ["hose"], "clicks": [1]}).write_parquet(terms / "day=1" / "0.parquet")


def numbers(terms):
    pl.DataFrame({"search_term": [1]}).write_parquet(terms / "day=1" / "0.parquet")


def matched_before(terms):
    pl.DataFrame({"search_term": ["hose"], "outcome": ["match"]}).write_parquet(
        terms / "day=1" / "0.parquet"
    )


def nothing(terms):
    for path in terms.rglob("*.parquet"):
        path.unlink()


def no_rows(terms):
    nothing(terms)
    pl.DataFrame({"search_term": ["hose"]}).clear().write_parquet(terms / "0.parquet")


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (broken, r"0\.parquet cannot be read \(.*\): it is not a Parquet file, or it was cut off"),
        (without_terms, r"0\.parquet has no column 'search_term'; it has term, clicks; rename"),
        (numbers, r"column 'search_term' of .*0\.parquet holds int64, not text"),
        (matched_before, r"already has columns that would be added to it \(outcome\)"),
        (nothing, "leads to no Parquet file; give a file, a folder or a glob"),
        (no_rows, "the 1 Parquet file has no rows"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(terms, index_folder, out, fault, message):
    fault(terms)
    with pytest.raises(InputError, match=message) as caught:
        match(terms, index_folder, out)
    assert "\n" not in str(caught.value)
    assert not out.exists()


def test_a_folder_without_an_index_is_reported(terms, tmp_path, out):
    with pytest.raises(InputError, match="holds no index"):
        match(terms, tmp_path / "nothing", out)


def test_a_shard_that_cannot_be_read_does_not_stop_the_others(terms, index_folder, out):
    path = terms / "day=1" / "0.parquet"
    content = bytearray(path.read_bytes())
    content[4:200] = bytes(196)  # pages of the first row group; the end, which is planned by, holds
    path.write_bytes(content)
    with pytest.raises(
        InputError, match=r"[12] of 17 shards could not be matched.*0\.parquet cannot"
    ):
        match(terms, index_folder, out)
    some_terms(400, 0).write_parquet(path, row_group_size=97)
    assert match(terms, index_folder, out).reused == 10
    assert_as_single_machine(out, terms, index_folder)


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("s3://bucket/terms", "s3://bucket/terms"),
        (Path("s3://bucket/terms"), "s3://bucket/terms"),
        (Path("/data/terms"), "/data/terms"),
        (Path("file:///data/terms"), "/data/terms"),
        ("local:///data/terms", "/data/terms"),
        ("terms/*.parquet", str(Path.cwd() / "terms" / "*.parquet")),
    ],
)
def test_workers_elsewhere_find_what_was_named(given, address):
    assert address_of(given) == address


def test_an_input_in_the_folder_for_the_result_is_refused(terms, index_folder):
    with pytest.raises(InputError, match="lies in the folder for the result"):
        match(terms, index_folder, terms.parent)
    assert len(list(terms.rglob("*.parquet"))) == 3
