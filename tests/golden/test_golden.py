"""What an experienced account manager would sign, and what never: situations with their answers.

A situation (``*.toml``, a file a theme) has a history, what runs, what is sold, and which product
each term is about with which probability, so that no encoder is needed. It stands inside a usual
account (``backgrounds/``) that gives decisions their measure. ``must`` lists what has to be in the
chosen set, ``proposed`` what has to be among all changes, ``never`` what may not even be proposed,
``never_chosen`` what may be proposed at most. The verbs of these lines stand in
``checks.py``. In ``factor`` and ``share`` a bid of half the old one is 0.5, and 0 is its end.

In a block of ``rows``, ``terms`` are ``[term, clicks, orders, {more}]``; without ``targeting``
each term is its own keyword; ``spread`` makes thin terms around a word. Every target runs with a
bid of 1.25 times its cost per click unless ``bid`` says otherwise.
"""

from functools import cache
from typing import Any

import pytest

from admatch.decisions.new_campaigns import NewCampaigns
from admatch.decisions.recommend import recommend
from admatch.impact.changes import ChangeSet
from admatch.impact.model import ImpactModel
from admatch.impact.what_if import WhatIf
from admatch.pipeline.options import AnalysisOptions
from admatch.pipeline.writable import Writability
from tests.golden.build import (
    make_account,
    make_catalog,
    make_matches,
    make_negatives,
    make_report,
)
from tests.golden.checks import complaints, unknown_names
from tests.golden.decided import Decided
from tests.golden.invariants import broken_rules, unpaid_changes
from tests.golden.records import Situation, situations

TARGET, DRAWS = 0.30, 200
FEWEST = 80

# Themes may run in different processes, the tests of one situation in one.
every_situation = pytest.mark.parametrize(
    "situation",
    [
        pytest.param(one, id=repr(one), marks=pytest.mark.xdist_group(one.theme))
        for one in situations()
    ],
)


class QuickModel(ImpactModel):
    """A model whose figures have fewer draws: means are needed here, not the ends of intervals."""

    def what_if(self, changes: ChangeSet, **options: Any) -> WhatIf:
        return super().what_if(changes, **({"draws": DRAWS} | options))


@cache
def fitted(name: str) -> tuple[Decided, ImpactModel]:
    """Return what is decided about a situation, by its name; all of its tests share one fit."""
    situation = next(one for one in situations() if repr(one) == name)
    options = situation.options
    report, catalog = make_report(situation), make_catalog(situation)
    matches = make_matches(situation, report, catalog)
    model = QuickModel(seed=7).fit(report, matches, catalog=catalog)
    account = make_account(situation)
    asked = AnalysisOptions(
        target_acos=options.get("target", TARGET),
        margin=options.get("margin"),
        protect=tuple(options.get("protect", ())),
        marketplace=options.get("marketplace"),
    )
    advice = recommend(
        report,
        matches,
        model,
        target_acos=asked.target_acos,
        margin=asked.margin,
        account=account,
        catalog=catalog,
        protect=asked.protect,
        upload=Writability(account, asked),
        explain=False,
        negatives=make_negatives(situation, report, catalog),
        new_campaigns=NewCampaigns(made) if (made := options.get("new_campaigns")) else None,
    )
    return Decided(situation, advice), model


def test_there_are_enough_situations():
    names = [repr(one) for one in situations()]
    assert len(set(names)) == len(names) >= FEWEST
    assert all(one.must or one.proposed or one.never or one.never_chosen for one in situations())


def test_lines_name_what_is_there():
    assert not [name for one in situations() for name in unknown_names(one)]


@every_situation
def test_a_manager_would_sign_it(situation: Situation):
    wrong = complaints(fitted(repr(situation))[0])
    assert not wrong, "\n".join([situation.why, *wrong])


@every_situation
def test_the_chosen_set_can_be_written(situation: Situation):
    broken = list(broken_rules(fitted(repr(situation))[0]))
    assert not broken, "\n".join(broken)


@every_situation
def test_every_chosen_change_pays(situation: Situation):
    unpaid = list(unpaid_changes(*fitted(repr(situation))))
    assert not unpaid, "\n".join(unpaid)
