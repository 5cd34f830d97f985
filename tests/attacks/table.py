"""The results of all campaigns → the table in SECURITY.md; run as a module to write it."""

import json
import re
from pathlib import Path

from tests.attacks.record import RESULTS

SECURITY = Path(__file__).parents[2] / ".github" / "SECURITY.md"
_BEGIN, _END = "<!-- attacks -->", "<!-- end of attacks -->"
# A campaign: what was attacked and how, with its figures in braces, and what held.
CAMPAIGNS = {
    "bombs": (
        "{bombs} bombs and hostile tables, workbooks, JSON, Parquet, XML and pictures, each as a"
        " report and as a catalog, both readers busy",
        "{refused} were refused in one sentence, the others read; the readers took {peak_mib:,} MiB"
        " at most, the slowest file {slowest_seconds} s",
        "test_bombs.py",
    ),
    "requests": (
        "random requests after the API's document, by {accounts} accounts over one account's run",
        "no error of ours, nothing of the other account",
        "test_requests.py",
    ),
    "pages": (
        "hostile paths, queries, headers and cookies at every page, script and picture, and at the"
        " routes that random requests leave out",
        "no error of ours, no script came back, nobody was led to another site",
        "test_routes.py",
    ),
    "entered": (
        "columns named, days, currencies, marketplaces and targets entered, saved views, verdicts"
        " in bulk and Amazon's results read back, as nobody should, by two accounts and at once",
        "refused in one sentence or read, nothing of another account, nothing left of a run that"
        " was deleted meanwhile; the readers took {peak_mib:,} MiB at most",
        "test_entered.py",
    ),
    "accounts": (
        "ways from one account to another's things",
        "all end in 401, 403, 404 or 422",
        "test_accounts.py",
    ),
    "server_kills": (
        "kills of the server, in {stages} stages",
        "everything acknowledged was there afterwards, and no work was stuck",
        "test_server_kills.py",
    ),
    "job_kills": (
        "kills of nightly jobs, at commits, at renames and at any moment",
        "nothing lost, nothing counted twice, the same files in the end",
        "tests/jobs/test_kill.py",
    ),
    "full_disk": (
        "full disks, one at each write of a job, an upload, a verdict and a deletion",
        "one sentence each; done when there was room again",
        "test_full_disk.py",
    ),
    "connections": (
        "clients that send a byte a second, or nothing",
        "{requests_meanwhile} requests of others were answered meanwhile, the slowest in"
        " {slowest_seconds} s",
        "test_connections.py",
    ),
    "agent_connections": (
        "such clients of the agents' server, with and without its token",
        "{requests_meanwhile} requests of an agent were answered meanwhile, the slowest in"
        " {slowest_seconds} s",
        "test_connections.py",
    ),
    "agent_requests": (
        "random calls of the {tools} tools of the agents' server, by their schemas",
        "refused in one sentence or answered, no file outside of the folder was touched",
        "test_agent_requests.py",
    ),
    "uploads": (
        "uploads at once",
        "all were read",
        "tests/web/test_uploads.py",
    ),
    "private": (
        "programs under strace: demo, match, run, audit, serve, mcp, Ray, the first cells of every"
        " notebook",
        "no name resolved, no connection beyond this computer, no file outside of cache, workspace"
        " and outputs",
        "test_private.py",
    ),
    "same_bytes": (
        "runs with 1, 2 and 8 threads of polars and of OpenMP, and other seeds of hashes",
        "the same bytes in all {files} files",
        "test_same_bytes.py",
    ),
}  # fmt: skip


def table() -> str:
    """Return the table in Markdown: a campaign a row, of those that have been recorded."""
    lines = ["| tried | what | what held | campaign |", "|---|---|---|---|"]
    for name, (what, held, file) in CAMPAIGNS.items():
        recorded = RESULTS / f"{name}.json"
        if recorded.exists():
            figures = json.loads(recorded.read_text(encoding="utf-8"))
            assert figures["held"] == figures["tried"], name
            path = file if "/" in file else f"tests/attacks/{file}"
            cells = (f"{figures['tried']:,}", what, held, f"[`{path}`](../{path})")
            lines.append(f"| {' | '.join(one.format(**figures) for one in cells)} |")
    return "\n".join(lines)


def with_table(document: str) -> str:
    """Return the document with the table between its marks."""
    found = re.compile(f"{_BEGIN}.*?{_END}", re.DOTALL)
    assert found.search(document)
    return found.sub(lambda _: f"{_BEGIN}\n{table()}\n{_END}", document)


if __name__ == "__main__":
    SECURITY.write_text(with_table(SECURITY.read_text(encoding="utf-8")), encoding="utf-8")
