"""Changes made at Amazon, each at most once whatever happens: ``Applying``."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from admatch.amazon.batch import LARGEST, Batch, Reply, batches
from admatch.amazon.client import AdsClient
from admatch.amazon.failures import AmazonError, Declined, Unsure
from admatch.amazon.journal import Journal
from admatch.amazon.outcomes import GOOD, MISSING, Result, StepOutcome, courses, follow
from admatch.amazon.plan import Step
from admatch.amazon.standing import Finding, Verdict, find_standing, judge
from admatch.export.keyword_text import compared
from admatch.impact.changes import Operation
from admatch.messages import as_json, say
from admatch.progress import Progress, silent
from admatch.reports.account.records import NEGATIVES, Entity, MatchType

# Seconds after which an unanswered update or archive is sent again: twice has the same effect as
# once, also where the first comes later. Amazon names no figure.
SETTLE = 120.0
# Seconds for which the account is read for what was confirmed, or created without an answer.
PATIENCE = 900.0
# Seconds after which another run sends an unanswered creation again that the account still does not
# show. Amazon may carry out a request long after it failed to answer, and where it does not
# recognise a duplicate, there would be two.
LOST = 24 * 3600.0
_GLANCE = 10.0  # seconds between the first two looks; later pauses grow up to SETTLE
_TURNS = 40  # looks at one batch


class Applying:
    """Steps on their way to Amazon, with every request and every answer in the journal.

    The account is read before anything is sent, so that nothing is done twice, and afterwards, so
    that no step counts as done that is not. A journal left by a killed process is continued.
    """

    def __init__(self, client: AdsClient, journal: Journal, *, largest: int = LARGEST) -> None:
        self._client = client
        self._journal = journal
        self._largest = largest
        self._courses = courses(journal.records)

    def results(self) -> list[Result]:
        """Return the result of each step that has ended."""
        return [one.result for _, one in sorted(self._courses.items()) if one.result]

    def run(
        self,
        steps: Sequence[Step],
        *,
        missing: Iterable[Step] = (),
        progress: Progress = silent,
    ) -> None:
        """Apply the steps; hold those that depend on ``missing`` ones, which are not applied.

        Raises ``AmazonError`` where Amazon stays out of reach; another run continues.
        """
        self._look_again(steps, sending=True)
        done = 0
        progress("changes", done, len(steps))
        for batch in self._batches(steps):
            self._hold(batch.steps, [*steps, *missing])
            self._settle(batch.steps, sending=True)
            done += len(batch.steps)
            progress("changes", done, len(steps))

    def close(self, steps: Sequence[Step]) -> None:
        """Find out what became of the steps that were sent, send nothing more, and end all."""
        self._look_again(steps, sending=False)
        sent = [one for one in self._open(steps) if self._courses[one.number].ours]
        for batch in self._batches(sent):
            self._settle(batch.steps, sending=False)
        self._end(Result(one.number, StepOutcome.NOT_SENT) for one in self._open(steps))

    def _look_again(self, steps: Sequence[Step], *, sending: bool) -> None:
        """Look once more for what was sent and never seen: the account may show it by now.

        An unanswered creation that is still missing after a day is open again.
        """
        missing = [one for one in steps if self._outcome(one) in MISSING]
        for batch in self._batches(missing):
            looked = self._client.clock.now()
            findings = self._findings(batch.steps)
            self._end(
                Result(number, StepOutcome.APPLIED, finding.id)
                for number, finding in findings.items()
                if finding.verdict is Verdict.DONE
            )
            for one in batch.steps if sending else ():
                unanswered = self._outcome(one) is StepOutcome.UNANSWERED
                if unanswered and not self._awaited(one, looked):
                    self._courses[one.number].result = None

    def _settle(self, steps: Sequence[Step], *, sending: bool) -> None:
        """Read, judge and send until every step has ended."""
        for _ in range(_TURNS):
            steps = self._open(steps)
            if not steps:
                return
            looked = self._client.clock.now()  # before the read, as a long list takes its time
            findings = self._findings(steps)
            self._end([self._ended(one, findings[one.number], looked, sending) for one in steps])
            free = [one for one in self._open(steps) if self._may_send(one, looked)]
            if free and sending:
                self._send(Batch(tuple(free), self._client.version))
            elif waiting := self._open(steps):
                self._client.clock.sleep(max(min(map(self._pause, waiting)), _GLANCE))
        if left := self._open(steps):
            raise AmazonError(say("amazon.step.unsettled", n=len(left)))

    def _findings(self, steps: Sequence[Step]) -> dict[int, Finding]:
        """Return how the account compares with each step now, by step number."""
        standing = find_standing(self._client, [one.change for one in steps])
        return {one.number: judge(one.change, standing) for one in steps}

    def _ended(self, step: Step, finding: Finding, looked: float, sending: bool) -> Result | None:
        """Return the result of a step, or None while it has none."""
        course, number = self._courses[step.number], step.number
        if finding.verdict is Verdict.DONE:
            outcome = StepOutcome.APPLIED if course.ours else StepOutcome.STOOD
            return Result(number, outcome, finding.id)
        if finding.verdict is Verdict.GONE and course.ours and _archives(step):
            return Result(number, StepOutcome.APPLIED, finding.id)
        if finding.verdict in (Verdict.GONE, Verdict.CONFLICT):
            return Result(number, StepOutcome.CONFLICT, finding.id, finding.note)
        if self._awaited(step, looked):
            if looked < course.since + PATIENCE:
                return None
            if course.given is not None:
                return Result(number, StepOutcome.UNSEEN, course.given, say("amazon.step.unseen"))
            return Result(number, StepOutcome.UNANSWERED, None, say("amazon.step.unanswered"))
        if not self._rested(step, looked):
            return None
        if course.doubted is not None:
            return Result(number, StepOutcome.REFUSED, None, course.doubted)
        return None if sending else Result(number, StepOutcome.NOT_SENT)

    def _awaited(self, step: Step, looked: float) -> bool:
        """Return whether only reading helps: it was confirmed, or created without an answer."""
        course = self._courses[step.number]
        if course.given is not None:
            return True
        creates = step.change.operation == Operation.CREATE
        unanswered = creates and course.ours and course.doubted is None
        return unanswered and looked < course.since + LOST

    def _may_send(self, step: Step, looked: float) -> bool:
        """Return whether sending a step now cannot do a thing twice."""
        doubted = self._courses[step.number].doubted is not None
        return not (self._awaited(step, looked) or doubted) and self._rested(step, looked)

    def _rested(self, step: Step, looked: float) -> bool:
        """Return whether a read at ``looked`` shows all effects of an update or archive."""
        course = self._courses[step.number]
        unsure = course.pending or course.maybe or course.doubted is not None
        return not unsure or looked >= course.since + SETTLE

    def _pause(self, step: Step) -> float:
        """Return the seconds until another look at a step is worthwhile."""
        now = self._client.clock.now()
        elapsed = now - self._courses[step.number].since
        return min(elapsed, SETTLE) if self._awaited(step, now) else SETTLE - elapsed

    def _send(self, batch: Batch) -> None:
        """Send a batch once, with a record before it and one after it."""
        numbers = [one.number for one in batch.steps]
        method, address = batch.request
        self._write("sending", steps=numbers, to=f"{method} {address}")
        try:
            answer = self._client.send(method, address, batch.body(), batch.resource.media)
        except Unsure as error:
            self._write("unsure", steps=numbers, why=as_json(error.reason))
        except Declined as error:
            self._declined(batch, error.reason)
        except AmazonError:
            self._answered(Reply(untouched=numbers))
            raise
        else:
            self._answered(batch.reply(answer.body))

    def _declined(self, batch: Batch, why: str) -> None:
        """Send the halves of a batch that was refused as a whole: one row may be to blame."""
        if len(batch.steps) == 1:
            self._answered(Reply(refused=[(batch.steps[0].number, why)]))
            return
        self._answered(Reply(untouched=[one.number for one in batch.steps]))
        half = len(batch.steps) // 2
        self._send(Batch(batch.steps[:half], batch.version))
        self._send(Batch(batch.steps[half:], batch.version))

    def _answered(self, reply: Reply) -> None:
        self._write("answered", **reply.to_dict())

    def _end(self, results: Iterable[Result | None]) -> None:
        ended = [one.to_dict() for one in results if one is not None]
        if ended:
            self._write("outcomes", results=ended)

    def _hold(self, steps: Sequence[Step], everything: Sequence[Step]) -> None:
        """End negatives that would stop a term where it runs while no keyword takes it over.

        Those that an earlier run held are open again once their keyword is live.
        """
        absent = {
            compared(one.change.text)
            for one in everything
            if one.change.operation == Operation.CREATE
            and one.change.entity == Entity.KEYWORD
            and not self._is_live(one)
        }
        for one in steps:
            if self._outcome(one) is StepOutcome.HELD and compared(one.change.text) not in absent:
                self._courses[one.number].result = None
        note = say("amazon.step.held")
        self._end(
            Result(one.number, StepOutcome.HELD, None, note)
            for one in self._open(steps)
            if one.change.entity in NEGATIVES
            and one.change.match_type == MatchType.NEGATIVE_EXACT
            and one.change.operation == Operation.CREATE
            and compared(one.change.text) in absent
        )

    def _is_live(self, step: Step) -> bool:
        """Return whether a new keyword is live, if need be with another bid."""
        result = self._courses[step.number].result
        return result is not None and (
            result.outcome in GOOD or (result.outcome is StepOutcome.CONFLICT and bool(result.id))
        )

    def _batches(self, steps: Sequence[Step]) -> Iterator[Batch]:
        return batches(steps, self._client.version, self._largest)

    def _outcome(self, step: Step) -> StepOutcome | None:
        result = self._courses[step.number].result
        return result.outcome if result else None

    def _open(self, steps: Sequence[Step]) -> list[Step]:
        return [one for one in steps if self._courses[one.number].result is None]

    def _write(self, kind: str, **facts: Any) -> None:  # noqa: ANN401 - anything JSON can hold
        self._journal.write(kind, **facts, time=self._client.clock.now())
        follow(self._courses, self._journal.records[-1])


def _archives(step: Step) -> bool:
    """Return whether a step archives: what is in no list afterwards was archived, too."""
    return step.change.operation == Operation.ARCHIVE
