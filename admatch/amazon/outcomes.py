"""What became of each step, according to a journal: ``StepOutcome`` and ``Course``."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from admatch.amazon.journal import Record
from admatch.messages import as_json, from_json


class StepOutcome(StrEnum):
    """How a step ended."""

    APPLIED = "applied"  # sent, and read back
    STOOD = "was so already"  # nothing was sent, or what was sent had no effect
    REFUSED = "refused"  # Amazon says why
    CONFLICT = "changed since"  # the account is not as the plan expects
    HELD = "held back"  # a step that it depends on was not applied
    UNSEEN = "not found again"  # Amazon confirmed it, and does not list it
    UNANSWERED = "not answered"  # sent once; whether Amazon carried it out is not known
    NOT_SENT = "not sent"  # a rollback came first


GOOD = (StepOutcome.APPLIED, StepOutcome.STOOD)
MISSING = (StepOutcome.UNSEEN, StepOutcome.UNANSWERED)  # may show up in the account later


@dataclass(frozen=True, slots=True)
class Result:
    """The end of a step: ``id`` is Amazon's ID of the entity, ``note`` the reason if there is one.

    A ``note`` of admatch itself is a ``Message``; Amazon's own words are plain text.
    """

    step: int
    outcome: StepOutcome
    id: str | None = None
    note: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the result as the journal holds it."""
        note = None if self.note is None else as_json(self.note)
        return {"step": self.step, "outcome": self.outcome.value, "id": self.id, "note": note}

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "Result":
        """Return a result from a journal; journals of before 2026-12 call the note ``told``."""
        note = record.get("note", record.get("told"))
        text = None if note is None else from_json(note)
        return cls(record["step"], StepOutcome(record["outcome"]), record.get("id"), text)


@dataclass(slots=True)
class Course:
    """How far one step is.

    ``pending``: it was sent at ``since``, and no answer says whether it was carried out.
    ``maybe``: an earlier attempt ended so. ``given`` is the ID in Amazon's answer. ``doubted`` is
    why Amazon refused it, where the reason may be that it was carried out before.
    """

    pending: bool = False
    since: float = 0.0
    maybe: bool = False
    given: str | None = None
    doubted: str | None = None
    result: Result | None = None

    @property
    def ours(self) -> bool:
        """Whether what the account shows may be the effect of this step."""
        return self.pending or self.maybe or self.given is not None


def courses(records: Iterable[Record]) -> defaultdict[int, Course]:
    """Return how far each step is, by its number."""
    found: defaultdict[int, Course] = defaultdict(Course)
    for record in records:
        follow(found, record)
    return found


def endings(records: Iterable[Record]) -> list[tuple[Result, float]]:
    """Return the result of each step that has ended, by number, and its time in seconds of 1970."""
    found: defaultdict[int, Course] = defaultdict(Course)
    ended: dict[int, tuple[Result, float]] = {}
    for record in records:
        follow(found, record)
        for number, course in found.items():
            result = course.result
            if result is not None and (number not in ended or ended[number][0] != result):
                ended[number] = result, record["time"]
    return [ended[number] for number in sorted(ended)]


def follow(found: defaultdict[int, Course], record: Record) -> None:
    """Take one more record of a journal into account."""
    kind = record["kind"]
    if kind in ("sending", "unsure"):
        for number in record["steps"]:
            course = found[number]
            course.maybe = course.maybe or (kind == "sending" and course.pending)
            course.pending, course.since, course.result = True, record["time"], None
    elif kind == "answered":
        _answered(found, record)
    elif kind == "outcomes":
        for one in record["results"]:
            found[one["step"]].result = Result.from_dict(one)


def _answered(found: defaultdict[int, Course], record: Record) -> None:
    for number, given in record["made"]:
        found[number].given = given
    for number, why in record["duplicate"]:
        found[number].doubted = from_json(why)
    for number, why in record["refused"]:
        if found[number].maybe:  # perhaps refused because it was carried out before
            found[number].doubted = from_json(why)
        else:
            result = Result(number, StepOutcome.REFUSED, None, from_json(why))
            found[number].result = result
    for number, _ in (*record["duplicate"], *record["refused"]):
        found[number].pending, found[number].since = False, record["time"]
    for number in record["untouched"]:
        found[number].pending = False
