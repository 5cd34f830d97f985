"""Summaries by webhook and e-mail, to servers on this computer: each once, whatever goes wrong."""

import json
import socketserver
import threading
from datetime import date
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from admatch.jobs.messages import ATTEMPTS, failure_name, send_messages
from admatch.jobs.read import read_job
from admatch.jobs.records import JobOutputs
from admatch.jobs.run import run_job
from admatch.jobs.store.notices import Sent, note_sending, notices
from admatch.store.workspace import Workspace

SUMMARY = {"account": "Groceries Ä", "as_of": "2026-03-01", "state": "done", "to_upload": 3}


class Hook(ThreadingHTTPServer):
    """Gives the answers it was given, one after the other, and keeps what came."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Answer)
        self.answers, self.came = [], []
        self.address = f"http://127.0.0.1:{self.server_port}/hook/secret"


class _Answer(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.came.append((self.headers["idempotency-key"], json.loads(body)))
        status = self.server.answers.pop(0) if self.server.answers else 204
        if status is None:  # breaks off
            self.close_connection = True
            return
        self.send_response(status)
        if status == 302:
            self.send_header("Location", self.server.address)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Mail(socketserver.ThreadingTCPServer):
    """A mail server as RFC 5321 has it, as far as a client needs; ``refuse`` says no to that."""

    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Talk)
        self.came, self.refuse, self.breaks = [], "", False


class _Talk(socketserver.StreamRequestHandler):
    def handle(self):
        self._say("220 here")
        for line in self.rfile:
            word = line.split()[0].upper().decode()
            if word == self.server.refuse:
                self._say("451 not now")
            elif word == "DATA":
                self._say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.came.append(message_from_bytes(b"".join(lines)))
                if self.server.breaks:
                    return
                self._say("250 taken")
            else:
                self._say("221 bye" if word == "QUIT" else "250 well")

    def _say(self, text):
        self.wfile.write(text.encode() + b"\r\n")


def _serving(server):
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def hook():
    yield from _serving(Hook())


@pytest.fixture
def mail(monkeypatch):
    for server in _serving(Mail()):
        monkeypatch.setenv("ADMATCH_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("ADMATCH_SMTP_PORT", str(server.server_address[1]))
        monkeypatch.setenv("ADMATCH_SMTP_FROM", "admatch@example.com")
        yield server


@pytest.fixture
def workspace(tmp_path):
    opened = Workspace(tmp_path / "ws")
    yield opened
    opened.close()


def send(workspace, outputs, about="night"):
    waited = []
    failed = send_messages(workspace, outputs, about, SUMMARY, waited.append)
    return failed, waited


def states(workspace, about="night"):
    with workspace.writing() as transaction:
        found = notices(transaction).get(about, {})
        return {way: row["state"] for way, row in found.items()}


def test_both_ways_once(workspace, hook, mail):
    outputs = JobOutputs(webhook=hook.address, email="ads@example.com")
    assert send(workspace, outputs) == ([], [])
    assert send(workspace, outputs) == ([], [])
    assert hook.came == [("night", SUMMARY)]
    (letter,) = mail.came
    assert letter["To"] == "ads@example.com"
    assert letter["From"] == "admatch@example.com"
    attached = letter.get_payload()[1]
    assert json.loads(attached.get_payload(decode=True)) == SUMMARY
    assert states(workspace) == {"webhook": "sent", "email": "sent"}
    send(workspace, outputs, "another night")
    assert len(hook.came) == len(mail.came) == 2


def test_nothing_is_sent_unless_it_is_asked_for(workspace, hook, mail):
    assert send(workspace, JobOutputs()) == ([], [])
    assert hook.came == mail.came == []


def test_failures_are_tried_again_then_left_to_the_next_run(workspace, hook):
    outputs = JobOutputs(webhook=hook.address)
    hook.answers = [503, 429, 500]
    failed, waited = send(workspace, outputs)
    assert (len(hook.came), waited) == (ATTEMPTS, [2.0, 4.0])
    assert failed == ["webhook: its server answers with status 500; the next run tries again"]
    assert states(workspace) == {"webhook": "failed"}
    assert send(workspace, outputs)[0] == []
    assert states(workspace) == {"webhook": "sent"}


@pytest.mark.parametrize("status", [404, 302, 401])
def test_a_refusal_is_not_tried_again_at_once_nor_followed(workspace, hook, status):
    hook.answers = [status]
    failed, waited = send(workspace, JobOutputs(webhook=hook.address))
    assert f"status {status}" in failed[0]
    assert (len(hook.came), waited) == (1, [])
    assert "secret" not in failed[0]


def test_what_may_have_arrived_is_not_sent_again(workspace, hook, mail):
    outputs = JobOutputs(webhook=hook.address, email="ads@example.com")
    hook.answers, mail.breaks = [None], True
    failed, waited = send(workspace, outputs)
    assert all("may have arrived" in one for one in failed)
    assert (len(failed), waited) == (2, [])
    assert send(workspace, outputs) == ([], [])
    assert len(hook.came) == len(mail.came) == 1
    # nor after a kill in the middle of sending
    with workspace.writing() as transaction:
        note_sending(transaction, "killed", "webhook", Sent.SENDING)
    assert send(workspace, JobOutputs(webhook=hook.address), "killed") == ([], [])
    assert len(hook.came) == 1


def test_servers_that_are_not_there(workspace, hook, mail, monkeypatch):
    hook.shutdown()
    hook.server_close()
    failed, waited = send(workspace, JobOutputs(webhook=hook.address))
    assert "cannot be reached" in failed[0]
    assert len(waited) == ATTEMPTS - 1
    mail.refuse = "RCPT"
    failed, waited = send(workspace, JobOutputs(email="ads@example.com"))
    assert "does not accept it (SMTPRecipientsRefused)" in failed[0]
    assert len(waited) == ATTEMPTS - 1
    monkeypatch.delenv("ADMATCH_SMTP_HOST")
    assert "set ADMATCH_SMTP_HOST" in send(workspace, JobOutputs(email="a@b.c"), "b")[0][0]


def test_a_failure_is_sent_once_a_day_and_reason():
    one = SUMMARY | {"state": "failed", "reason": "no file"}
    assert failure_name("Shop", one) == failure_name("Shop", dict(one))
    assert failure_name("Shop", one) != failure_name("Shop", one | {"as_of": "2026-03-02"})


def test_a_job_tells_each_night_once_and_what_fails_costs_it_nothing(shop, hook, monkeypatch):
    monkeypatch.setattr("admatch.jobs.messages._WAIT", 0.0)
    shop.report("a.csv", 0, 20)
    job = read_job(shop.job(f'outputs = {{ html = false, webhook = "{hook.address}" }}\n'))
    hook.answers = [500] * ATTEMPTS
    nights = [run_job(job, date(2026, 2, 1), models=shop.models)[0] for _ in range(3)]
    assert [one["state"] for one in nights] == ["done", "nothing new", "nothing new"]
    assert [len(one["not_sent"]) for one in nights] == [1, 0, 0]
    sent = [summary["state"] for _, summary in hook.came[ATTEMPTS:]]
    assert sent == ["nothing new"]
    (shop.folder / "catalog.csv").unlink()
    for _ in range(2):
        assert run_job(job, date(2026, 2, 2), models=shop.models)[0]["state"] == "failed"
    assert [summary["state"] for _, summary in hook.came[ATTEMPTS:]] == ["nothing new", "failed"]
