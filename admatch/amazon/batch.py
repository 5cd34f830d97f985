"""Steps of one kind as one request, and the answer to each step: ``Batch``."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from admatch.amazon.expressions import predicates
from admatch.amazon.plan import Step
from admatch.amazon.resources import Resource, find_resource
from admatch.amazon.rows import match_type_word
from admatch.errors import InputError, shorten
from admatch.impact.changes import Change, Operation
from admatch.messages import as_json, say
from admatch.reports.account.records import NEGATIVES

LARGEST = 1000  # rows that Amazon takes at once
_DUPLICATE = "duplicateValueError"
_NOT_NOW = ("throttledError", "internalServerError")


@dataclass(frozen=True, slots=True)
class Reply:
    """What Amazon answered for each step; nothing is known about a step in none of the lists."""

    made: list[tuple[int, str]] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    duplicate: list[tuple[int, str]] = field(default_factory=list)
    untouched: list[int] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return the reply as the journal holds it."""
        return {
            "made": self.made,
            "refused": [(number, as_json(why)) for number, why in self.refused],
            "duplicate": [(number, as_json(why)) for number, why in self.duplicate],
            "untouched": self.untouched,
        }


@dataclass(frozen=True, slots=True)
class Batch:
    """Steps that create, update or archive entities of one kind."""

    steps: tuple[Step, ...]

    @property
    def resource(self) -> Resource:
        """The resource that is created, updated or archived."""
        return find_resource(self.steps[0].change.entity)

    @property
    def method(self) -> str:
        """The HTTP method: PUT for updates, else POST."""
        return "PUT" if self.steps[0].change.operation == Operation.UPDATE else "POST"

    @property
    def path(self) -> str:
        """The path that the request is sent to."""
        archives = self.steps[0].change.operation == Operation.ARCHIVE
        return f"/sp/{self.resource.path}" + ("/delete" if archives else "")

    def body(self) -> dict[str, Any]:
        """Return the request's JSON."""
        resource = self.resource
        if self.steps[0].change.operation == Operation.ARCHIVE:
            ids = [step.change.target_id for step in self.steps]
            return {resource.filter: {"include": ids}}
        return {resource.rows: [_row(resource, step.change) for step in self.steps]}

    def reply(self, body: object) -> Reply:
        """Return what the body of an answer with status 207 says about each step."""
        reply = Reply()
        lists = body.get(self.resource.rows) if isinstance(body, dict) else None
        if not isinstance(lists, dict):
            return reply
        for step, row in self._rows(lists.get("success")):
            given = self.resource.id_of(row) or step.change.target_id
            reply.made.append((step.number, given or ""))
        for step, row in self._rows(lists.get("error")):
            _sort(reply, step.number, row)
        return reply

    def _rows(self, rows: object) -> Iterator[tuple[Step, Mapping[str, Any]]]:
        for row in rows if isinstance(rows, list) else ():
            index = row.get("index") if isinstance(row, dict) else None
            if isinstance(index, int) and 0 <= index < len(self.steps):
                yield self.steps[index], row


def batches(steps: Sequence[Step], largest: int = LARGEST) -> Iterator[Batch]:
    """Yield the steps as requests, in a safe order.

    Archives come first, then bids, then what is new, negatives last: a term is only taken from
    where it runs once the keyword that takes it over is live.
    """
    groups: dict[tuple[int, str], list[Step]] = {}
    for step in sorted(steps, key=lambda one: (_turn(one.change), one.number)):
        groups.setdefault((_turn(step.change), step.change.entity), []).append(step)
    for group in groups.values():
        for start in range(0, len(group), largest):
            yield Batch(tuple(group[start : start + largest]))


def check_steps(steps: Sequence[Step]) -> None:
    """Raise ``InputError`` for steps that the API cannot express: no IDs, or a refined category."""
    for step in steps:
        change = step.change
        group = change.place.whole_campaign or change.place.ad_group_id
        known = change.operation == Operation.CREATE or change.target_id
        if not (change.place.campaign_id and group and known):
            raise InputError(
                say("amazon.plan.no_ids", row=str(step.number), text=shorten(change.text))
            )
        creates = change.operation == Operation.CREATE and change.match_type is None
        if creates and predicates(change.text) is None:
            raise InputError(
                say("amazon.plan.refined", row=str(step.number), text=shorten(change.text))
            )


def _turn(change: Change) -> int:
    if change.operation == Operation.ARCHIVE:
        return 0
    if change.operation == Operation.UPDATE:
        return 1
    return 3 if change.entity in NEGATIVES else 2


def _row(resource: Resource, change: Change) -> dict[str, Any]:
    if change.new_state is not None:
        return {resource.ids[0]: change.target_id, "state": change.new_state.upper()}
    if change.operation == Operation.UPDATE:
        return {resource.ids[0]: change.target_id, "bid": change.bid}
    row: dict[str, Any] = {"campaignId": change.place.campaign_id}
    if not change.place.whole_campaign:
        row["adGroupId"] = change.place.ad_group_id
    row["state"] = (change.state or "enabled").upper()
    if change.match_type is not None:
        row |= {"keywordText": change.text, "matchType": match_type_word(change.match_type)}
    else:
        row["expression"] = predicates(change.text)
        row |= {} if change.entity in NEGATIVES else {"expressionType": "MANUAL"}
    return row if change.bid is None else row | {"bid": change.bid}


def _sort(reply: Reply, number: int, row: Mapping[str, Any]) -> None:
    """Sort a row's errors into the reply; a row that Amazon failed at stays unknown."""
    errors = [one for one in row.get("errors") or () if isinstance(one, dict)]
    kinds = [str(one.get("errorType")) for one in errors]
    why = "; ".join(map(_reason, errors)) or say("amazon.step.no_reason")
    if _DUPLICATE in kinds:
        reply.duplicate.append((number, why))
    elif "throttledError" in kinds:
        reply.untouched.append(number)
    elif not any(kind in _NOT_NOW for kind in kinds):
        reply.refused.append((number, why))


def _reason(error: Mapping[str, Any]) -> str:
    """Return Amazon's own words for an error."""
    kind = str(error.get("errorType"))
    value = error.get("errorValue")
    detail = value.get(kind) if isinstance(value, dict) else None
    message = detail.get("message") or detail.get("reason") if isinstance(detail, dict) else None
    return shorten(f"{kind}: {message}" if message else kind, 200)
