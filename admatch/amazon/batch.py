"""Steps of one kind as one request, and the answer to each step: ``Batch``."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from admatch.amazon.dialect import Dialect, Fault
from admatch.amazon.dialects import find_dialect
from admatch.amazon.expressions import predicates
from admatch.amazon.plan import Step
from admatch.amazon.resources import Resource, find_resource
from admatch.amazon.versions import ApiVersion
from admatch.errors import InputError, shorten
from admatch.impact.changes import Change, Operation
from admatch.messages import as_json, say
from admatch.reports.account.records import NEGATIVES

LARGEST = 1000  # rows that Amazon takes at once
_REASON = 200  # letters of Amazon's reason that are quoted
_VERBS = {Operation.CREATE: "create", Operation.UPDATE: "update", Operation.ARCHIVE: "archive"}


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
    version: ApiVersion

    @property
    def resource(self) -> Resource:
        """The resource that is created, updated or archived."""
        return find_resource(self.steps[0].change.entity, self.version)

    @property
    def request(self) -> tuple[str, str]:
        """The method and the address of the request."""
        return self.resource.request(_VERBS[self._operation])

    def body(self) -> dict[str, Any]:
        """Return the request's JSON."""
        resource, dialect = self.resource, find_dialect(self.version)
        changes = [step.change for step in self.steps]
        if self._operation == Operation.ARCHIVE:
            return dialect.archives(resource, [one.target_id for one in changes])
        return {resource.rows: [_row(resource, dialect, one) for one in changes]}

    def reply(self, body: object) -> Reply:
        """Return what the body of an answer with status 207 says about each step."""
        reply, resource, dialect = Reply(), self.resource, find_dialect(self.version)
        for step, row in self._rows(dialect.made(resource, body)):
            given = resource.id_of(row) or step.change.target_id
            reply.made.append((step.number, given or ""))
        for step, row in self._rows(dialect.failed(resource, body)):
            _sort(reply, dialect, step.number, row)
        return reply

    @property
    def _operation(self) -> Operation:
        return self.steps[0].change.operation

    def _rows(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Step, Mapping[str, Any]]]:
        for row in rows:
            index = row.get("index")
            if isinstance(index, int) and 0 <= index < len(self.steps):
                yield self.steps[index], row


def batches(steps: Sequence[Step], version: ApiVersion, largest: int = LARGEST) -> Iterator[Batch]:
    """Yield the steps as requests, in a safe order.

    Archives come first, then bids, then what is new, negatives last: a term is only taken from
    where it runs once the keyword that takes it over is live.
    """
    groups: dict[tuple[int, str], list[Step]] = {}
    for step in sorted(steps, key=lambda one: (_turn(one.change), one.number)):
        groups.setdefault((_turn(step.change), step.change.entity), []).append(step)
    for group in groups.values():
        for start in range(0, len(group), largest):
            yield Batch(tuple(group[start : start + largest]), version)


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


def _row(resource: Resource, dialect: Dialect, change: Change) -> dict[str, Any]:
    if change.new_state is not None:
        return {resource.ids[0]: change.target_id, "state": change.new_state.upper()}
    if change.operation == Operation.UPDATE:
        return {resource.ids[0]: change.target_id, "bid": dialect.bid(change.bid)}
    return dialect.new(change)


def _sort(reply: Reply, dialect: Dialect, number: int, row: Mapping[str, Any]) -> None:
    """Sort a row's errors into the reply; a row that Amazon failed at stays unknown."""
    errors = [one for one in row.get("errors") or () if isinstance(one, dict)]
    faults = [dialect.fault(one) for one in errors]
    whole = "; ".join(shorten(dialect.reason(one), _REASON) for one in errors)
    why = whole or say("amazon.step.no_reason")
    if Fault.DUPLICATE in faults:
        reply.duplicate.append((number, why))
    elif Fault.UNTOUCHED in faults:
        reply.untouched.append(number)
    elif Fault.UNKNOWN not in faults:
        reply.refused.append((number, why))
