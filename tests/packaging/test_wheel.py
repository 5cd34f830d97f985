"""What is built holds everything, and runs where no checkout is."""

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from admatch import __version__

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow  # a minute; .ci/run runs it


def shell(*words, folder):
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(word) for word in words], cwd=folder, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The wheel and the source distribution."""
    pytest.importorskip("hatchling", reason="hatchling is not installed: pip install '.[test]'")
    folder = tmp_path_factory.mktemp("built")
    shell(sys.executable, "-m", "hatchling", "build", "-d", folder, folder=ROOT)
    (wheel,), (source,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, source


def files_of(folder, prefix=""):
    """Return what git knows of in a folder, as it is called in a wheel."""
    return {prefix + name for name in shell("git", "ls-files", folder, folder=ROOT).splitlines()}


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no checkout, so git cannot be asked")
def test_the_wheel_holds_every_file_of_the_package_and_the_sample(built):
    names = set(zipfile.ZipFile(built[0]).namelist())
    assert files_of("admatch") - names == set()
    sample = {name.replace("data/sample", "admatch/sample", 1) for name in files_of("data/sample")}
    assert sample - names == set()
    for name in ("py.typed", "models/universal-1/codebooks.safetensors", "reports/headers.toml",
                 "export/report.html.jinja", "sample/catalog.csv", "THIRD_PARTY.md"):  # fmt: skip
        assert f"admatch/{name}" in names
    assert not any(name.startswith(("tests/", "data/", "notebooks/")) for name in names)


def test_the_source_holds_what_is_built_of_it(built):
    with tarfile.open(built[1]) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    assert {"pyproject.toml", "README.md", "admatch/LICENSE", "data/sample/catalog.csv"} <= names
    assert {f"admatch/models/{name}/manifest.json" for name in ("universal-1", "images-1")} <= names


def test_the_metadata_names_version_and_licences(built):
    archive = zipfile.ZipFile(built[0])
    info = f"admatch-{__version__}.dist-info"
    metadata = archive.read(f"{info}/METADATA").decode()
    assert f"Version: {__version__}\n" in metadata
    assert "License-Expression: Apache-2.0\n" in metadata
    for name in ("admatch/LICENSE", "admatch/THIRD_PARTY.md"):
        assert f"License-File: {name}\n" in metadata
        assert f"{info}/licenses/{name}" in archive.namelist()
    for extra in ("multilingual", "clip", "amazon", "notebook", "ray"):
        assert f"Provides-Extra: {extra}\n" in metadata


@pytest.fixture(scope="module")
def alone(built, tmp_path_factory):
    """Python with the wheel, the packages of this environment, and no checkout."""
    folder = tmp_path_factory.mktemp("alone")
    venv.create(folder / "venv", symlinks=True)
    packages = next((folder / "venv" / "lib").glob("python*")) / "site-packages"
    (packages / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    python = folder / "venv" / "bin" / "python"
    shell(
        *(sys.executable, "-m", "pip", "--python", python, "install", "-q"),
        *("--no-deps", "--no-index", "--no-cache-dir", "--force-reinstall", built[0]),
        folder=folder,
    )
    return python


def test_the_wheel_runs_alone(alone, tmp_path):
    where = shell(alone, "-c", "import admatch; print(admatch.__file__)", folder=tmp_path)
    assert "site-packages" in where
    assert str(ROOT / "admatch") not in where
    admatch = alone.parent / "admatch"
    assert shell(admatch, "--version", folder=tmp_path) == f"admatch {__version__}\n"
    shell(admatch, "demo", folder=tmp_path)
    made = {path.name for path in (tmp_path / "admatch-demo").iterdir()}
    assert made >= {"matches.html", "recommendations.html", "changes.xlsx", "changes.inverse.xlsx"}


def test_its_own_requirements_are_met(alone, tmp_path):
    check = subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(alone), "check"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert [line for line in check.stdout.splitlines() if line.startswith("admatch ")] == []
