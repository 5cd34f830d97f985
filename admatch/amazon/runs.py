"""Plans applied and taken back: ``apply_plan`` and ``roll_back``."""

from collections.abc import Sequence
from dataclasses import replace

from admatch.amazon.allow import Selection
from admatch.amazon.apply import SETTLE, Applying
from admatch.amazon.batch import LARGEST, check_steps
from admatch.amazon.client import AdsClient
from admatch.amazon.journal import Journal, open_journal
from admatch.amazon.outcomes import Result, StepOutcome
from admatch.amazon.plan import ApplyPlan, Step
from admatch.amazon.profiles import find_profile
from admatch.errors import InputError
from admatch.impact.changes import Operation
from admatch.progress import Progress


def apply_plan(
    client: AdsClient,
    plan: ApplyPlan,
    selection: Selection,
    *,
    progress: Progress = lambda *_: None,
    largest: int = LARGEST,
) -> list[Result]:
    """Return what became of each selected step, having applied those that were not yet.

    ``largest`` is the most rows of a request. Run again after any failure, it goes on where it was.
    Raises ``AmazonError`` where Amazon cannot be asked for long, ``InputError`` where the profile
    is of another marketplace or the plan was taken back.
    """
    check_steps(selection.steps)
    _check_profile(client, plan)
    with open_journal(plan.applied) as journal:
        _claim(journal, plan, client)
        if any(record["kind"] == "closed" for record in journal.records):
            raise InputError(
                f"{plan.manifest.name} was rolled back; make a new plan to apply its changes again"
            )
        applying = Applying(client, journal, largest=largest)
        applying.run(selection.steps, missing=selection.left_out, progress=progress)
        return _of(applying, selection.steps)


def roll_back(
    client: AdsClient,
    plan: ApplyPlan,
    *,
    progress: Progress = lambda *_: None,
    largest: int = LARGEST,
) -> list[Result]:
    """Return what became of the undoing of each step that was applied.

    First it is found out what became of steps that were sent and not answered; from then on the
    plan cannot be applied any more. What others changed since is left as it is. Raises like
    ``apply_plan``, and ``InputError`` where nothing was applied.
    """
    if not plan.applied.exists():
        raise InputError(
            f"nothing of {plan.manifest.name} was applied, so there is nothing to undo"
        )
    _check_profile(client, plan)
    with open_journal(plan.applied) as journal:
        _claim(journal, plan, client)
        if not any(record["kind"] == "closed" for record in journal.records):
            journal.write("closed", time=client.clock.now())
        applied = Applying(client, journal, largest=largest)
        applied.close(plan.steps)
        _rest(client, journal)
        steps = undoing(plan, applied.results())
        with open_journal(plan.rolled_back) as undone:
            _claim(undone, plan, client)
            applying = Applying(client, undone, largest=largest)
            applying.run(steps, progress=progress)
            return _of(applying, steps)


def undoing(plan: ApplyPlan, results: Sequence[Result]) -> list[Step]:
    """Return the steps that undo what was applied, under the same numbers."""
    known = {step.number: step for step in plan.steps}
    steps = []
    for result in results:
        step = known[result.step]
        if result.outcome in (StepOutcome.APPLIED, StepOutcome.UNSEEN):
            change = step.inverse
            if change.operation == Operation.ARCHIVE:
                change = replace(change, target_id=result.id)
            steps.append(Step(step.number, change, step.change))
    return steps


def _of(applying: Applying, steps: Sequence[Step]) -> list[Result]:
    numbers = {step.number for step in steps}
    return [one for one in applying.results() if one.step in numbers]


def _rest(client: AdsClient, journal: Journal) -> None:
    """Wait until Amazon's lists show what was applied; by then nobody waits any more, mostly."""
    last = max((one["time"] for one in journal.records if "outcomes" in one["kind"]), default=0.0)
    client.clock.sleep(max(last + SETTLE - client.clock.now(), 0.0))


def _check_profile(client: AdsClient, plan: ApplyPlan) -> None:
    profile = find_profile(client)
    if (profile.country, profile.currency) != (plan.marketplace, plan.currency):
        raise InputError(
            f"{plan.manifest.name} is for {plan.marketplace} in {plan.currency}, and profile "
            f"{profile.id} is {profile.country} in {profile.currency}; name the right profile"
        )


def _claim(journal: Journal, plan: ApplyPlan, client: AdsClient) -> None:
    """Write into a new journal what it is of; raises ``InputError`` for that of another plan."""
    mine = {"manifest": plan.digest, "profile": client.profile, "api": client.endpoints.api}
    if not journal.records:
        journal.write("opened", **mine)
    first = journal.records[0]
    if any(first.get(name) != value for name, value in mine.items()):
        raise InputError(
            f"{journal.path.name} is of another manifest, profile or region than "
            f"{plan.manifest.name} now; put it aside if you are sure"
        )
