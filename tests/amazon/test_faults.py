"""Faults at every call: nothing applied twice, nothing lost, every outcome in the store."""

import random
from datetime import date

import pytest

from admatch.amazon.allow import select
from admatch.amazon.entities import list_account
from admatch.amazon.report_kinds import Span, find_report_kinds
from admatch.amazon.reporting import fetch_reports
from admatch.amazon.runs import apply_plan, roll_back

from .fake import FakeAds
from .faults import Faults
from .scenario import (
    JOB,
    check_applied,
    check_kept,
    client_of,
    draw_changes,
    keep_night,
    shop,
    until_done,
    write_plan,
)
from .times import FakeClock

_FAST, _ALL = 40, 520


def seeds():
    slow = [pytest.param(seed, marks=pytest.mark.slow) for seed in range(_FAST, _ALL)]
    return [*range(_FAST), *slow]


@pytest.mark.parametrize("seed", seeds())
def test_whatever_goes_wrong(server, history, tmp_path, seed):
    rng = random.Random(seed)
    slow = seed % 20 == 7
    faults = Faults(rng, share=rng.choice([0.15, 0.4, 0.7]), most=rng.randint(3, 30), slow=slow)
    ads = FakeAds(
        FakeClock(), None, seed, dedupe=rng.random() < 0.5, token_life=rng.choice([90, 3600])
    )
    ads.page = rng.choice([2, 1000])
    server.serve(ads)
    options = {"rng": rng, "timeout": 0.5 if slow else 10.0}
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
    check_applied(ads, plan, wanted)
    check_kept(history, plan, wanted)
    sent = sum(ads.effects.values())
    apply_it_again = until_done
    apply_it_again(apply_it)
    assert sum(ads.effects.values()) == sent
    if rng.random() < 0.6:
        _rolls_back(server, ads, plan, options, before, sent, largest)
        check_kept(history, plan, wanted, undone=True)


def _rolls_back(server, ads, plan, options, before, sent, largest):
    def undo_it():
        with client_of(server, **options) as client:
            roll_back(client, plan, largest=largest)

    until_done(undo_it)
    assert ads.living() == before
    assert sum(ads.effects.values()) == 2 * sent
    until_done(undo_it)
    assert sum(ads.effects.values()) == 2 * sent


def _fetches(server, ads, faults, folder, rng, options):
    shop(ads, keywords=7)
    ads.faults = faults
    kinds = find_report_kinds(["sp-search-terms", "sb-search-terms"])
    span = Span(date(2026, 7, 20), date(2026, 9, 19))

    def fetch_it():
        with client_of(server, **options) as client:
            return fetch_reports(client, kinds, span, folder, as_of=date(2026, 9, 20))

    fetched = until_done(fetch_it)
    while fetched.refused:  # Amazon failed to make it three times
        fetched = until_done(fetch_it)
    assert len(fetched.files) == 6
    assert all(path.is_file() for path in fetched.files)
    lost = sum(fault in ("failed", "unknown") for _, fault in faults.happened)
    assert sum(ads.asked.values()) <= 6 + lost
    with client_of(server, **options) as client:
        account = until_done(lambda: list_account(client, "USD"))
    assert len(account) == sum(
        row["state"] != "ARCHIVED" for path in ads.rows for row in ads.now_there(path).values()
    )
