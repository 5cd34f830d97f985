"""What became of each step, as a journal tells it: ``StepOutcome`` and ``Course``."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from admatch.amazon.journal import Record


class StepOutcome(StrEnum):
    """How a step ended."""

    APPLIED = "applied"  # sent, and read back
    STOOD = "was so already"  # nothing was sent, or it came to nothing
    REFUSED = "refused"  # Amazon says why
    CONFLICT = "changed since"  # the account is not what the plan was made for
    HELD = "held back"  # what it relies on was not applied
    UNSEEN = "not found again"  # Amazon says it was done, and does not list it
    NOT_SENT = "not sent"  # a rollback came first


GOOD = (StepOutcome.APPLIED, StepOutcome.STOOD)


@dataclass(frozen=True, slots=True)
class Result:
    """The end of a step: ``id`` is what Amazon calls the thing, ``told`` why it ended so."""

    step: int
    outcome: StepOutcome
    id: str | None = None
    told: str | None = None


@dataclass(slots=True)
class Course:
    """How far one step is.

    ``pending`` since ``since``: it was sent, and no answer says whether it was carried out.
    ``maybe``: an earlier sending of it ended so. ``given`` is the ID that Amazon answered with.
    ``doubted`` is why Amazon refused it, where that may be because it is done already.
    """

    pending: bool = False
    since: float = 0.0
    maybe: bool = False
    given: str | None = None
    doubted: str | None = None
    result: Result | None = None

    @property
    def ours(self) -> bool:
        """Whether what is found there may come of this step."""
        return self.pending or self.maybe or self.given is not None


def courses(records: Iterable[Record]) -> defaultdict[int, Course]:
    """Return how far each step is, by its number."""
    found: defaultdict[int, Course] = defaultdict(Course)
    for record in records:
        follow(found, record)
    return found


def endings(records: Iterable[Record]) -> list[tuple[Result, float]]:
    """Return how each step ended that has, by its number, and when: in seconds since 1970."""
    found: defaultdict[int, Course] = defaultdict(Course)
    ended: dict[int, float] = {}
    for record in records:
        follow(found, record)
        for number, course in found.items():
            if course.result is not None:
                ended.setdefault(number, record["time"])
    return [(result, ended[n]) for n in sorted(ended) if (result := found[n].result)]


def follow(found: defaultdict[int, Course], record: Record) -> None:
    """Take one more record of a journal into account."""
    kind = record["kind"]
    if kind in ("sending", "unsure"):
        for number in record["steps"]:
            course = found[number]
            course.maybe = course.maybe or (kind == "sending" and course.pending)
            course.pending, course.since = True, record["time"]
    elif kind == "answered":
        _answered(found, record)
    elif kind == "outcomes":
        for told in record["results"]:
            found[told["step"]].result = Result(
                **(told | {"outcome": StepOutcome(told["outcome"])})
            )


def _answered(found: defaultdict[int, Course], record: Record) -> None:
    for number, given in record["made"]:
        found[number].given = given
    for number, why in record["duplicate"]:
        found[number].doubted = why
    for number, why in record["refused"]:
        if found[number].maybe:  # refused because it was done before, perhaps
            found[number].doubted = why
        else:
            found[number].result = Result(number, StepOutcome.REFUSED, None, why)
    for number, _ in (*record["duplicate"], *record["refused"]):
        found[number].pending, found[number].since = False, record["time"]
    for number in record["untouched"]:
        found[number].pending = False
