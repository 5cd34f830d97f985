import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from admatch.generate.generator import Generator
from admatch.pipeline import cache
from admatch.pipeline.cache import VARIABLE, cache_folder
from admatch.pipeline.cached_models import with_cache, with_cached_tables
from tests.conftest import WordEncoder

TEXTS = ["garden hose", "brass fitting", "日本茶", ""]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


class Reader(WordEncoder):
    def __init__(self):
        self.read: list[str] = []

    def encode_text(self, texts):
        self.read += texts
        return super().encode_text(texts)


def test_no_text_is_read_twice(folder):
    first, second = Reader(), Reader()
    vectors = with_cache(first).encode_text(TEXTS)
    np.testing.assert_array_equal(with_cache(second).encode_text([*TEXTS, "new"])[:4], vectors)
    assert sorted(first.read) == sorted(TEXTS)
    assert second.read == ["new"]


def test_another_encoders_vectors_are_not_taken(folder):
    with_cache(Reader()).encode_text(TEXTS)
    other = Reader()
    other.name = "others"
    with_cache(other).encode_text(TEXTS)
    assert sorted(other.read) == sorted(TEXTS)


def test_a_file_cut_off_is_read_anew(folder):
    with_cache(Reader()).encode_text(TEXTS)
    (file,) = folder.glob("*/*.vectors")
    file.write_bytes(file.read_bytes()[:40])
    again = Reader()
    with_cache(again).encode_text(TEXTS)
    assert sorted(again.read) == sorted(TEXTS)


def test_the_oldest_make_room(folder, monkeypatch):
    for day, text in enumerate(TEXTS[:3]):
        with_cache(Reader()).encode_text([text])
        for file in folder.glob("*/*.vectors"):
            if file.stat().st_mtime > 1e6:
                os.utime(file, (day, day))
    size = next(folder.glob("*/*.vectors")).stat().st_size
    monkeypatch.setattr(cache, "MOST_BYTES", 2 * size + size // 2)
    last = Reader()
    with_cache(last).encode_text(TEXTS[:3])
    assert last.read == TEXTS[:1]


def test_processes_at_once_spoil_nothing(folder):
    # conftest turns the cache off where it is imported
    script = (
        "import os, sys, tests.conftest\n"
        f"os.environ['{VARIABLE}'] = {str(folder)!r}\n"
        "from admatch.pipeline.cached_models import with_cache\n"
        "for i in range(20):\n"
        "    encoder = with_cache(tests.conftest.WordEncoder())\n"
        "    encoder.encode_text([f'hose {i}', f'{sys.argv[1]} {i}'])\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", script, name], cwd=Path.cwd())
        for name in ("tube", "kit")
    ]
    assert [one.wait() for one in running] == [0, 0]
    texts = [f"{name} {i}" for name in ("hose", "tube", "kit") for i in range(20)]
    reader = Reader()
    found = with_cache(reader).encode_text(texts)
    assert reader.read == []
    np.testing.assert_allclose((found * WordEncoder().encode_text(texts)).sum(1), 1, atol=1e-3)


def test_where_it_lies(monkeypatch):
    monkeypatch.setenv(VARIABLE, "")
    assert cache_folder() is None
    reader = Reader()
    assert with_cache(reader) is reader
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", "/elsewhere")
    assert cache_folder() == Path("/elsewhere/admatch")


def test_a_home_that_cannot_be_written_to_does_no_harm(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "file"))
    reader = Reader()
    assert with_cache(reader) is reader


def test_a_models_tables_are_made_once(folder, model, monkeypatch):
    scores = model.decoder(WordEncoder().encode_text(TEXTS))
    expected = model.decode_freely(scores)
    for _ in range(2):
        found = with_cached_tables(model).decode_freely(scores)
        assert all(np.array_equal(*pair) for pair in zip(found, expected, strict=True))
        monkeypatch.setattr(Generator, "tables", lambda self: pytest.fail("made again"))
    (file,) = folder.glob("*.safetensors")
    file.write_bytes(b"cut off")
    monkeypatch.undo()
    monkeypatch.setenv(VARIABLE, str(folder))
    assert np.array_equal(with_cached_tables(model).decode_freely(scores)[0], expected[0])
