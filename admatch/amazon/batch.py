"""Steps of one kind as one request, and its answer step by step: ``Batch``."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from admatch.amazon.expressions import predicates
from admatch.amazon.plan import Step
from admatch.amazon.resources import Resource, find_resource
from admatch.amazon.rows import match_type_word
from admatch.errors import InputError, shorten
from admatch.impact.changes import Change, Operation
from admatch.reports.account.records import NEGATIVES

LARGEST = 1000  # rows that Amazon takes at once
_DUPLICATE = "duplicateValueError"
_NOT_NOW = ("throttledError", "internalServerError")


@dataclass(frozen=True, slots=True)
class Reply:
    """What Amazon said of each step; of those in none of the lists nothing is known."""

    made: list[tuple[int, str]] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    duplicate: list[tuple[int, str]] = field(default_factory=list)
    untouched: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Batch:
    """Steps that create, update or archive entities of one kind."""

    steps: tuple[Step, ...]

    @property
    def resource(self) -> Resource:
        """What is created, updated or archived."""
        return find_resource(self.steps[0].change.entity)

    @property
    def method(self) -> str:
        """PUT for updates, else POST."""
        return "PUT" if self.steps[0].change.operation == Operation.UPDATE else "POST"

    @property
    def path(self) -> str:
        """Where it is sent."""
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
        """Return what an answer with status 207 says of each step."""
        reply = Reply()
        told = body.get(self.resource.rows) if isinstance(body, dict) else None
        if not isinstance(told, dict):
            return reply
        for step, row in self._rows(told.get("success")):
            given = self.resource.id_of(row) or step.change.target_id
            reply.made.append((step.number, given or ""))
        for step, row in self._rows(told.get("error")):
            _sort(reply, step.number, row)
        return reply

    def _rows(self, rows: object) -> Iterator[tuple[Step, Mapping[str, Any]]]:
        for row in rows if isinstance(rows, list) else ():
            index = row.get("index") if isinstance(row, dict) else None
            if isinstance(index, int) and 0 <= index < len(self.steps):
                yield self.steps[index], row


def batches(steps: Sequence[Step], largest: int = LARGEST) -> Iterator[Batch]:
    """Yield the steps in the order in which they are safe, cut into requests.

    What ends comes first, then bids, then what is new, negatives last: a term is only taken from
    where it runs when the keyword that takes it over lives.
    """
    groups: dict[tuple[int, str], list[Step]] = {}
    for step in sorted(steps, key=lambda one: (_turn(one.change), one.number)):
        groups.setdefault((_turn(step.change), step.change.entity), []).append(step)
    for group in groups.values():
        for start in range(0, len(group), largest):
            yield Batch(tuple(group[start : start + largest]))


def check_steps(steps: Sequence[Step]) -> None:
    """Raise ``InputError`` for what the API cannot be told: no IDs, or a refined category."""
    for step in steps:
        change = step.change
        group = change.place.whole_campaign or change.place.ad_group_id
        known = change.operation == Operation.CREATE or change.target_id
        if not (change.place.campaign_id and group and known):
            raise InputError(
                f"row {step.number}: the IDs of '{shorten(change.text)}' are not all in the "
                "manifest; write the export with the account at hand"
            )
        creates = change.operation == Operation.CREATE and change.match_type is None
        if creates and predicates(change.text) is None:
            raise InputError(
                f"row {step.number}: '{shorten(change.text)}' cannot be created through the API; "
                "upload the bulk sheet"
            )


def _turn(change: Change) -> int:
    if change.operation == Operation.ARCHIVE:
        return 0
    if change.operation == Operation.UPDATE:
        return 1
    return 3 if change.entity in NEGATIVES else 2


def _row(resource: Resource, change: Change) -> dict[str, Any]:
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
    """Put a row's errors where they belong; what Amazon failed at is left unknown."""
    errors = [one for one in row.get("errors") or () if isinstance(one, dict)]
    kinds = [str(one.get("errorType")) for one in errors]
    why = "; ".join(map(_told, errors)) or "Amazon gives no reason"
    if _DUPLICATE in kinds:
        reply.duplicate.append((number, why))
    elif "throttledError" in kinds:
        reply.untouched.append(number)
    elif not any(kind in _NOT_NOW for kind in kinds):
        reply.refused.append((number, why))


def _told(error: Mapping[str, Any]) -> str:
    kind = str(error.get("errorType"))
    value = error.get("errorValue")
    detail = value.get(kind) if isinstance(value, dict) else None
    message = detail.get("message") or detail.get("reason") if isinstance(detail, dict) else None
    return shorten(f"{kind}: {message}" if message else kind, 200)
