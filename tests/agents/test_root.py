"""Nothing outside the folder is read or written, whatever an agent names."""

import os

import pytest

from admatch.agents.root import Root
from admatch.errors import InputError

OUTSIDE = ["/etc/passwd", "../secret.csv", "sub/../../secret.csv", "link.csv", "linked/secret.csv"]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "secret.csv").write_text("search_term\nsecret\n")
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    (root / "sub" / "a.csv").write_text("x")
    (root / "link.csv").symlink_to(tmp_path / "secret.csv")
    (root / "linked").symlink_to(tmp_path)
    (root / "inner.csv").symlink_to(root / "sub" / "a.csv")
    (root / "ring").symlink_to(root / "ring")
    os.mkfifo(root / "pipe.csv")
    return Root(root)


@pytest.mark.parametrize("name", [*OUTSIDE, "a\0b", "ring/x", "a" * 300, "a/" * 3_000])
def test_no_name_leads_out(folder, name):
    for use in (folder.file, folder.index, folder.new_folder):
        with pytest.raises(InputError, match="leads out of the folder"):
            use(name)


def test_whether_a_file_outside_exists_is_not_told(folder):
    def said(name):
        with pytest.raises(InputError) as error:
            folder.file(name)
        return str(error.value).replace(name, "")

    assert said("/etc/passwd") == said("/etc/not-there")


@pytest.mark.parametrize("name", ["none.csv", "sub", "pipe.csv", ""])
def test_only_plain_files_are_read(folder, name):
    with pytest.raises(InputError, match="there is no file"):
        folder.file(name)


def test_files_inside_are_found_by_any_of_their_names(folder):
    file = folder.folder / "sub" / "a.csv"
    for name in ("sub/a.csv", "./sub//a.csv", str(file), "inner.csv"):
        assert folder.file(name) == file
    assert folder.shown(file) == "sub/a.csv"


def test_an_index_with_a_link_out_of_the_folder_is_refused(folder):
    assert folder.index("sub") == folder.folder / "sub"
    (folder.folder / "sub" / "deep").mkdir()
    (folder.folder / "sub" / "deep" / "model").symlink_to(folder.folder.parent / "secret.csv")
    with pytest.raises(InputError, match="leads out of the folder"):
        folder.index("sub")


def test_nothing_is_overwritten(folder):
    assert folder.new_folder("out/today") == folder.folder / "out" / "today"
    for name in ("sub", "sub/a.csv", "sub/a.csv/x/y", "."):
        with pytest.raises(InputError, match="exists already"):
            folder.new_folder(name)


def test_the_root_is_a_folder(tmp_path):
    with pytest.raises(InputError, match="--root"):
        Root(tmp_path / "none")
