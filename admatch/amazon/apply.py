"""Changes made at Amazon, each once whatever happens: ``Applying``."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from admatch.amazon.batch import LARGEST, Batch, Reply, batches
from admatch.amazon.client import AdsClient
from admatch.amazon.failures import AmazonError, Declined, Unsure
from admatch.amazon.journal import Journal
from admatch.amazon.outcomes import GOOD, Result, StepOutcome, courses, follow
from admatch.amazon.plan import Step
from admatch.amazon.standing import Finding, Verdict, find_standing, judge
from admatch.export.keyword_text import compared
from admatch.impact.changes import Operation
from admatch.progress import Progress, silent
from admatch.reports.account.records import NEGATIVES, Entity, MatchType

# Seconds until a request that was not answered, and Amazon's lists, are taken to have come to rest:
# what is not listed by then was not carried out. Amazon names no figure.
SETTLE = 120.0
_GLANCE = 10.0  # seconds between two looks at what Amazon says it has done
_TURNS = 20  # looks at one batch


class Applying:
    """Steps on their way to Amazon, with every request and every answer in the journal.

    Before anything is sent it is read what stands there, so that nothing is done twice; after, so
    that nothing is taken for done that is not. A journal that another process was killed over is
    taken up where it ends.
    """

    def __init__(self, client: AdsClient, journal: Journal, *, largest: int = LARGEST) -> None:
        self._client = client
        self._journal = journal
        self._largest = largest
        self._courses = courses(journal.records)

    def results(self) -> list[Result]:
        """Return how each step ended that has."""
        return [one.result for _, one in sorted(self._courses.items()) if one.result]

    def run(
        self,
        steps: Sequence[Step],
        *,
        missing: Iterable[Step] = (),
        progress: Progress = silent,
    ) -> None:
        """Apply the steps; those that rely on ``missing`` ones, which nobody applies, are held.

        Raises ``AmazonError`` where Amazon cannot be asked for long: run again, it goes on.
        """
        done = 0
        progress("changes", done, len(steps))
        for batch in batches(steps, self._largest):
            self._hold(batch.steps, [*steps, *missing])
            self._settle(batch.steps, sending=True)
            done += len(batch.steps)
            progress("changes", done, len(steps))

    def close(self, steps: Sequence[Step]) -> None:
        """Find out what became of what was sent, send nothing more, and end every step."""
        sent = [one for one in self._open(steps) if self._courses[one.number].ours]
        for batch in batches(sent, self._largest):
            self._settle(batch.steps, sending=False)
        self._end(Result(one.number, StepOutcome.NOT_SENT) for one in self._open(steps))

    def _settle(self, steps: Sequence[Step], *, sending: bool) -> None:
        """Read, judge and send until every step has ended."""
        for _ in range(_TURNS):
            steps = self._open(steps)
            if not steps:
                return
            looked = self._client.clock.now()  # before, as a long list takes its time
            standing = find_standing(self._client, [one.change for one in steps])
            findings = {one.number: judge(one.change, standing) for one in steps}
            rested = [one for one in steps if self._rested(one, looked)]
            self._end(
                [self._ended(one, findings[one.number], one in rested, sending) for one in steps]
            )
            free = [one for one in self._open(rested) if self._is_free(one)]
            if free and sending:
                self._send(Batch(tuple(free)))
            elif self._open(steps):
                self._client.clock.sleep(self._rest(self._open(steps)))
        self._give_up(self._open(steps))

    def _ended(self, step: Step, finding: Finding, rested: bool, sending: bool) -> Result | None:
        """Return how a step has ended, or None while it has not."""
        course = self._courses[step.number]
        if finding.verdict is Verdict.DONE:
            outcome = StepOutcome.APPLIED if course.ours else StepOutcome.STOOD
            return Result(step.number, outcome, finding.id)
        if finding.verdict is Verdict.CONFLICT:
            return Result(step.number, StepOutcome.CONFLICT, finding.id, finding.told)
        if course.given is not None or not rested:
            return None
        if course.doubted is not None:
            return Result(step.number, StepOutcome.REFUSED, None, course.doubted)
        return None if sending else Result(step.number, StepOutcome.NOT_SENT)

    def _is_free(self, step: Step) -> bool:
        """Return whether a step that is not done was neither made nor turned down."""
        course = self._courses[step.number]
        return course.given is None and course.doubted is None

    def _rested(self, step: Step, looked: float) -> bool:
        """Return whether what was read at ``looked`` shows all that came of the step."""
        course = self._courses[step.number]
        unsure = course.pending or course.maybe or course.doubted is not None
        return not unsure or looked >= course.since + SETTLE

    def _rest(self, steps: Sequence[Step]) -> float:
        """Return the seconds until another look is worth it."""
        if any(self._courses[one.number].given is not None for one in steps):
            return _GLANCE
        last = max(self._courses[one.number].since for one in steps)
        return max(last + SETTLE - self._client.clock.now(), _GLANCE)

    def _send(self, batch: Batch) -> None:
        """Send a batch once, with a record before it and one after it."""
        numbers = [one.number for one in batch.steps]
        self._write("sending", steps=numbers, to=f"{batch.method} {batch.path}")
        try:
            answer = self._client.send(batch.method, batch.path, batch.body(), batch.resource.media)
        except Unsure as error:
            self._write("unsure", steps=numbers, why=str(error))
        except Declined as error:
            self._declined(batch, str(error))
        except AmazonError:
            self._answered(Reply(untouched=numbers))
            raise
        else:
            self._answered(batch.reply(answer.body))

    def _declined(self, batch: Batch, why: str) -> None:
        """Send the halves of a batch that was refused whole: one row may be to blame."""
        if len(batch.steps) == 1:
            self._answered(Reply(refused=[(batch.steps[0].number, why)]))
            return
        self._answered(Reply(untouched=[one.number for one in batch.steps]))
        half = len(batch.steps) // 2
        self._send(Batch(batch.steps[:half]))
        self._send(Batch(batch.steps[half:]))

    def _answered(self, reply: Reply) -> None:
        self._write("answered", **asdict(reply))

    def _end(self, results: Iterable[Result | None]) -> None:
        found = [asdict(one) for one in results if one is not None]
        if found:
            self._write("outcomes", results=found)

    def _give_up(self, steps: Sequence[Step]) -> None:
        """End what Amazon says it made and does not list; leave the rest to another time."""
        unseen = [one for one in steps if self._courses[one.number].given is not None]
        told = "Amazon said that it was done, and does not list it; look into the console"
        self._end(
            Result(one.number, StepOutcome.UNSEEN, self._courses[one.number].given, told)
            for one in unseen
        )
        if len(unseen) < len(steps):
            raise AmazonError(
                f"Amazon leaves {len(steps) - len(unseen)} changes unsettled; run the same "
                "command again later, nothing is done twice"
            )

    def _hold(self, steps: Sequence[Step], everything: Sequence[Step]) -> None:
        """End negatives that take a term from where it runs while no keyword takes it over."""
        absent = {
            compared(one.change.text)
            for one in everything
            if one.change.operation == Operation.CREATE
            and one.change.entity == Entity.KEYWORD
            and not self._is_good(one)
        }
        told = "the keyword of the same text is not live, and nothing would show for the term"
        self._end(
            Result(one.number, StepOutcome.HELD, None, told)
            for one in self._open(steps)
            if one.change.entity in NEGATIVES
            and one.change.match_type == MatchType.NEGATIVE_EXACT
            and one.change.operation == Operation.CREATE
            and compared(one.change.text) in absent
        )

    def _is_good(self, step: Step) -> bool:
        """Return whether a new keyword lives, be it with another bid."""
        result = self._courses[step.number].result
        return result is not None and (
            result.outcome in GOOD or (result.outcome is StepOutcome.CONFLICT and bool(result.id))
        )

    def _open(self, steps: Sequence[Step]) -> list[Step]:
        return [one for one in steps if self._courses[one.number].result is None]

    def _write(self, kind: str, **facts: Any) -> None:  # noqa: ANN401 - whatever JSON can hold
        self._journal.write(kind, **facts, time=self._client.clock.now())
        follow(self._courses, self._journal.records[-1])
