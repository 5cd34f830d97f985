"""A night's summary to a webhook or by e-mail, once: ``send_messages``."""

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
from admatch.jobs.store.notices import Sent, may_send, note_sending
from admatch.store.workspace import Workspace

ATTEMPTS = 3
_WAIT = 2.0  # seconds before the second attempt; twice as long before each further one
_TIMEOUT = 30.0
_ENVIRONMENT = "ADMATCH_SMTP_"
_WAYS = ("webhook", "email")


class NotSent(Exception):
    """A message that nobody took; its text says why. ``again``: another attempt may go well."""

    def __init__(self, why: str, *, again: bool) -> None:
        super().__init__(why)
        self.again = again


class MayHaveArrived(Exception):
    """A message that went out, and of which no answer says whether it was taken."""


def send_messages(
    workspace: Workspace,
    outputs: JobOutputs,
    about: str,
    summary: Mapping[str, Any],
    sleep: Callable[[float], None] = time.sleep,
) -> list[str]:
    """Send a summary in each way that is asked for; return a sentence for each that failed.

    ``about`` names the night: what was sent about it, or may have been, is not sent again. What
    nobody took is tried anew in the next run.
    """
    body = json.dumps(summary, ensure_ascii=False, default=str, indent=2)
    senders: dict[str, Callable[[], None]] = {
        "webhook": lambda: _post(outputs.webhook, about, body),
        "email": lambda: _mail(outputs.email, about, summary, body),
    }
    wanted = [way for way in _WAYS if getattr(outputs, way)]
    return [told for way in wanted for told in _send(workspace, about, way, senders[way], sleep)]


def failure_name(account: str, summary: Mapping[str, Any]) -> str:
    """Return what a message about a failed night is about: the account, the day and the reason."""
    told = json.dumps([account, summary["as_of"], summary["reason"]])
    return f"failed {hashlib.sha256(told.encode()).hexdigest()}"


def _send(
    workspace: Workspace,
    about: str,
    way: str,
    send: Callable[[], None],
    sleep: Callable[[float], None],
) -> Iterator[str]:
    """Send in one way, with a record before and after; yield why it failed."""
    with workspace.writing() as transaction:
        if not may_send(transaction, about, way):
            return
        note_sending(transaction, about, way, Sent.SENDING)
    state, told = _tried(send, sleep)
    with workspace.writing() as transaction:
        note_sending(transaction, about, way, state, told)
    if told is not None:
        yield f"{way}: {told}"


def _tried(send: Callable[[], None], sleep: Callable[[float], None]) -> tuple[Sent, str | None]:
    why = ""
    for attempt in range(ATTEMPTS):
        if attempt:
            sleep(_WAIT * 2.0 ** (attempt - 1))
        try:
            send()
        except MayHaveArrived as error:
            return Sent.UNSURE, f"{error}; it may have arrived, so it is not sent again"
        except NotSent as error:
            why = str(error)
            if not error.again:
                break
        except Exception as error:  # no message may cost its night anything
            return Sent.UNSURE, f"a fault of admatch: {type(error).__name__}: {error}"
        else:
            return Sent.SENT, None
    return Sent.FAILED, f"{why}; the next run tries it again"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Leaves redirects alone: what is posted is for the address in the job file."""

    def redirect_request(self, *_: object) -> None:
        """Return that there is nothing else to ask."""


def _post(address: str, about: str, body: str) -> None:
    """Post a summary as JSON; the key lets a receiver know it again."""
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
        raise NotSent(f"its server answers with status {error.code}", again=again) from None
    except urllib.error.URLError as error:  # while connecting or sending
        if isinstance(error.reason, TimeoutError):
            raise MayHaveArrived("its server does not answer") from None
        told = getattr(error.reason, "strerror", None) or str(error.reason)
        raise NotSent(f"its server cannot be reached ({told})", again=True) from None
    except (OSError, HTTPException) as error:  # while its answer was read
        raise MayHaveArrived(f"its server broke off ({type(error).__name__})") from None


def _mail(to: str, about: str, summary: Mapping[str, Any], body: str) -> None:
    """Mail a summary through the server that the environment names."""
    server = _server()
    message = EmailMessage()
    message["Subject"] = f"admatch: {summary['account']}, {summary['as_of']}: {summary['state']}"
    message["From"], message["To"] = server["from"] or to, to
    message["Message-ID"] = f"<{about.replace(' ', '-')}@admatch>"  # the same mail, known again
    message.set_content(body)
    message.add_attachment(body, subtype="json", filename="summary.json")
    try:
        with smtplib.SMTP(server["host"], int(server["port"] or 587), timeout=_TIMEOUT) as smtp:
            _sign_in(smtp, server)
            _hand_over(smtp, message)
    except (smtplib.SMTPException, OSError) as error:
        raise NotSent(f"the mail server does not take it ({_told(error)})", again=True) from None


def _sign_in(smtp: smtplib.SMTP, server: Mapping[str, str]) -> None:
    smtp.ehlo()
    if smtp.has_extn("starttls"):
        import ssl

        smtp.starttls(context=ssl.create_default_context())
        smtp.ehlo()
    elif server["user"] and server["host"] not in ("localhost", "127.0.0.1"):
        raise NotSent(
            "the mail server offers no encryption, so the password is not sent", again=False
        )
    if server["user"]:
        smtp.login(server["user"], server["password"])


def _hand_over(smtp: smtplib.SMTP, message: EmailMessage) -> None:
    try:
        smtp.send_message(message)
    except (smtplib.SMTPServerDisconnected, TimeoutError) as error:
        raise MayHaveArrived(f"the mail server broke off ({type(error).__name__})") from None


def _server() -> dict[str, str]:
    names = ("host", "port", "user", "password", "from")
    found = {name: os.environ.get(_ENVIRONMENT + name.upper(), "") for name in names}
    if not found["host"]:
        raise NotSent(f"no mail server is named; set {_ENVIRONMENT}HOST", again=False)
    if found["port"] and not found["port"].isdigit():
        raise NotSent(f"{_ENVIRONMENT}PORT is no number; correct it", again=False)
    return found


def _told(error: Exception) -> str:
    """Return an error's name and code, without what the server quotes."""
    code = getattr(error, "smtp_code", None) or getattr(error, "strerror", None)
    return f"{type(error).__name__}, {code}" if code else type(error).__name__


def check_outputs(outputs: JobOutputs, where: str) -> None:
    """Raise ``InputError`` for addresses that nothing can be sent to."""
    local = ("http://127.0.0.1:", "http://localhost:")
    if outputs.webhook and not outputs.webhook.startswith(("https://", *local)):
        raise InputError(f"{where}: webhook is an address that begins with https://; correct it")
    if outputs.email and ("@" not in outputs.email or any(c in outputs.email for c in "\r\n")):
        raise InputError(f"{where}: email is an address like ads@example.com; correct it")
