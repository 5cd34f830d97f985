"""Faults at every call: nothing applied twice, nothing lost, every outcome in the store."""

import random
from collections import Counter
from datetime import date

import pytest

from admatch.amazon.allow import select
from admatch.amazon.apply import LOST, PATIENCE
from admatch.amazon.entities import list_account
from admatch.amazon.outcomes import StepOutcome
from admatch.amazon.report_kinds import Span, find_report_kinds
from admatch.amazon.reporting import fetch_reports
from admatch.amazon.runs import apply_plan, roll_back
from admatch.amazon.versions import ApiVersion
from admatch.impact.changes import Change
from admatch.reports.account.records import MatchType

from .fake import FakeAds
from .faults import Faults, NoFaults
from .scenario import (
    JOB,
    check_applied,
    check_found_later,
    check_kept,
    client_of,
    draw_changes,
    effects_of,
    keep_night,
    shop,
    until_done,
    write_plan,
)
from .times import FakeClock

CREATED = {
    ApiVersion.V3: ("POST", "/sp/negativeKeywords"),
    ApiVersion.V1: ("POST", "/adsApi/v1/create/targets"),
}
_FAST, _LONG, _ALL = 12, 40, 520  # scenarios of each version


def scenarios():
    """Versions and seeds; the seeds differ, as the history knows a plan by what is in it."""
    found = []
    for version, first in ((ApiVersion.V3, 0), (ApiVersion.V1, 1000)):
        for number in range(_ALL):
            marks = [pytest.mark.long] if _FAST <= number < _LONG else []
            marks += [pytest.mark.slow] if number >= _LONG else []
            seed = first + number
            found.append(pytest.param(version, seed, marks=marks, id=f"{version}-{seed}"))
    return found


@pytest.mark.parametrize(("version", "seed"), scenarios())
def test_whatever_goes_wrong(server, history, tmp_path, version, seed):
    rng = random.Random(seed)
    slow = seed % 20 == 7
    faults = Faults(rng, share=rng.choice([0.15, 0.4, 0.7]), most=rng.randint(3, 30), slow=slow)
    ads = FakeAds(
        FakeClock(), None, seed, dedupe=rng.random() < 0.5, token_life=rng.choice([90, 3600])
    )
    ads.page = rng.choice([2, 1000])
    ads.forgets = version is ApiVersion.V1 and rng.random() < 0.3
    server.serve(ads)
    options = {"rng": rng, "timeout": 0.5 if slow else 10.0, "version": version}
    if seed % 4 == 3:
        _fetches(server, ads, faults, tmp_path, rng, options)
    else:
        _applies(server, history, ads, faults, tmp_path, rng, options)


def _applies(server, history, ads, faults, folder, rng, options):
    wanted = draw_changes(rng, ads, shop(ads))
    plan = write_plan(folder, [one.change for one in wanted])
    keep_night(history, plan)
    before, ads.faults = ads.living(), faults
    largest = rng.choice([2, 5, 1000])

    def apply_it():
        with client_of(server, **options) as client:
            apply_plan(client, plan, select(plan, JOB), largest=largest)

    until_done(apply_it)
    outcomes = check_applied(ads, plan, wanted)
    check_kept(history, plan, outcomes)
    sent = sum(ads.effects.values())
    until_done(apply_it)
    assert sum(ads.effects.values()) == sent
    if rng.random() < 0.6:
        _rolls_back(server, ads, plan, options, before, sent, largest)
        check_kept(history, plan, outcomes, undone=True)
    else:
        ads.faults = NoFaults()
        ads.clock.sleep(LOST)
        until_done(apply_it)
        check_found_later(ads, plan, wanted)
        check_kept(history, plan, wanted)


def _rolls_back(server, ads, plan, options, before, sent, largest):
    def undo_it():
        with client_of(server, **options) as client:
            roll_back(client, plan, largest=largest)

    until_done(undo_it)
    if ads.living() != before:  # what was archived is created anew, and that was lost
        assert sum((ads.living() - before).values()) == 0
        ads.clock.sleep(LOST)
        ads.faults = NoFaults()
        until_done(undo_it)
    assert ads.living() == before
    assert sum(ads.effects.values()) == 2 * sent
    until_done(undo_it)
    assert sum(ads.effects.values()) == 2 * sent


def _fetches(server, ads, faults, folder, rng, options):
    shop(ads, keywords=7)
    ads.faults = faults
    names = ["sp-search-terms", "sb-search-terms", "sp-purchased-products", "sp-placements"]
    kinds = find_report_kinds(names)
    span = Span(date(2026, 7, 20), date(2026, 9, 19))

    def fetch_it():
        with client_of(server, **options) as client:
            return fetch_reports(client, kinds, span, folder, as_of=date(2026, 9, 20))

    fetched = until_done(fetch_it)
    while fetched.refused:  # Amazon failed to make it three times
        fetched = until_done(fetch_it)
    assert len(fetched.files) == 12
    assert all(path.is_file() for path in fetched.files)
    lost = sum(fault in ("failed", "unknown") for _, fault in faults.happened)
    if options["version"] is ApiVersion.V1:  # it was not seen to notice repeated requests
        lost += sum(kind == "report" for kind, _ in faults.happened)
    assert sum(ads.asked.values()) <= 12 + lost
    with client_of(server, **options) as client:
        account = until_done(lambda: list_account(client, "USD"))
    living = [
        row for path in ads.rows for row in ads.now_there(path).values()
        if row["state"] != "ARCHIVED"
    ]  # fmt: skip
    added = sum(len(row.get("dynamicBidding", {}).get("placementBidding", ())) for row in living)
    assert len(account) == len(living) + added


class Always:
    """One fault at every request of a kind."""

    happened = ()

    def __init__(self, kind, fault):
        self.at = kind, fault

    def draw(self, kind):
        return self.at[1] if kind == self.at[0] else None


def negatives(ads, count=100):
    """Changes that Amazon of this test does not recognise when they come twice."""
    place = shop(ads)[1]
    return [
        Change.negative_keyword(f"hose {n}", MatchType.NEGATIVE_EXACT, place) for n in range(count)
    ]


@pytest.fixture(params=ApiVersion)
def version(request):
    return request.param


@pytest.mark.parametrize("late", [(1.0, 110.0), (121.0, 800.0), (130.0, 80_000.0)])
def test_however_late_a_creation_comes_it_is_made_once(server, tmp_path, late, version):
    """No answer, an effect after any delay, and an Amazon that knows no duplicates."""
    ads = server.serve(FakeAds(FakeClock(), Always("write", "late"), 1, dedupe=False, late=late))
    changes, before = negatives(ads), ads.living()
    plan = write_plan(tmp_path, changes)

    def apply_it():
        with client_of(server, version=version) as client:
            return apply_plan(client, plan, select(plan, JOB), largest=30)

    ends = Counter(one.outcome for one in apply_it())
    assert set(ends) <= {StepOutcome.APPLIED, StepOutcome.UNANSWERED}
    assert ends[StepOutcome.UNANSWERED] == 0 or late[1] > PATIENCE
    ads.clock.sleep(late[1])
    assert {one.outcome for one in apply_it()} == {StepOutcome.APPLIED}
    assert {effects_of(ads, one) for one in changes} == {1}

    ads.faults = NoFaults()
    with client_of(server, version=version) as client:
        roll_back(client, plan)
    assert ads.living() == before


def test_a_rollback_undoes_what_came_late(server, tmp_path, version):
    late = (2000.0, 3000.0)
    ads = server.serve(FakeAds(FakeClock(), Always("write", "late"), 1, dedupe=False, late=late))
    changes, before = negatives(ads, 3), ads.living()
    plan = write_plan(tmp_path, changes)
    with client_of(server, version=version) as client:
        apply_plan(client, plan, select(plan, JOB))
        ads.faults = NoFaults()
        still_unknown = roll_back(client, plan)
        assert [one.outcome for one in still_unknown] == [StepOutcome.UNANSWERED] * 3
        assert "run the same command later" in still_unknown[0].note
        ads.clock.sleep(3000.0)
        assert [one.outcome for one in roll_back(client, plan)] == [StepOutcome.APPLIED] * 3
    assert ads.living() == before


def test_however_far_lists_are_behind_nothing_is_made_twice(server, tmp_path, version):
    ads = server.serve(FakeAds(FakeClock(), Always("list", "stale"), 2, dedupe=False, lag=5000.0))
    changes = negatives(ads)
    plan = write_plan(tmp_path, changes)
    with client_of(server, version=version) as client:
        apply_plan(client, plan, select(plan, JOB), largest=30)
        ads.clock.sleep(5000.0)
        results = apply_plan(client, plan, select(plan, JOB), largest=30)
    assert {one.outcome for one in results} == {StepOutcome.APPLIED}
    assert {effects_of(ads, one) for one in changes} == {1}


def test_what_was_lost_is_sent_again_a_day_later(server, tmp_path, version):
    ads = server.serve(FakeAds(FakeClock(), Always("write", "error-before"), 3, dedupe=False))
    changes = negatives(ads, 5)
    plan = write_plan(tmp_path, changes)

    def apply_it():
        with client_of(server, version=version) as client:
            return {one.outcome for one in apply_plan(client, plan, select(plan, JOB))}

    for _ in range(3):
        assert apply_it() == {StepOutcome.UNANSWERED}
    assert ads.requests.count(CREATED[version]) == 1
    ads.clock.sleep(LOST)
    assert apply_it() == {StepOutcome.UNANSWERED}
    assert ads.requests.count(CREATED[version]) == 2
    ads.faults = NoFaults()
    ads.clock.sleep(LOST)
    assert apply_it() == {StepOutcome.APPLIED}
    assert {effects_of(ads, one) for one in changes} == {1}


def test_a_held_negative_follows_its_keyword(server, tmp_path, version):
    ads = server.serve(FakeAds(FakeClock(), Always("write", "error-before"), 3))
    here, auto = shop(ads)
    changes = [
        Change.negative_keyword("reel", MatchType.NEGATIVE_EXACT, auto),
        Change.keyword("reel", MatchType.EXACT, here, 0.5),
    ]
    plan = write_plan(tmp_path, changes)
    with client_of(server, version=version) as client:
        first = apply_plan(client, plan, select(plan, JOB))
        assert [one.outcome for one in first] == [StepOutcome.HELD, StepOutcome.UNANSWERED]
        ads.faults = NoFaults()
        ads.clock.sleep(LOST)
        later = apply_plan(client, plan, select(plan, JOB))
    assert [one.outcome for one in later] == [StepOutcome.APPLIED] * 2
