"""README.md tells what is so: its commands and its Python run, its links lead, its figures hold."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from admatch.jobs.read import read_job

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
RESULTS = ROOT / "tests" / "benchmarks" / "results"
# What is not run here, and why.
SKIPPED = {
    "python3 -m venv": "installs; .ci/run does it",
    "pip install": "installs; .ci/run does it",
    "admatch serve": "runs until it is stopped; tests/web starts it",
    "admatch recommend 搜索词报告.xlsx": "the reader's own files",
    "admatch index catalog.parquet --out /shared": "on a cluster; tests/distributed simulates one",
    "admatch match 's3://": "on a cluster; tests/distributed simulates one",
    "ray ": "on a cluster; tests/distributed simulates one",
    "# ": "no command",
}


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


COMMANDS = [line for block in blocks("sh") for line in block.replace("\\\n", "").splitlines()]


def skipped(command):
    return any(command.startswith(start) for start in SKIPPED)


def test_every_reason_to_skip_is_needed():
    assert all(any(one.startswith(start) for one in COMMANDS) for start in SKIPPED)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A folder in which the sample lies where the README says."""
    folder = tmp_path_factory.mktemp("checkout")
    (folder / "data").symlink_to(ROOT / "data")
    return folder


def called(command, folder):
    """Run a command line of admatch as a shell would, with this checkout's code."""
    words = shlex.split(command)
    assert words[0] == "admatch", command
    program = [sys.executable, "-c", "from admatch.cli.main import main; main()"]
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [*program, *words[1:]],
        cwd=folder, env=os.environ | {"PYTHONPATH": paths}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("command", [one for one in COMMANDS if not skipped(one)])
def test_a_command_runs(command, checkout):
    done = called(command, checkout)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_its_python_runs_from_top_to_bottom(checkout):
    """All blocks as one program: later ones use what earlier ones made."""
    programs = blocks("python")
    assert programs
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(programs)],
        cwd=checkout, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (checkout / "changes.inverse.xlsx").exists()


def test_its_job_is_one(tmp_path):
    told = next(block for block in blocks("toml") if "[[account]]" in block)
    (tmp_path / "job.toml").write_text(told, encoding="utf-8")
    assert len(read_job(tmp_path / "job.toml").accounts) == told.count("[[account]]")


def test_its_links_lead_somewhere():
    links = re.findall(r"\]\(([^)#]+)\)", README)
    local = [link for link in links if "://" not in link]
    assert len(local) > 20
    assert [link for link in local if not (ROOT / link).exists()] == []


def test_every_verb_is_told():
    from admatch.cli.main import app

    verbs = [one.name or one.callback.__name__.replace("_", "-") for one in app.registered_commands]
    assert [verb for verb in verbs if f"admatch {verb}" not in README] == []


# ----- figures


def numbers(text):
    """Return the numbers of a text as (value, decimals, whether it is a percentage)."""
    found = re.findall(r"(?<![\w.])(\d[\d,]*(?:\.\d+)?)(\s?%)?", text)
    plain = [(number.replace(",", ""), bool(sign)) for number, sign in found]
    return [(float(n), len(n.partition(".")[2]), sign) for n, sign in plain]


def held(row):
    """Return all numbers of a result's row, those inside its texts too."""
    texts = [str(cell) for cell in row.values() if not isinstance(cell, float)]
    exact = [cell for cell in row.values() if isinstance(cell, float)]
    return exact + [value for text in texts for value, *_ in numbers(text)]


def told_by(values, told):
    """Say whether a number is one of some values, as it would be rounded."""
    number, decimals, share = told
    slack = 0.5 * 10**-decimals + 1e-9
    near = [100 * value for value in values] + values if share else values
    return any(abs(value - number) <= slack for value in near)


def results(name):
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))["rows"]


def table_after(start):
    """Return the rows of the first table after some words, without its head."""
    lines = README[README.index(start) :].splitlines()
    first = next(at for at, line in enumerate(lines) if line.startswith("|"))
    rows = lines[first + 2 :]
    return rows[: next((at for at, row in enumerate(rows) if not row.startswith("|")), len(rows))]


@pytest.mark.parametrize("name", ["retrieval", "belonging", "regret"])
def test_each_row_of_a_table_is_a_row_of_its_result(name):
    measured = [held(row) for row in results(name)]
    rows = table_after(f"`python -m tests.benchmarks.{name}`")
    assert len(rows) >= 4
    for row in rows:
        told = numbers(row.split("|", 2)[2])
        assert told
        assert any(all(told_by(values, one) for one in told) for values in measured), row


def test_the_first_figures_are_those_of_the_result():
    sentence = next(line for line in README.splitlines() if "nDCG@10 of" in line)
    measured = [value for row in results("retrieval") for value in held(row)]
    told = [one for one in numbers(sentence) if one[1] == 3]
    assert len(told) == 4
    assert all(told_by(measured, one) for one in told)
    best = next(row for row in results("retrieval") if row["system"] == "admatch end to end")
    assert f"**{best['nDCG@10']:.3f}**" in sentence
