"""Plans applied and rolled back: ``apply_plan`` and ``roll_back``."""

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
from admatch.messages import say
from admatch.progress import Progress


def apply_plan(
    client: AdsClient,
    plan: ApplyPlan,
    selection: Selection,
    *,
    progress: Progress = lambda *_: None,
    largest: int = LARGEST,
) -> list[Result]:
    """Apply the selected steps that are not applied yet; return the result of each.

    ``largest`` is the most rows of one request. After any failure, the same call continues. Raises
    ``AmazonError`` where Amazon stays out of reach, ``InputError`` where the profile belongs to
    another marketplace or the plan was rolled back.
    """
    check_steps(selection.steps)
    _check_profile(client, plan)
    with open_journal(plan.applied) as journal:
        _claim(journal, plan, client)
        if any(record["kind"] == "closed" for record in journal.records):
            raise InputError(say("amazon.plan.rolled_back", file=plan.manifest.name))
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
    """Undo every step that was applied; return the result of each.

    First the outcome of steps that were sent without an answer is looked up; from then on the plan
    cannot be applied any more. What others have changed since is left alone. A creation whose
    outcome is still unknown is among the results, as it may have to be undone by hand. Raises like
    ``apply_plan``, and ``InputError`` where nothing was applied.
    """
    if not plan.applied.exists():
        raise InputError(say("amazon.plan.not_applied", file=plan.manifest.name))
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
            unknown = [one for one in applied.results() if one.outcome is StepOutcome.UNANSWERED]
            return sorted([*_of(applying, steps), *unknown], key=lambda one: one.step)


def undoing(plan: ApplyPlan, results: Sequence[Result]) -> list[Step]:
    """Return the steps that undo what was applied, with the same numbers."""
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
    """Wait until Amazon's lists show what was applied; mostly that time is long past."""
    last = max((one["time"] for one in journal.records if "outcomes" in one["kind"]), default=0.0)
    client.clock.sleep(max(last + SETTLE - client.clock.now(), 0.0))


def _check_profile(client: AdsClient, plan: ApplyPlan) -> None:
    profile = find_profile(client)
    if (profile.country, profile.currency) != (plan.marketplace, plan.currency):
        raise InputError(
            say(
                "amazon.plan.marketplace",
                file=plan.manifest.name,
                marketplace=plan.marketplace,
                currency=plan.currency,
                profile=profile.id,
                country=profile.country,
                own_currency=profile.currency,
            )
        )


def _claim(journal: Journal, plan: ApplyPlan, client: AdsClient) -> None:
    """Write a new journal's first record; raises ``InputError`` for the journal of another plan."""
    own = {"manifest": plan.digest, "profile": client.profile, "api": client.endpoints.api}
    if not journal.records:
        journal.write("opened", **own)
    first = journal.records[0]
    if any(first.get(name) != value for name, value in own.items()):
        raise InputError(
            say("amazon.journal.other", file=journal.path.name, manifest=plan.manifest.name)
        )
