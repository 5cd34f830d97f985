"""A catalog and an index at addresses, in a store that lives in memory."""

import numpy as np
import pytest

from admatch.distributed.index_folder import index_content, local_index, open_index_folder
from admatch.errors import InputError
from admatch.index.index import Index
from admatch.tables.address import at_hand
from tests.conftest import WordEncoder

fsspec = pytest.importorskip("fsspec")


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))  # where indexes are fetched to
    held = fsspec.filesystem("memory")
    yield held
    held.rm("/", recursive=True)


@pytest.fixture
def index(index_folder):
    return Index.load(index_folder, encoder=WordEncoder())


def test_an_index_is_sent_and_fetched(store, index):
    with open_index_folder("memory://shop/index") as folder:
        index.save(folder)
    again = Index.load(local_index("memory://shop/index"), encoder=WordEncoder())
    np.testing.assert_array_equal(again.parts.vectors, index.parts.vectors)
    with open_index_folder("memory://shop/index") as folder:  # to be brought up to date
        before = Index.load(folder, encoder=WordEncoder())
        assert before.catalog.content_hash == index.catalog.content_hash


def test_what_the_index_before_had_of_its_own_goes(store, index):
    for name in ("decoder.safetensors", "model/old.txt", "notes.txt"):
        store.pipe_file(f"/shop/index/{name}", b"of another index")
    with open_index_folder("memory://shop/index") as folder:
        index.save(folder)
    left = {name.removeprefix("/shop/index/") for name in store.find("/shop/index")}
    assert not {"decoder.safetensors", "model/old.txt"} & left
    assert {"notes.txt", "manifest.json", "index.safetensors"} < left


def test_an_index_that_was_not_finished_leaves_the_one_before(store, index):
    with open_index_folder("memory://shop/index") as folder:
        index.save(folder)
    content = index_content("memory://shop/index")
    with pytest.raises(KeyboardInterrupt), open_index_folder("memory://shop/index"):
        raise KeyboardInterrupt
    assert index_content("memory://shop/index") == content


def test_an_index_of_which_a_part_is_missing_is_none(store, index, monkeypatch):
    put = type(store).put_file

    def cut(self, path, address, **more):
        if address.endswith("index.safetensors"):
            raise OSError("the wire was cut")
        put(self, path, address, **more)

    monkeypatch.setattr(type(store), "put_file", cut)
    message = r"cannot be reached \(the wire was cut\)"
    with (
        pytest.raises(InputError, match=message),
        open_index_folder("memory://shop/index") as folder,
    ):
        index.save(folder)
    with pytest.raises(InputError, match="holds no index"):
        index_content("memory://shop/index")


def test_a_catalog_is_read_where_it_is(store, tmp_path):
    store.pipe_file("/shop/catalog.csv", b"title\nhose\n")
    store.pipe_file("/shop/parts/a.parquet", b"one")
    with at_hand("memory://shop/catalog.csv") as path:
        assert (path.name, path.read_bytes()) == ("catalog.csv", b"title\nhose\n")
    assert not path.exists()
    with at_hand("memory://shop/parts") as path:
        assert (path / "a.parquet").read_bytes() == b"one"
    with at_hand(tmp_path / "a") as path:
        assert path == tmp_path / "a"
    with at_hand(f"file://{tmp_path}/a") as path:
        assert path == tmp_path / "a"
    message = "'memory://shop/nothing' leads to nothing"
    with pytest.raises(InputError, match=message), at_hand("memory://shop/nothing"):
        pass
