"""A night's summary, sent once to a webhook, a chat or by e-mail: ``send_messages``."""

import hashlib
import json
import os
import smtplib
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from email.message import EmailMessage
from http import HTTPStatus
from http.client import HTTPException
from typing import Any

from admatch.errors import InputError
from admatch.jobs.records import JobOutputs
from admatch.jobs.slack import slack_message
from admatch.jobs.store.notices import Sent, may_send, note_sending
from admatch.messages import Message, say
from admatch.store.workspace import Workspace

ATTEMPTS = 3
_WAIT = 2.0  # seconds before the second attempt; twice as long before each further one
_TIMEOUT = 30.0
_ENVIRONMENT = "ADMATCH_SMTP_"
_WAYS = ("webhook", "email", "slack")


class NotSent(Exception):
    """A message that was not accepted. ``again``: another attempt may succeed."""

    def __init__(self, why: Message, *, again: bool) -> None:
        super().__init__(why)
        self.why, self.again = why, again


class MayHaveArrived(Exception):
    """A message that went out without an answer that says whether it was accepted."""

    def __init__(self, why: Message) -> None:
        super().__init__(why)
        self.why = why


def send_messages(
    workspace: Workspace,
    outputs: JobOutputs,
    about: str,
    summary: Mapping[str, Any],
    sleep: Callable[[float], None] = time.sleep,
) -> list[str]:
    """Send a summary in each requested way; return a sentence for each that failed.

    ``about`` names the night. A message about it that was sent, or may have been, is not sent
    again. One that was not accepted is tried again in the next run.
    """
    body = json.dumps(summary, ensure_ascii=False, default=str, indent=2)
    senders: dict[str, Callable[[], None]] = {
        "webhook": lambda: _post(outputs.webhook, about, body),
        "email": lambda: _mail(outputs.email, about, summary, body),
        "slack": lambda: _post(outputs.slack, about, _chat(summary)),
    }
    ways = [way for way in _WAYS if getattr(outputs, way)]
    return [note for way in ways for note in _send(workspace, about, way, senders[way], sleep)]


def failure_name(account: str, summary: Mapping[str, Any]) -> str:
    """Return the name of a failed night: a hash of its account, day and reason."""
    named = json.dumps([account, summary["as_of"], summary["reason"]])
    return f"failed {hashlib.sha256(named.encode()).hexdigest()}"


def _send(
    workspace: Workspace,
    about: str,
    way: str,
    send: Callable[[], None],
    sleep: Callable[[float], None],
) -> Iterator[Message]:
    """Send in one way, recorded before and after; yield why it failed."""
    with workspace.writing() as transaction:
        if not may_send(transaction, about, way):
            return
        note_sending(transaction, about, way, Sent.SENDING)
    state, why = _tried(send, sleep)
    with workspace.writing() as transaction:
        note_sending(transaction, about, way, state, why)
    if why is not None:
        yield say("jobs.send.failed", way=way, why=why)


def _tried(send: Callable[[], None], sleep: Callable[[float], None]) -> tuple[Sent, Message | None]:
    why: str = ""
    for attempt in range(ATTEMPTS):
        if attempt:
            sleep(_WAIT * 2.0 ** (attempt - 1))
        try:
            send()
        except MayHaveArrived as error:
            return Sent.UNSURE, say("jobs.send.maybe", why=error.why)
        except NotSent as error:
            why = error.why
            if not error.again:
                break
        except Exception as error:  # a message must not fail its night
            return Sent.UNSURE, say("jobs.fault", kind=type(error).__name__, what=str(error))
        else:
            return Sent.SENT, None
    return Sent.FAILED, say("jobs.send.next_run", why=why)


def _chat(summary: Mapping[str, Any]) -> str:
    message = slack_message(str(summary["account"]), str(summary["as_of"]), summary)
    return json.dumps(message, ensure_ascii=False)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: a summary goes to the address in the job file alone."""

    def redirect_request(self, *_: object) -> None:
        """Return no request to follow."""


def _post(address: str, about: str, body: str) -> None:
    """Post a summary as JSON; the key lets a receiver recognise a repetition."""
    request = urllib.request.Request(
        address,
        body.encode(),
        {"Content-Type": "application/json", "Idempotency-Key": about, "User-Agent": "admatch"},
    )
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=_TIMEOUT):
            return
    except urllib.error.HTTPError as error:
        later = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT)
        again = error.code >= HTTPStatus.INTERNAL_SERVER_ERROR or error.code in later
        why = say("jobs.send.status", status=str(error.code))
        raise NotSent(why, again=again) from None
    except urllib.error.URLError as error:  # while connecting or sending
        if isinstance(error.reason, TimeoutError):
            raise MayHaveArrived(say("jobs.send.no_answer")) from None
        reason = getattr(error.reason, "strerror", None) or str(error.reason)
        raise NotSent(say("jobs.send.unreachable", why=reason), again=True) from None
    except (OSError, HTTPException) as error:  # while reading its answer
        raise MayHaveArrived(say("jobs.send.broke_off", error=type(error).__name__)) from None


def _mail(to: str, about: str, summary: Mapping[str, Any], body: str) -> None:
    """Mail a summary through the server that the environment names."""
    server = _server()
    message = EmailMessage()
    message["Subject"] = f"admatch: {summary['account']}, {summary['as_of']}: {summary['state']}"
    message["From"], message["To"] = server["from"] or to, to
    message["Message-ID"] = f"<{about.replace(' ', '-')}@admatch>"  # shows a repetition
    message.set_content(body)
    message.add_attachment(body, subtype="json", filename="summary.json")
    try:
        with smtplib.SMTP(server["host"], int(server["port"] or 587), timeout=_TIMEOUT) as smtp:
            _sign_in(smtp, server)
            _hand_over(smtp, message)
    except (smtplib.SMTPException, OSError) as error:
        why = say("jobs.send.mail_refused", error=_name_and_code(error))
        raise NotSent(why, again=True) from None


def _sign_in(smtp: smtplib.SMTP, server: Mapping[str, str]) -> None:
    smtp.ehlo()
    if smtp.has_extn("starttls"):
        import ssl

        smtp.starttls(context=ssl.create_default_context())
        smtp.ehlo()
    elif server["user"] and server["host"] not in ("localhost", "127.0.0.1"):
        raise NotSent(say("jobs.send.no_encryption"), again=False)
    if server["user"]:
        smtp.login(server["user"], server["password"])


def _hand_over(smtp: smtplib.SMTP, message: EmailMessage) -> None:
    try:
        smtp.send_message(message)
    except (smtplib.SMTPServerDisconnected, TimeoutError) as error:
        why = say("jobs.send.mail_broke_off", error=type(error).__name__)
        raise MayHaveArrived(why) from None


def _server() -> dict[str, str]:
    names = ("host", "port", "user", "password", "from")
    found = {name: os.environ.get(_ENVIRONMENT + name.upper(), "") for name in names}
    if not found["host"]:
        raise NotSent(say("jobs.send.no_server", variable=f"{_ENVIRONMENT}HOST"), again=False)
    if found["port"] and not found["port"].isdigit():
        raise NotSent(say("jobs.send.port", variable=f"{_ENVIRONMENT}PORT"), again=False)
    return found


def _name_and_code(error: Exception) -> str:
    """Return an error's name and code, without the text that the server sent."""
    code = getattr(error, "smtp_code", None) or getattr(error, "strerror", None)
    return f"{type(error).__name__}, {code}" if code else type(error).__name__


def check_outputs(outputs: JobOutputs, where: str) -> None:
    """Raise ``InputError`` for addresses that cannot receive anything."""
    local = ("http://127.0.0.1:", "http://localhost:")
    for name in ("webhook", "slack"):
        address = getattr(outputs, name)
        if address and not address.startswith(("https://", *local)):
            raise InputError(say("jobs.send.webhook", where=where, name=name))
    if outputs.email and ("@" not in outputs.email or any(c in outputs.email for c in "\r\n")):
        raise InputError(say("jobs.send.email", where=where))
