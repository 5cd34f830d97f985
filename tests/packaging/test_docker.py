"""The image: built where Docker runs, and elsewhere at least consistent with the project."""

import re
import subprocess
from pathlib import Path

import pytest

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
    pins = re.findall(r"torch(?:vision)?==[\d.]+", " ".join(said("RUN")))
    readme = (ROOT / "README.md").read_text("utf-8")
    assert pins
    assert all(f" {pin} " in readme for pin in pins)


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
