"""What admatch asks of the system: no name is resolved, nobody outside of this computer is asked.

Every call is watched by strace, those of compiled libraries as well; without it, these tests skip.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest

from admatch.reports.reader import read_report
from tests.attacks.record import count
from tests.web.processes import _free_port

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("strace") is None, reason="there is no strace"),
]
ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample"
ADMATCH = [sys.executable, "-c", "from admatch.cli.main import main; main()"]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
_CALLS = "connect,sendto,sendmsg,openat,open,creat,mkdir,mkdirat,rename,renameat,renameat2"
_ADDRESS = re.compile(r"sa_family=AF_INET6?, sin6?_port=htons\((\d+)\).*?\"([0-9a-f.:]+)\"")
_PATH = re.compile(r"\"((?:[^\"\\]|\\.)*)\"")
_LOOPBACK = re.compile(r"(?:::ffff:)?127\.|::1$|0\.0\.0\.0$")
_MADE = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|^(?:creat|mkdir|rename)")
_DEVICES = ("/dev/", "/proc/", "/sys/")


class Watched:
    """Programs that run under strace in a home of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.trace = folder, folder / "trace"
        self.home, self.out = folder / "home", folder / "out"
        for one in (self.home, self.out, folder / "tmp"):
            one.mkdir()
        names = {
            "HOME": self.home,
            "XDG_CACHE_HOME": self.home / ".cache",
            "TMPDIR": folder / "tmp",
        }
        kept = {key: value for key, value in os.environ.items() if not key.startswith("ADMATCH")}
        self.environment = kept | {name: str(path) for name, path in names.items()}
        self.environment |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(ROOT)}
        self.environment.pop("ORT_DISABLE_TELEMETRY", None)

    def start(
        self, *command: str, folder: Path | None = None, stdin: int | None = None
    ) -> subprocess.Popen[bytes]:
        strace = ["strace", "-f", "-qq", "-s", "400", "-e", f"trace={_CALLS}", "-o", self.trace]
        return subprocess.Popen(
            [*strace, *command], cwd=folder or self.out, env=self.environment, stdin=stdin,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    def run(self, *command: str, folder: Path | None = None) -> None:
        process = self.start(*command, folder=folder)
        said, _ = process.communicate(timeout=1500)
        assert process.returncode == 0, said.decode()[-3000:]

    def calls(self) -> list[str]:
        return self.trace.read_text(errors="replace").splitlines()

    def strangers(self) -> list[str]:
        """Return the calls that ask for a name, or for somebody on another computer."""
        found = []
        for call in self.calls():
            address = _ADDRESS.search(call)
            if address and (address[1] == "53" or not _LOOPBACK.match(address[2])):
                found.append(call)
        return found

    def files_elsewhere(self, *also: Path) -> list[str]:
        """Return the files that were made outside of outputs, workspace, cache and scratch."""
        places = (self.out, self.folder / "tmp", self.home / ".cache" / "admatch", *also)
        found = []
        for call in self.calls():
            paths = _PATH.findall(call)
            inner = call.split(maxsplit=1)[-1]
            if not paths or not _MADE.search(inner) or "= -1" in inner or "sa_family" in inner:
                continue
            path = Path(os.path.normpath(self.out / paths[-1]))
            allowed = any(path == one or one in path.parents for one in places)
            parents = any(path in one.parents for one in places)  # ~/.cache itself
            if not (allowed or parents or str(path).startswith(_DEVICES)):
                found.append(str(path))
        return sorted(set(found))

    def check(self, what: str, *also: Path) -> None:
        assert self.strangers() == [], what
        assert self.files_elsewhere(*also) == [], what
        count("private", 1)


@pytest.fixture
def watched(tmp_path):
    return Watched(tmp_path)


@pytest.fixture
def short():
    """A folder with a name so short that sockets may lie in it."""
    with tempfile.TemporaryDirectory(prefix="ray") as folder:
        yield Path(folder)


def test_the_demo_asks_nobody(watched):
    watched.run(*ADMATCH, "demo")
    watched.check("demo")


def test_a_match_with_pictures_asks_nobody(watched):
    files = (str(SAMPLE / "search_terms.csv"), "--catalog", str(SAMPLE / "catalog.csv"))
    watched.run(*ADMATCH, "match", *files, "--out", str(watched.out / "result"))
    watched.check("match")


def test_a_job_and_an_audit_ask_nobody(watched):
    job = "\n".join([
        '[[account]]\nname = "Groceries"\ntarget_acos = 0.30',
        f'reports = ["{SAMPLE / "search_terms.csv"}"]\ncatalog = "{SAMPLE / "catalog.csv"}"',
    ])  # fmt: skip
    (watched.out / "job.toml").write_text(job, encoding="utf-8")
    watched.run(*ADMATCH, "run", "job.toml")
    watched.check("run")
    watched.run(*ADMATCH, "audit", str(SAMPLE / "catalog.csv"), "--out", "audit")
    watched.check("audit")


def test_the_agents_server_asks_nobody(watched):
    (watched.out / "data").symlink_to(SAMPLE)
    said = "".join(
        json.dumps({"jsonrpc": "2.0", **one}) + "\n"
        for one in (
            {"id": 1, "method": "initialize", "params": {
                "protocolVersion": "2025-06-18", "capabilities": {},
                "clientInfo": {"name": "strace", "version": "1"},
            }},
            {"method": "notifications/initialized"},
            {"id": 2, "method": "tools/list"},
        )
    )  # fmt: skip
    process = watched.start(*ADMATCH, "mcp", "--root", ".", stdin=subprocess.PIPE)
    answer, _ = process.communicate(said.encode(), timeout=300)
    assert b'"tools"' in answer
    watched.check("mcp")


@pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed")
def test_a_cluster_of_this_computer_asks_nobody(watched, short):
    watched.environment["RAY_TMPDIR"] = str(short)
    rays = (short, watched.home / ".ray")  # its sockets and logs; the token of its clusters
    terms = watched.out / "terms.parquet"
    read_report(SAMPLE / "search_terms.csv").frame.select("search_term").write_parquet(terms)
    index, ray = str(watched.out / "index"), ("--engine", "ray")
    watched.run(*ADMATCH, "index", str(SAMPLE / "catalog.csv"), "--out", index, *ray)
    watched.check("index --engine ray", *rays)
    watched.run(*ADMATCH, "match", str(terms), "--index", index, *ray, "--out", "matched")
    assert (watched.out / "matched" / "manifest.json").exists()
    watched.check("match --engine ray", *rays)


def test_the_page_asks_nobody(watched):
    port = _free_port()
    workspace = str(watched.out / "ws")
    process = watched.start(*ADMATCH, "serve", "--workspace", workspace, "--port", str(port))
    http = httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=60)
    try:
        _until(lambda: http.get("/openapi.json").is_success)
        run = http.post("/sample", json={"run": True}).json()["run_id"]
        _until(lambda: http.get(f"/runs/{run}").json()["state"] not in ("queued", "running"))
        assert http.get(f"/runs/{run}").json()["state"] == "done"
    finally:
        children = subprocess.run(
            ["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=False
        ).stdout.split()
        for child in children:  # strace's one child: the server
            os.kill(int(child), 2)
        process.communicate(timeout=60)
    watched.check("serve")


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_first_cells_of_a_notebook_ask_nobody(watched, notebook):
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"][:2]
    (watched.out / "data").symlink_to(ROOT / "data")
    folder = watched.out / "notebooks"  # where the notebooks find the sample as ../data
    folder.mkdir()
    plain = [line for one in code for line in one.splitlines() if not line.startswith(("%", "!"))]
    script = folder / "cells.py"
    script.write_text("\n".join(plain), encoding="utf-8")
    watched.run(sys.executable, "-c", f"exec(open({str(script)!r}).read())", folder=folder)
    # What notebooks draw with keeps its list of the computer's fonts in folders of its own.
    fonts = (watched.home / name / "matplotlib" for name in (".cache", ".config"))
    watched.check(notebook.name, *fonts)


def test_everything_was_watched(watched):
    """The watch sees a file, a name and a stranger where there are some."""
    seen = Path(tempfile.gettempdir(), "admatch-seen")
    code = (
        f"import socket; open({str(seen)!r}, 'w').close()\n"
        "one = socket.socket(); one.settimeout(0.1)\n"
        "try: one.connect(('192.0.2.1', 80))\nexcept OSError: pass"
    )
    watched.run(sys.executable, "-c", code)
    seen.unlink()
    assert len(watched.strangers()) == 1
    assert watched.files_elsewhere() == [str(seen)]


def _until(true, seconds=600):
    end = time.monotonic() + seconds
    while True:
        try:
            if true():
                return
        except httpx.HTTPError:
            pass
        assert time.monotonic() < end
        time.sleep(0.3)
