import pytest

from admatch.tables.atomic import replacing


def test_file_is_replaced_only_on_success(tmp_path):
    path = tmp_path / "deep" / "a.csv"
    with replacing(path) as draft:
        assert draft.suffix == ".csv"
        draft.write_text("one")
    with pytest.raises(ZeroDivisionError), replacing(path) as draft:
        draft.write_text(str(1 / 0))
    assert path.read_text() == "one"
    assert list(path.parent.iterdir()) == [path]


def test_folder_is_replaced_only_on_success(tmp_path):
    path = tmp_path / "index"
    for content in ("one", "two"):
        with replacing(path) as draft:
            draft.mkdir()
            (draft / content).write_text(content)
    with pytest.raises(FileExistsError), replacing(path) as draft:
        _make_twice(draft)
    assert [item.name for item in path.iterdir()] == ["two"]
    assert list(tmp_path.iterdir()) == [path]


def _make_twice(folder):
    folder.mkdir()
    folder.mkdir()
