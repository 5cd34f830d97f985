"""kill -9 of the server in every stage: what it had acknowledged is there when it starts again."""

import contextlib
import random
import threading
import time

import httpx
import pytest

from tests.attacks.record import record
from tests.web.conftest import CATALOG, report_csv
from tests.web.processes import Served

STAGES = ("idle", "upload", "reading", "run", "results", "verdict", "deletion")
_LARGE = report_csv(rows=20_000)


class Campaign:
    """A workspace whose server is killed over and over, and all that it ever acknowledged."""

    def __init__(self, folder, seed):
        self.folder, self.chance = folder, random.Random(seed)
        self.server = Served(folder)
        self.reports, self.deleted, self.verdicts, self.runs = {}, set(), {}, []
        self.catalog = self.post("/catalogs", files={"file": ("c.csv", CATALOG)})["id"]
        self.report = self.upload(report_csv("oat milk", "hose"))
        assert self.server.ended(f"/reports/{self.report}")["state"] == "done"
        self.run = self.start_run()

    def post(self, path, **asked):
        answer = self.server.http.post(path, **asked)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def upload(self, content):
        rows = content.count(b"\n") - 1
        made = self.post("/reports", files=[("files", (f"{len(self.reports)}.csv", content))])
        self.reports[made["id"]] = rows
        return made["id"]

    def start_run(self):
        asked = {"catalog_id": self.catalog, "report_id": self.report}
        asked["settings"] = {"target_acos": 0.3}
        self.runs.append(self.post("/runs", json=asked)["id"])
        return self.runs[-1]

    def kill_in(self, stage):
        """Begin something, and kill the server before it is over."""
        act = threading.Thread(target=self._try, args=(getattr(self, f"_{stage}"),), daemon=True)
        act.start()
        time.sleep(self.chance.uniform(0.0, {"run": 8.0, "reading": 3.0}.get(stage, 0.5)))
        self.server.kill()
        act.join(30)
        self.server = Served(self.folder)

    def _try(self, act):
        with contextlib.suppress(httpx.HTTPError, AssertionError):  # the kill came first
            act()

    def _idle(self):
        self.server.http.get("/session")

    def _upload(self):
        self.upload(_LARGE)

    def _reading(self):
        self.server.ended(f"/reports/{self.upload(_LARGE)}")

    def _run(self):
        self.server.ended(f"/runs/{self.start_run()}")

    def _results(self):
        for path in ("results", "decisions", "downloads/recommendations.csv", "events"):
            self.server.http.get(f"/runs/{self.run}/{path}")

    def _verdict(self):
        for number in range(20):
            note = f"note {number} {self.chance.random()}"
            asked = {"decisions": [0], "note": note}
            self.post(f"/runs/{self.run}/decisions", json=asked)
            self.verdicts[0] = note

    def _deletion(self):
        known = [one for one in self.reports if one not in self.deleted and one != self.report]
        for one in known[:2]:
            if self.server.http.delete(f"/reports/{one}").status_code == 204:
                self.deleted.add(one)

    def check(self):
        """Everything acknowledged is there, what was deleted is not, and no work is stuck."""
        listed = {one["id"] for one in self.server.http.get("/reports").json()}
        assert set(self.reports) - self.deleted <= listed | self._half_deleted(listed)
        assert not self.deleted & listed
        if 0 in self.verdicts and self.server.http.get(f"/runs/{self.run}/results").is_success:
            items = self.server.http.get(f"/runs/{self.run}/decisions?size=1").json()["items"]
            assert items

    def _half_deleted(self, listed):
        """A deletion whose answer the kill took: it was asked for, so either is right."""
        gone = {one for one in self.reports if one not in listed}
        self.deleted |= gone if len(gone - self.deleted) <= 2 else set()
        return self.deleted

    def finish(self):
        """All uploads get read, and a new run is done."""
        for one in set(self.reports) - self.deleted:
            found = self.server.ended(f"/reports/{one}", 600)
            assert found["state"] == "done" or "stopped twice" in str(found["reason"]), found
            assert found["state"] != "done" or found["rows"] == self.reports[one]
        last = self.server.ended(f"/runs/{self.start_run()}", 600)
        assert last["state"] == "done", last
        states = [self.server.ended(f"/runs/{one}", 600) for one in self.runs]
        assert all(one["state"] == "done" or one["reason"] for one in states)
        log = self.server.log.read_text()
        assert "Traceback" not in log
        assert self.server.stop() == 0


@pytest.mark.parametrize("kills", [pytest.param(42, marks=pytest.mark.slow)])
def test_killed_in_every_stage(tmp_path, kills):
    campaign = Campaign(tmp_path / "ws", seed=kills)
    campaign.server.ended(f"/runs/{campaign.run}", 300)
    for number in range(kills):
        campaign.kill_in(STAGES[number % len(STAGES)])
        campaign.check()
    campaign.finish()
    record("server_kills", tried=kills, held=kills, stages=len(STAGES))
