"""A night in the words of a chat: ``slack_message``, as incoming webhooks of Slack take it."""

from collections.abc import Mapping
from typing import Any

from admatch.messages import Message, say

_NAMED = 20  # alerts in one message
_LONGEST = 300  # letters of one line: names of campaigns may be long
# What would begin a link or a mention, as Slack wants it written.
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def slack_message(account: str, day: str, summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of a post: what a night decided, and what is unlike before.

    Text from files is shown as it is: it can mention nobody, link nowhere and format nothing.
    """
    return {"text": "\n".join(map(_plain, _lines(account, day, summary))), "mrkdwn": False}


def _lines(account: str, day: str, summary: Mapping[str, Any]) -> list[Message]:
    if summary.get("reason"):
        why = str(summary["reason"])
        return [say("jobs.slack.failed", account=account, day=day, why=why)]
    changes = sum(int(one["changes"] or 0) for one in summary.get("totals", ()))
    alerts = summary.get("alerts", ())
    lines = [say("jobs.slack.decided", account=account, day=day, n=changes)]
    if alerts:
        lines.append(say("jobs.slack.alerts", n=len(alerts)))
    lines += [say("jobs.slack.item", text=str(one["text"])) for one in alerts[:_NAMED]]
    if len(alerts) > _NAMED:
        lines.append(say("jobs.slack.more", n=len(alerts) - _NAMED))
    lines += [say("jobs.slack.item", text=str(one)) for one in summary.get("doubts", ())]
    return lines


def _plain(line: str) -> str:
    short = line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
    flat = " ".join(str(short).split())
    return "".join(_ESCAPES.get(letter, letter) for letter in flat)
