import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from admatch import __version__
from admatch.cli.main import app
from admatch.errors import InputError

ROOT = Path(__file__).parents[2]
COMMANDS = typer.main.get_command(app).commands
# These have no fakes: tests of their own run them.
ELSEWHERE = (
    "replay",
    *("check", "undo", "train", "audit", "fetch", "apply", "rollback", "run", "history"),
    *("overview", "verdict", "serve", "mcp"),
)
MAIN = "from admatch.cli.main import main; main()"


def shell(command, **more):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"}
    return subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, env=environment, capture_output=True, **more
    )


def docs():
    return {name: command.help for name, command in COMMANDS.items()}


def examples():
    found = re.findall(r"^\$ admatch ((?:.*\\\n)*.*)$", "\n".join(docs().values()), re.MULTILINE)
    return [example.replace("\\\n", " ") for example in found]


def test_every_verb_teaches_with_an_example():
    assert all(f"$ admatch {verb}" in text for verb, text in docs().items())


def test_the_examples_of_the_help_work(run):
    assert len(examples()) >= 8
    for example in examples():
        if example.startswith(ELSEWHERE) or "--engine ray" in example:
            continue
        done = run(*shlex.split(example))
        assert done.exit_code == 0, f"{example}: {done.stderr}"


@pytest.mark.parametrize("verb", COMMANDS)
def test_help_keeps_what_stands_in_brackets(run, verb):
    """A table of a job file or an extra is no markup."""
    command = COMMANDS[verb]
    texts = [command.help, *(one.help for one in command.params if one.help)]
    named = re.findall(r"\[[a-z.]+\]", " ".join(texts).replace("\\", ""))
    shown = run(verb, "--help").stdout
    assert [one for one in named if one not in shown] == []


def test_help_comes_at_once():
    """Neither torch nor a table library is loaded to say what the verbs are."""
    told = shell(
        "import sys\nsys.argv = ['admatch', '--help']\n"
        "from admatch.cli.main import main\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n"
        "    heavy = {'torch', 'sentence_transformers', 'polars', 'numpy'} & set(sys.modules)\n"
        "    sys.exit(f'loaded {heavy}' if heavy else end.code)"
    )
    assert told.returncode == 0, told.stderr.decode()
    assert all(verb in told.stdout.decode() for verb in COMMANDS)


def test_version(run):
    assert run("--version").stdout == f"admatch {__version__}\n"


@pytest.mark.parametrize(
    "words",
    [
        ("guess",),
        ("match",),
        ("match", "data/sample/search_terms.csv"),
        ("match", "r.csv", "--catalog", "c.csv", "--index", "i"),
        ("search", "x", "--format", "xml"),
        ("search", "x", "-k", "0"),
        ("index", "data/sample/catalog.csv"),
        ("match", "terms", "--engine", "ray", "--index", "i"),
        ("match", "terms", "--engine", "ray", "--catalog", "c.csv", "--out", "o"),
        ("match", "r.csv", "--index", "i", "--address", "auto"),
        ("index", "data/sample/catalog.csv", "--out", "i", "--column", "title"),
    ],
)
def test_wrong_usage_ends_with_2(run, words):
    done = run(*words)

    assert done.exit_code == 2
    assert done.stdout == ""
    assert "Usage:" in done.stderr


def test_what_cannot_be_done_ends_with_1_and_one_sentence(run):
    done = run("search", "milk", "--catalog", "absent.csv")

    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr == "admatch: no file at 'absent.csv'; check the path\n"


def test_a_file_system_error_is_one_sentence(run, tmp_path):
    (tmp_path / "taken").write_text("a file")
    done = run("demo", "--out", "taken")

    assert done.exit_code == 1
    assert re.fullmatch(r"admatch: cannot read or write '.*': .*\n", done.stderr)


def test_control_codes_in_an_error_stay_out_of_the_terminal(run, monkeypatch):
    def fail(*_):
        raise InputError("bad\x1b[2Jvalue\nline")

    monkeypatch.setattr("admatch.cli.verbs.search.opened", fail)
    assert run("search", "x").stderr == "admatch: bad [2Jvalue line\n"


def test_ctrl_c_ends_with_130_and_one_line(run, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("admatch.cli.verbs.search.opened", stop)
    done = run("search", "x")

    assert done.exit_code == 130
    assert done.stderr == "admatch: stopped; no file was left half written\n"


@pytest.mark.skipif(sys.platform == "win32", reason="pipes close otherwise there")
@pytest.mark.parametrize(
    "print_much", ["print_json(['x' * 9] * 9999)", "stdout().print('[' * 99999)"]
)
def test_a_closed_pipe_is_no_trouble(print_much):
    command = (
        "import sys\nfrom admatch.cli import main as cli\nfrom admatch.cli.console import *\n"
        f"@cli.app.command()\ndef talk():\n    {print_much}\n"
        "sys.argv = ['admatch', 'talk']\ncli.main()"
    )
    piped = f"{shlex.quote(sys.executable)} -c {shlex.quote(command)} | head -c 1"
    told = subprocess.run(
        ["bash", "-c", piped + "; exit ${PIPESTATUS[0]}"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
    )
    assert (told.returncode, told.stdout, told.stderr) == (0, b"[", b"")
