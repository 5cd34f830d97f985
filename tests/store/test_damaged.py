"""A database file that was damaged: one sentence, whatever DuckDB raises."""

import random

import pytest

from admatch.errors import InputError
from admatch.store.workspace import DATABASE, Workspace


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    workspace = Workspace(folder)
    workspace.close()
    return (folder / DATABASE).read_bytes()


@pytest.mark.parametrize("kind", ["text", "zeros", "cut", "head", "middle"])
@pytest.mark.parametrize("reading", [False, True])
def test_a_damaged_database_is_refused_in_one_sentence(tmp_path, whole, kind, reading):
    damaged = bytearray(whole)
    chance = random.Random(5)
    if kind == "text":
        damaged = bytearray(b"no database " * 1000)
    elif kind == "zeros":
        damaged = bytearray(len(whole))
    elif kind == "cut":
        del damaged[len(whole) // 3 :]
    else:
        start = 0 if kind == "head" else 8192
        for at in range(start, min(len(whole), start + 40_000), 7):
            damaged[at] = chance.randrange(256)
    (tmp_path / DATABASE).write_bytes(damaged)
    with pytest.raises(InputError, match=str(tmp_path)):
        Workspace(tmp_path, reading=reading).close()
