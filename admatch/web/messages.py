"""Sentences with identifiers, as errors raise them and the workspace stores them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import Any

from admatch.messages import as_json, from_json, say

_JSON = '{"id":'  # how a message begins in the workspace

# What a job's state is called in a sentence.
STATES = {
    "queued": say("web.state.queued"),
    "running": say("web.state.running"),
    "done": say("web.state.done"),
    "failed": say("web.state.failed"),
    "cancelled": say("web.state.cancelled"),
}


def joined(messages: Sequence[str]) -> str | None:
    """Return several sentences as one; None for none."""
    if not messages:
        return None
    return reduce(lambda first, second: say("web.both", first=first, second=second), messages)


def to_text(message: str | None) -> str | None:
    """Return a message as one column of the workspace holds it."""
    if message is None:
        return None
    value = as_json(message)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def from_text(text: str | None) -> str | None:
    """Return the message that ``to_text`` wrote; a text of an earlier version stays a text."""
    if text is None or not text.startswith(_JSON):
        return text
    value: dict[str, Any] = json.loads(text)
    return from_json(value)


def with_messages(row: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return a row of a table whose texts are messages, where a column beside them has these.

    The column of ``reason`` is ``reason_message``; results of earlier versions have none.
    """
    messages = {name: row.get(f"{name}_message") for name in names}
    own = {name: value for name, value in row.items() if name.removesuffix("_message") == name}
    return own | {name: json.loads(value) for name, value in messages.items() if value}
