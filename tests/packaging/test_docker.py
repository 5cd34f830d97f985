"""The image: built where Docker runs, and elsewhere at least consistent with the project."""

import fnmatch
import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from admatch.cli.main import app

ROOT = Path(__file__).parents[2]
LINES = (ROOT / ".github" / "Dockerfile").read_text("utf-8").replace("\\\n", " ").splitlines()
STEPS = [line.split(maxsplit=1) for line in LINES if line and not line.startswith("#")]
KNOWN = {"FROM", "RUN", "COPY", "USER", "VOLUME", "EXPOSE", "ENTRYPOINT"}


def said(instruction):
    return [rest for name, rest in STEPS if name == instruction]


def has_docker():
    try:
        return subprocess.run(["docker", "info"], capture_output=True, timeout=20).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def test_the_image_is_what_the_project_says():
    assert {name for name, _ in STEPS} <= KNOWN
    for copied in said("COPY"):
        assert all((ROOT / source).exists() for source in copied.split()[:-1])
    assert "torch" not in " ".join(said("RUN"))  # nothing that the page does needs it


def admitted(path):
    """Return whether the ignore file lets a path into the image; its last word counts."""
    rules = (ROOT / ".github" / "Dockerfile.dockerignore").read_text("utf-8").split()
    allowed = True
    for rule in rules:
        name = rule.removeprefix("!")
        if (
            name == "**"
            or path == name
            or path.startswith(f"{name}/")
            or (name.startswith("**/") and fnmatch.fnmatch(f"/{path}/", f"*/{name[3:]}/*"))
        ):
            allowed = rule.startswith("!")
    return allowed


def test_what_is_copied_is_let_in_and_is_all_that_the_build_reads():
    sources = [source for copied in said("COPY") for source in copied.split()[:-1]]
    assert sources
    for source in sources:
        tree = [one for one in (ROOT / source).rglob("*") if one.is_file()] or [ROOT / source]
        kept = [one for one in tree if "__pycache__" not in one.parts]
        assert all(admitted(str(one.relative_to(ROOT))) for one in kept), source
    assert not admitted("admatch/cli/__pycache__/main.pyc")
    assert not admitted(".git/config")
    assert not admitted("tests/conftest.py")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    readme = project["project"]["readme"]
    assert (readme if isinstance(readme, str) else readme["file"]) in sources
    [extras] = re.findall(r"/source\[([\w,]+)\]", " ".join(said("RUN")))
    assert set(extras.split(",")) <= set(project["project"]["optional-dependencies"])
    [base] = re.findall(r"^python:(3\.\d+)", said("FROM")[0])
    assert base in project["project"]["requires-python"]


def test_each_line_does_one_thing_that_can_be_repeated():
    runs = said("RUN")
    assert all("pip install --no-cache-dir" in one for one in runs if "pip install" in one)
    for one in runs:
        assert "sudo" not in one
        assert ("apt-get install" in one) == ("apt-get update" in one)  # never from an old list
        if "apt-get install" in one:
            assert "-y --no-install-recommends" in one
            assert one.rstrip().endswith("rm -rf /var/lib/apt/lists/*")
    assert ":latest" not in said("FROM")[0]
    assert ":" in said("FROM")[0]


def test_the_entry_point_is_a_verb_with_its_options():
    program, verb, *words = json.loads(said("ENTRYPOINT")[0])
    assert program == "admatch"
    known = {name for one in get_command(app).commands[verb].params for name in one.opts}
    assert {word for word in words if word.startswith("--")} <= known


def test_the_image_runs_as_nobody_special_and_only_with_tokens():
    names = [name for name, _ in STEPS]
    assert "root" not in said("USER")[-1]
    assert names.index("USER") < names.index("ENTRYPOINT")
    # on any other address than this computer's, the page starts only with accounts or a token
    assert "0.0.0.0" in said("ENTRYPOINT")[0]
    assert "--token" not in said("ENTRYPOINT")[0]


@pytest.mark.slow
@pytest.mark.skipif(not has_docker(), reason="Docker does not run here")
def test_the_image_builds_and_starts():
    build = ["docker", "build", "-q", "-f", ".github/Dockerfile", "-t", "admatch-test", "."]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    words = ["docker", "run", "--rm", "-w", "/home/seller", "--entrypoint", "admatch"]
    assert subprocess.run([*words, "admatch-test", "demo"], check=False).returncode == 0
