"""The lock: every package that admatch needs, at a version that it allows, with its hashes."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKED_EXTRAS = ("test", "full", "notebook", "amazon", "multilingual", "mcp")
_ENTRY = re.compile(
    r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)[^\\\n]*\\\n((?:    --hash=\S+.*\n?)+)", re.M
)


@pytest.fixture(scope="module")
def locked():
    text = (ROOT / ".github" / "requirements.lock").read_text(encoding="utf-8")
    entries = {canonicalize_name(name): version for name, version, _ in _ENTRY.findall(text)}
    assert len(entries) == sum(
        "==" in line and not line.startswith(" ") for line in text.splitlines()
    )
    return entries


def test_every_dependency_is_locked_at_a_version_that_it_allows(locked):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    needed = [*project["dependencies"], *(one for name in LOCKED_EXTRAS for one in extras[name])]
    for requirement in map(Requirement, needed):
        name = canonicalize_name(requirement.name)
        if name != "admatch":
            assert requirement.specifier.contains(locked[name]), requirement
