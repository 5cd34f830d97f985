"""What an experienced account manager would sign, and what never: situations with their answers.

A situation (``*.toml``, a file a theme) has a history, what runs, what is sold, and which product
each term is about with which probability, so that no encoder is needed. It stands inside a usual
account (``backgrounds/``) that gives decisions their measure. ``must`` lists what has to be in the
chosen set, ``proposed`` what has to be among all changes, ``never`` what may not even be proposed, ``never_chosen`` what may be proposed at most.
The verbs of these lines are the methods of ``checks.Decided``.

In a block of ``rows``, ``terms`` are ``[term, clicks, orders, {more}]``; without ``targeting``
each term is its own keyword; ``spread`` makes thin terms around a word. Every target runs with a
bid of 1.25 times its cost per click unless ``bid`` says otherwise.
"""

from functools import cache

import pytest

from admatch.decisions.recommend import recommend
from admatch.impact.model import ImpactModel
from tests.golden.build import make_account, make_catalog, make_matches, make_report
from tests.golden.checks import Decided
from tests.golden.invariants import broken_rules, unpaid_changes
from tests.golden.records import Situation, situations

TARGET = 0.30
FEWEST = 80

every_situation = pytest.mark.parametrize("situation", situations(), ids=repr)


@cache
def fitted(name: str) -> tuple[Decided, ImpactModel]:
    """Return what is decided about a situation, by its name; all of its tests share one fit."""
    situation = next(one for one in situations() if repr(one) == name)
    options = situation.options
    report, catalog = make_report(situation), make_catalog(situation)
    matches = make_matches(situation, report, catalog)
    model = ImpactModel(seed=7).fit(report, matches, catalog=catalog)
    advice = recommend(
        report,
        matches,
        model,
        target_acos=options.get("target", TARGET),
        margin=options.get("margin"),
        account=make_account(situation),
        catalog=catalog,
        protect=options.get("protect", ()),
    )
    return Decided(situation, advice), model


def test_there_are_enough_situations():
    names = [repr(one) for one in situations()]
    assert len(set(names)) == len(names) >= FEWEST
    assert all(one.must or one.proposed or one.never or one.never_chosen for one in situations())


@every_situation
def test_a_manager_would_sign_it(situation: Situation):
    complaints = fitted(repr(situation))[0].complaints()
    assert not complaints, "\n".join([situation.why, *complaints])


@every_situation
def test_the_chosen_set_can_be_written(situation: Situation):
    broken = list(broken_rules(fitted(repr(situation))[0]))
    assert not broken, "\n".join(broken)


@every_situation
def test_every_chosen_change_pays(situation: Situation):
    unpaid = list(unpaid_changes(*fitted(repr(situation))))
    assert not unpaid, "\n".join(unpaid)
