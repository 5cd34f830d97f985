"""What the documents say is so: commands and Python run, links lead somewhere, figures hold."""

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
BENCHMARKS = ROOT / "tests" / "benchmarks"
DOCUMENTS = [
    ROOT / "README.md",
    BENCHMARKS / "README.md",
    *sorted((ROOT / "admatch").glob("*/README.md")),
    *sorted((ROOT / ".github").glob("*.md")),
]
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in DOCUMENTS}
README, MEASURED = TEXTS["README.md"], TEXTS["tests/benchmarks/README.md"]
LONGEST = 1300  # words of README.md: a newcomer reads it all
# What is not run here, and why.
SKIPPED = {
    "python3 -m venv": "installs; .ci/run does it",
    "pip install": "installs; .ci/run does it",
    "pytest": "this is one of them",
    "ruff ": ".ci/run does it",
    "mypy": ".ci/run does it",
    "lint-imports": ".ci/run does it",
    ".ci/run": "runs this",
    "admatch serve": "runs until it is stopped; tests/web starts it",
    "admatch recommend 搜索词报告.xlsx": "the reader's own files",
    "admatch run job.toml": "the reader's own files; tests/jobs runs such jobs",
    "# ": "no command",
}
# The same for the documents of rooms, whose commands name the reader's own machines and files.
SKIPPED_BY_FOLDER = {
    "admatch/agents": "runs until its agent hangs up; tests/agents starts it",
    "admatch/amazon": "asks Amazon; tests/amazon runs them against a server of its own",
    "admatch/distributed": "on a cluster; tests/distributed simulates one",
    "admatch/jobs": "the reader's own files; tests/jobs runs such jobs",
}


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


COMMANDS = {
    name: [
        line
        for block in blocks(text, "sh")
        for line in block.replace("\\\n", "").splitlines()
        if line
    ]
    for name, text in TEXTS.items()
}
RUN = [
    (name, one)
    for name, commands in COMMANDS.items()
    for one in commands
    if not any(one.startswith(start) for start in SKIPPED)
    and not any(name.startswith(folder) for folder in SKIPPED_BY_FOLDER)
]


def test_every_reason_to_skip_is_needed():
    every = [one for commands in COMMANDS.values() for one in commands]
    assert [start for start in SKIPPED if not any(one.startswith(start) for one in every)] == []


def test_the_readme_is_short():
    assert len(README.split()) <= LONGEST


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
@pytest.mark.parametrize(("name", "command"), RUN)
def test_a_command_runs(name, command, checkout):
    done = called(command, checkout)
    assert done.returncode == 0, f"{name}: {done.stderr}"


@pytest.mark.slow
def test_its_python_runs_from_top_to_bottom(checkout):
    """All blocks as one program: later ones use what earlier ones made."""
    programs = blocks(README, "python")
    assert programs
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(programs)],
        cwd=checkout, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (checkout / "advice" / "changes.inverse.xlsx").exists()


JOBS = [
    (name, block)
    for name, text in TEXTS.items()
    for block in blocks(text, "toml")
    if "[[account]]" in block
]


@pytest.mark.parametrize(("name", "job"), JOBS)
def test_a_job_is_one(name, job, tmp_path):
    (tmp_path / "job.toml").write_text(job, encoding="utf-8")
    assert len(read_job(tmp_path / "job.toml").accounts) == job.count("[[account]]"), name


def test_the_readme_and_the_jobs_document_show_a_job():
    assert {name for name, _ in JOBS} >= {"README.md", "admatch/jobs/README.md"}


# ----- links


def anchors(text):
    """Return the anchors that GitHub gives the headings of a document."""
    heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", DOCUMENTS, ids=list(TEXTS))
def test_its_links_lead_somewhere(path):
    text = path.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)]+)\)", text):
        if "://" in link:
            continue
        file, _, anchor = link.partition("#")
        target = path.parent / file if file else path
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), link


def test_files_that_are_named_are_there():
    """What stands between backquotes and looks like a path; ROOM stands for any room."""
    named = {
        path
        for text in TEXTS.values()
        for path in re.findall(r"`((?:\.ci|\.github|admatch|notebooks|tests)/[\w./-]+)`", text)
    }
    assert len(named) > 10
    assert [one for one in named if "ROOM" not in one and not (ROOT / one).exists()] == []


def test_every_document_of_a_room_is_found_from_the_readme():
    linked = set(re.findall(r"\]\(([^)#]+)", README))
    assert [name for name in TEXTS if name not in linked and name != "README.md"] == []


def test_every_verb_is_there():
    from admatch.cli.main import app

    verbs = [one.name or one.callback.__name__.replace("_", "-") for one in app.registered_commands]
    text = TEXTS["admatch/cli/README.md"]
    assert [verb for verb in verbs if f"`admatch {verb}`" not in text] == []


def test_every_benchmark_that_is_named_is_a_module():
    every = "\n".join(TEXTS.values())
    named = set(re.findall(r"python -m tests\.benchmarks\.(\w+)", every))
    assert len(named) > 25
    assert [name for name in named if not (BENCHMARKS / f"{name}.py").exists()] == []


# ----- figures


def numbers(text):
    """Return the numbers of a text as (value, decimals, whether it is a percentage)."""
    found = re.findall(r"(?<![\w.-])(-?\d[\d,]*(?:\.\d+)?)(\s?%)?", text)
    plain = [(number.replace(",", ""), bool(sign)) for number, sign in found]
    return [(float(n), len(n.partition(".")[2]), sign) for n, sign in plain]


def numbers_of(row):
    """Return all numbers of a result's row, those inside its texts too."""
    texts = [str(cell) for cell in row.values() if not isinstance(cell, float)]
    exact = [cell for cell in row.values() if isinstance(cell, float)]
    return exact + [value for text in texts for value, *_ in numbers(text)]


def is_among(values, shown):
    """Say whether a number is one of some values, as it would be rounded."""
    number, decimals, share = shown
    slack = 0.5 * 10**-decimals + 1e-9
    near = [100 * value for value in values] + values if share else values
    return any(abs(value - number) <= slack for value in near)


def results(name):
    return json.loads((BENCHMARKS / "results" / f"{name}.json").read_text("utf-8"))["rows"]


def cells(row):
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def measured_rows():
    """Yield every row of a table of figures with the results that its section names."""
    for section in re.split(r"^#+ ", MEASURED, flags=re.MULTILINE):
        heading, _, body = section.partition("\n")
        names = re.findall(r"\(results/(\w+)\.json\)", body)
        lines = body.splitlines()
        rows = [line for line in lines if line.startswith("| ")]
        heads = [lines[at - 1] for at, line in enumerate(lines) if line.startswith("|---")]
        if names:
            yield from ((heading, names, row) for row in rows if row not in heads)


ROWS = list(measured_rows())


def holds(row, measured):
    """Say whether a table's row is one of the results, or made of those that bear its name."""
    label, *rest = cells(row)
    shown = numbers(" | ".join(rest))
    own = [numbers_of(one) for one in measured]
    if any(all(is_among(values, one) for one in shown) for values in own):
        return True
    named = [
        number for one in measured if label in map(str, one.values()) for number in numbers_of(one)
    ]
    return bool(named) and all(is_among(named, one) for one in shown)


@pytest.mark.parametrize(("heading", "names", "row"), ROWS, ids=[f"{h}" for h, *_ in ROWS])
def test_each_row_of_a_table_is_a_row_of_its_result(heading, names, row):
    assert numbers(" | ".join(cells(row)[1:]))
    assert any(holds(row, results(name)) for name in names), row


def test_tables_of_figures_are_looked_at():
    assert len(ROWS) > 200
    assert holds("| BM25 | 0.740 | 0.856 |", results("retrieval"))
    assert not holds("| BM25 | 0.741 | 0.856 |", results("retrieval"))


def test_every_result_is_shown():
    linked = set(re.findall(r"\(results/(\w+)\.json\)", MEASURED))
    assert {path.stem for path in (BENCHMARKS / "results").glob("*.json")} - linked == set()


def test_the_first_figures_are_those_of_the_result():
    sentence = next(line for line in README.splitlines() if "nDCG@10 of" in line)
    measured = [value for row in results("retrieval") for value in numbers_of(row)]
    shown = [one for one in numbers(sentence) if one[1] == 3]
    assert len(shown) == 4
    assert all(is_among(measured, one) for one in shown)
    best = next(row for row in results("retrieval") if row["system"] == "admatch end to end")
    assert f"**{best['nDCG@10']:.3f}**" in sentence


def test_the_headline_figures_are_those_of_their_results():
    linked = re.findall(r"^\|.*\(tests/benchmarks/results/(\w+)\.json\).*$", README, re.MULTILINE)
    lines = [line for line in README.splitlines() if "(tests/benchmarks/results/" in line]
    rows = [line for line in lines if line.startswith("|")]
    assert len(rows) == len(linked) == 5
    for row, name in zip(rows, linked, strict=True):
        figures = numbers(" | ".join(cells(row)[1:-1]))
        values = [value for one in results(name) for value in numbers_of(one)]
        assert figures, row
        assert all(is_among(values, one) for one in figures), row
