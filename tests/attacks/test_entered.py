"""What people enter beside their files: refused in one sentence, or read; never an error of ours.

Columns that their owner names, days, currencies and marketplaces, views that were saved, verdicts
in bulk, Amazon's results of an upload; also over ids of others, and of what was deleted.
"""

import csv
import io
import json
import os
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from urllib.parse import quote, urlencode

import openpyxl
import pytest

from admatch.web.work.memory import memory_of
from tests.attacks import entered
from tests.attacks.bombs import BOMBS
from tests.attacks.record import record
from tests.web.conftest import report_csv, text

JSON = {"Content-Type": "application/json"}
LONGEST = 2_000  # letters of a sentence
UNREADABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
OVERSIZED = "a million rows"


class Attack:
    """What was sent, and what fell: errors of ours, sentences that are none, data of others."""

    def __init__(self, caller, *secrets):
        self.caller, self.tried, self.fallen = caller, 0, []
        self.secrets = (*secrets, str(caller.folder))  # no sentence names a path of the server

    def send(self, name, method, path, **options):
        """Send one request; return its answer, or None where it was refused."""
        self.tried += 1
        try:
            answer = self.caller(method, path, **options)
        except Exception as error:  # an error of ours goes through the client of tests
            return self._fall(name, path, repr(error)[:400])
        if "web.server.failed" in answer.text:
            return self._fall(name, path, "admatch failed", answer.text[:200])
        told = answer.headers.get("content-type") == "application/problem+json"
        if answer.status_code >= 500 or (answer.status_code >= 400) != told:
            return self._fall(name, path, answer.status_code, answer.text[:200])
        if any(one in answer.text for one in self.secrets):
            return self._fall(name, path, "what is another's, or where files lie")
        return self._check(name, answer.json()["detail"]) if told else answer

    def read(self, name, answer):
        """Wait for an upload that was accepted, and look at it as its page does."""
        if answer is None or answer.status_code != 202:
            return None
        path = f"/reports/{answer.json()['id']}"
        found = self.caller.ended(path, 600)
        if found["state"] == "failed":
            reason = found["reason"]
            self._check(name, text(reason))
            if isinstance(reason, dict) and reason["id"] == "web.work.died":
                self._fall(name, path, text(reason))
        for one in ("", "/target", "/parts", "/parts?kind=campaign"):
            self.send(name, "GET", path + one)
        for problem in found["problems"]:
            self._check(name, problem["text"])
        return found

    def _check(self, name, sentence):
        if len(sentence) > LONGEST or UNREADABLE.search(sentence):
            self._fall(name, f"a sentence of {len(sentence)} letters", sentence[:200])

    def _fall(self, *what):
        self.fallen.append(what)


@pytest.fixture
def many(two):
    """Two accounts that may ask as often as they like."""
    server = two.anna.client.app.state.server
    server.rates = SimpleNamespace(take=lambda *_: 0.0, wait=lambda *_: 0.0)
    return two


def some(attacks, every, quick):
    """Return all attacks of a list, or so many of them where there is no time for all."""
    held = {name: one for name, one in attacks.items() if every or name != OVERSIZED}
    return held if every else dict(list(held.items())[:: max(1, len(held) // quick)])


def upload(caller, content=entered.TABLE):
    made = caller.upload_report(content, "odd.csv").json()
    return caller.ended(f"/reports/{made['id']}")


def form(**fields):
    """Return what sends a form; half of a letter goes as some clients send it."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return {"content": urlencode(fields, errors="surrogatepass"), "headers": headers}


def name_columns(attack, every):
    """Send what is said of columns over one table, and hostile tables whose columns are named."""
    first = upload(attack.caller)
    number = first["files"][0]["id"]
    for name, said in some(entered.COLUMNS, every, 8).items():
        fields = form(of=first["id"], columns=said.replace(entered.FILE, number))
        attack.read(name, attack.send(name, "POST", "/reports", **fields))
    for name, table in some(entered.TABLES, every, 4).items():
        files = [("files", ("odd.csv", table))]
        found = attack.read(name, attack.send(name, "POST", "/reports", files=files))
        if not found or len(found["files"][0]["headers"]) < 3:
            continue
        headers = found["files"][0]["headers"]
        for fields in (("search_term", "clicks", "spend"), ("title", "price", "brand")):
            named = {found["files"][0]["id"]: dict(zip(fields, headers, strict=False))}
            sent = form(of=found["id"], columns=json.dumps(named)[:9_999])
            attack.read(name, attack.send(name, "POST", "/reports", **sent))


def state_days_and_currencies(attack, every):
    first = upload(attack.caller)
    number = first["files"][0]["id"]
    columns = json.dumps({number: {"search_term": "What they typed", "spend": "Paid"}})
    whole = {"of": first["id"], "columns": columns}
    asked = [
        *(({"period": one}, name) for name, one in some(entered.PERIODS, every, 5).items()),
        *(({"currency": one}, name) for name, one in some(entered.CURRENCIES, every, 4).items()),
        *(({"without": one}, name) for name, one in entered.OTHERS.items()),
        *(({"of": one}, name) for name, one in entered.OTHERS.items()),
    ]
    for fields, name in asked:
        sent = form(**(whole | fields))
        found = attack.read(name, attack.send(name, "POST", "/reports", **sent))
        if found and found.get("period"):
            assert all("1990" <= day[:4] <= "2100" for day in found["period"]), name
    for field in ("period", "currency", "columns", "of"):
        files = [(field, ("a.csv", report_csv("oat"))), ("files", ("a.csv", report_csv("oat")))]
        answer = attack.send(f"a file as {field}", "POST", "/reports", files=files)
        attack.read(field, answer)
    attack.send("JSON for a form", "POST", "/reports", content=json.dumps(whole), headers=JSON)
    kept = {"of": first["id"], "without": [f"{n}" for n in range(1_001)]}
    attack.send("1,001 files left out", "POST", "/reports", data=kept)


def aim_runs(attack, every, report_id):
    """Start runs with what nobody should ask for; those that are accepted are not waited for."""
    for name, settings in some(entered.SETTINGS, every, 8).items():
        body = json.dumps({"report_id": report_id, "settings": settings})
        made = attack.send(name, "POST", "/runs", content=body, headers=JSON)
        if made is not None:
            attack.send(name, "GET", f"/runs/{made.json()['id']}")
            attack.send(name, "DELETE", f"/runs/{made.json()['id']}/data")


def test_hostile_columns_days_and_currencies(many):
    attack = Attack(many.anna)
    name_columns(attack, every=False)
    state_days_and_currencies(attack, every=False)
    many.anna.client.app.state.server.runs.look = lambda: None  # no run is begun
    report = many.anna.upload_report().json()["id"]
    many.anna.ended(f"/reports/{report}")
    aim_runs(attack, False, report)
    assert attack.fallen == []
    assert attack.tried >= 50


@pytest.fixture
def done(many):
    """Anna's run over the sample, with files for upload."""
    made = many.anna.post("/sample", json={"run": True}).json()
    run = many.anna.ended(f"/runs/{made['run_id']}", 1_500)
    assert run["state"] == "done", run
    many.run, many.report = f"/runs/{made['run_id']}", made["report_id"]
    book = many.anna.get(f"{many.run}/downloads/changes.xlsx")
    assert book.status_code == 200, book.text
    sheet = openpyxl.load_workbook(io.BytesIO(book.content)).worksheets[0]
    many.rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    return many


def judge_in_bulk(attack, run, every):
    for name, body in some(entered.VERDICTS, every, 12).items():
        content = json.dumps(body)
        attack.send(name, "POST", f"{run}/decisions", content=content, headers=JSON)
    for name, query in some(entered.VIEWS, every, 30).items():
        for path in ("/decisions", "/levels/targeting", "/levels/product"):
            attack.send(name, "GET", f"{run}{path}?{urlencode(query, errors='surrogatepass')}")
        content = json.dumps({"verdict": "undecided", "filter": query})
        attack.send(name, "POST", f"{run}/decisions", content=content, headers=JSON)
    for name, one in entered.HOSTILE.items():
        for path in ("/days?campaign={}", "/changes?marketplace={}", "/levels/{}"):
            attack.send(name, "GET", run + path.format(_quoted(one)))
        attack.send(name, "GET", f"{run}/downloads/{_quoted(one)}")


def _quoted(one):
    return quote(one.encode("utf-8", "surrogatepass"), safe="")


def results_csv(sent, **changes):
    """Return Amazon's results of an upload: the rows that were sent with a status and a reason."""
    held = io.StringIO(newline="")
    out = csv.writer(held)
    status, why = changes.get("status", "Failed"), changes.get("why", "Invalid bid")
    heads = changes.get("heads", ("Status", "Error message"))
    out.writerow([*changes.get("header", sent[0]), *heads])
    for row in changes.get("rows", sent[1:]) * changes.get("times", 1):
        out.writerow(["" if one is None else one for one in row] + [status, why])
    return held.getvalue().encode("utf-8", "surrogatepass")


def results(rows, every):
    """Yield results that Amazon would not send, by name: a file's name and what it holds."""
    for name, one in entered.HOSTILE.items():
        yield f"a reason: {name}", ("r.csv", results_csv(rows, why=one))
        yield f"a status: {name}", ("r.csv", results_csv(rows, status=one))
        yield f"a header: {name}", ("r.csv", results_csv(rows, heads=(one, one)))
        cells = [[one] * len(rows[0]) for _ in range(5)]
        yield f"all cells: {name}", ("r.csv", results_csv(rows, rows=cells))
    yield "no rows", ("r.csv", results_csv(rows, rows=[]))
    yield "headers twice", ("r.csv", results_csv(rows, header=rows[0][:1] * len(rows[0])))
    yield "rows of another upload", ("r.csv", results_csv([rows[0], ["x"] * len(rows[0])]))
    yield "2,000 columns of results", (
        "r.csv", results_csv(rows, heads=[f"status {n}" for n in range(2_000)])
    )  # fmt: skip
    yield "a thousand times each row", ("r.csv", results_csv(rows, times=1_000))
    yield "a search-term report", ("r.csv", report_csv("oat"))
    if every:
        few = [*rows[:1], rows[1]]
        yield "a million rows", ("r.csv", results_csv(few, times=1_000_000))
        yield from ((f"as results: {name}", made()) for name, made in BOMBS.items())


def read_results(attack, run, rows, every):
    for name, (called, content) in results(rows, every):
        files = {"file": (called, content)}
        answer = attack.send(name, "POST", f"{run}/upload-results", files=files)
        for one in ("mended", "undo") if answer is not None else ():
            if address := answer.json()[one]:
                attack.send(name, "GET", address.removeprefix("/api/v1"))


def cross(attack, run, report, rows):
    """Send the same over ids of another account, or of what was deleted: all are unknown."""
    sent = [
        ("POST", "/reports", {"data": {"of": report, "period": "2025-05-01/2025-05-30"}}),
        ("GET", f"/reports/{report}", {}), ("GET", f"/reports/{report}/parts", {}),
        ("POST", "/runs", {"json": {"report_id": report, "settings": {"target_acos": 0.3}}}),
        ("POST", f"{run}/decisions", {"json": {"filter": {}, "verdict": "rejected"}}),
        ("GET", f"{run}/decisions", {}), ("GET", f"{run}/levels/product", {}),
        ("GET", f"{run}/days", {}), ("GET", f"{run}/changes", {}),
        ("GET", f"{run}/downloads/changes.xlsx", {}),
        ("POST", f"{run}/upload-results", {"files": {"file": ("r.csv", results_csv(rows))}}),
        ("GET", f"{run}/upload-results/{'0' * 16}/mended.xlsx", {}),
    ]  # fmt: skip
    for method, path, options in sent:
        attack.tried += 1
        answer = attack.caller(method, path, **options)
        if answer.status_code != 404:
            attack.fallen.append((method, path, answer.status_code, answer.text[:200]))


def at_once(attack, run, rows):
    """Verdicts, files and results by sixteen clients at once; half way the run is deleted."""

    def act(number):
        what = number % 4
        if what == 0:
            verdict = {"filter": {}, "verdict": ("accepted", "rejected", "undecided")[number % 3]}
            attack.send("at once", "POST", f"{run}/decisions", json=verdict)
        elif what == 1:
            attack.send("at once", "GET", f"{run}/changes")
        elif what == 2:
            files = {"file": ("r.csv", results_csv(rows, times=1 + number % 5))}
            attack.send("at once", "POST", f"{run}/upload-results", files=files)
        else:
            attack.send("at once", "GET", f"{run}/levels/campaign")
        if number == 60:
            attack.send("at once", "DELETE", f"{run}/data")

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(act, range(100)))
    workspace = attack.caller.client.app.state.server.workspace
    account, run_id = attack.caller.get("/account").json()["id"], run.rpartition("/")[2]
    assert not workspace.path(account, run_id).exists()
    assert workspace.rows("SELECT * FROM verdicts WHERE run_id = ?", [run_id]) == []


class Watched:
    """The most memory that the server with all of its processes took; waits are not counted."""

    def __init__(self, server):
        self._server, self._over, self.peak = server, threading.Event(), 0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self):
        while not self._over.wait(0.05):
            self.peak = max(self.peak, self._now())

    def _now(self):
        pools = (self._server.reading, self._server.picture_pool)
        processes = [one._process for pool in pools for one in pool._workers]
        return sum(memory_of(one.pid) for one in processes if one and one.pid)

    def stop(self):
        self._over.set()
        self._thread.join(10)
        return self.peak // 2**20


@pytest.mark.slow
def test_all_that_can_be_entered(done):
    server = done.anna.client.app.state.server
    for made in BOMBS.values():  # what making them leaves is the attackers', who share the process
        made()
    own = memory_of(os.getpid())
    watched, anna, bert = Watched(server), Attack(done.anna), Attack(done.bert, "B0SAMPLE01")
    name_columns(anna, every=True)
    state_days_and_currencies(anna, every=True)
    judge_in_bulk(anna, done.run, every=True)
    read_results(anna, done.run, done.rows, every=True)
    cross(bert, done.run, done.report, done.rows)
    look, server.runs.look = server.runs.look, lambda: None
    aim_runs(anna, True, done.report)
    server.runs.look = look
    at_once(anna, done.run, done.rows)
    cross(anna, done.run, "0" * 24, done.rows)
    peak = watched.stop()
    assert anna.fallen == []
    assert bert.fallen == []
    tried = anna.tried + bert.tried
    assert peak < 2.5 * 1024
    assert memory_of(os.getpid()) - own < 700 * 2**20
    record("entered", tried=tried, held=tried, peak_mib=peak)
