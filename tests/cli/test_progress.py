import io

import pytest
from rich.console import Console

from admatch.cli.progress import progress_bars


@pytest.fixture
def terminal(monkeypatch):
    screen = Console(file=io.StringIO(), force_terminal=True, width=90)
    monkeypatch.setattr("admatch.cli.progress.stderr", lambda: screen)
    return screen.file


def test_a_bar_a_stage(terminal):
    with progress_bars() as progress:
        progress("encoding", 1, 3)
        progress("encoding", 3, 3)
        progress("pictures", 5, 81)

    last = terminal.getvalue()
    assert "encoding" in last
    assert "3/3" in last
    assert "5/81" in last


def test_a_bar_says_that_models_load_until_work_begins(terminal):
    with progress_bars():
        pass

    assert "loading models" in terminal.getvalue()


def test_nothing_is_drawn_into_a_pipe(capsys):
    with progress_bars() as progress:
        progress("encoding", 1, 3)

    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "")
