"""Every notebook runs from its first cell to its last, whose assertions hold its story."""

from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def test_there_are_notebooks():
    assert [path.stem[0] for path in NOTEBOOKS] == list("1234567")


@pytest.mark.slow  # three minutes for all; .ci/run runs them
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_and_its_story_holds(path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert "assert" in notebook.cells[-1].source
    assert not any(cell.get("outputs") for cell in notebook.cells)  # they would go stale
    client = nbclient.NotebookClient(
        notebook, timeout=900, resources={"metadata": {"path": str(FOLDER)}}
    )
    client.execute()
