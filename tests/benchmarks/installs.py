"""What an install takes, light and full: ``python -m tests.benchmarks.installs``.

Each in a fresh virtual environment, from this checkout, with the CPU build of torch: megabytes on
disk, seconds of ``pip install``, and seconds from the first ``admatch demo`` to its pages. The
demo's tables of both are compared byte by byte.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.record import record

ROOT = Path(__file__).parents[2]
INSTALLS = {
    "light": [str(ROOT)],
    "full": ["torch==2.13.0", "torchvision==0.28.0", f"{ROOT}[full]"],
}
TABLES = ("matches.csv", "recommendations.csv")


def seconds(*command: str | Path, folder: Path) -> float:
    """Return how long a command takes."""
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment = plain | {"ADMATCH_CACHE": str(folder / "cache")}
    start = time.perf_counter()
    subprocess.run(command, check=True, cwd=folder, env=environment, capture_output=True)
    return time.perf_counter() - start


def megabytes(folder: Path) -> float:
    """Return the size of all files of a folder."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files) / 2**20


def main() -> None:
    """Measure, print, keep."""
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as made:
        for name, wanted in INSTALLS.items():
            folder = Path(made) / name
            folder.mkdir()
            seconds(sys.executable, "-m", "venv", "environment", folder=folder)
            programs = folder / "environment" / "bin"
            row: dict[str, object] = {"install": name}
            row["pip, seconds"] = seconds(programs / "pip", "install", *wanted, folder=folder)
            row["MiB"] = megabytes(folder / "environment")
            demo = [programs / "admatch", "demo", "--out", "demo"]
            row["first demo, seconds"] = seconds(*demo, folder=folder)
            row["second demo, seconds"] = seconds(*demo, folder=folder)
            rows.append(row)
        for table in TABLES:
            one, other = (Path(made, name, "demo", table).read_bytes() for name in INSTALLS)
            assert one == other, table
    record("installs", "an install, and the demo's pages", rows, 0)


if __name__ == "__main__":
    main()
