"""What is learned about an account and cached: equal answers, and every new click counted."""

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from admatch.impact import boosting, prior
from admatch.impact.cross_fit import cross_fitted
from admatch.impact.evidence import gather
from admatch.impact.folds import FOLDS, fold_by_term, term_numbers
from admatch.impact.model import ImpactModel
from admatch.impact.prior import SPLITS
from admatch.impact.shrinkage import Shrinkage
from admatch.impact.trees import Trees
from tests.impact.accounts import made, random_account, row
from tests.impact.test_model import matches_of


def cached(model: ImpactModel) -> Trees:
    """Return what a model learned, after it has been written and read."""
    return Trees.from_dict(json.loads(json.dumps(model.trees.to_dict())))


@pytest.fixture(scope="module")
def account():
    return random_account(1, terms=1200)


@pytest.fixture(scope="module")
def model(account):
    return ImpactModel().fit(account, matches_of(account))


def later(account, seed=2):
    """Return the account with more clicks of its terms, and terms of their own."""
    more = random_account(seed, terms=60).frame
    fresh = more.with_columns(search_term=pl.col("search_term") + " new")
    again = account.frame.head(100).with_columns(clicks=pl.col("clicks") * 2)
    return replace(account, frame=pl.concat([account.frame, fresh, again]))


def test_cached_equals_learned_anew_when_nothing_changed(account, model):
    assert model.basis == "lightgbm"
    again = ImpactModel().fit(account, matches_of(account), trees=cached(model))
    assert again.posteriors.equals(model.posteriors)
    assert again.notes == model.notes
    assert np.array_equal(again.draws(10).sales, model.draws(10).sales)
    assert cached(again).to_dict() == cached(model).to_dict()


def test_held_out_rates_of_the_same_report_save_the_rest(account, model, monkeypatch):
    def never(*_args, **_further):
        raise AssertionError("nothing is to be learned or looked at again")

    trees = cached(model)
    with monkeypatch.context() as patched:
        patched.setattr(boosting.Boosted, "fit", never)
        again = ImpactModel().fit(
            account, matches_of(account), trees=trees, held_out=model.held_out.copy()
        )
    assert again.posteriors.equals(model.posteriors)
    fresh = account.frame.head(3).with_columns(search_term=pl.col("search_term") + " new")
    unseen = gather(replace(account, frame=fresh)).rows
    rates = [one._known.prior.rates(unseen) for one in (again, model)]
    assert np.array_equal(*rates)


def test_held_out_rates_of_other_rows_are_not_taken(account, model):
    now = later(account)
    held_out = model.held_out
    kept = ImpactModel().fit(now, trees=cached(model), held_out=held_out)
    assert kept.posteriors.equals(ImpactModel().fit(now, trees=cached(model)).posteriors)


def test_cached_equals_learned_anew_on_a_large_account(account, monkeypatch):
    monkeypatch.setattr(boosting, "LARGEST", 700)
    monkeypatch.setattr(prior, "LARGEST", 700)
    model = ImpactModel().fit(account)
    assert model.basis == "lightgbm"
    assert not model.trees.folds
    assert ImpactModel().fit(account, trees=cached(model)).posteriors.equals(model.posteriors)


@pytest.mark.parametrize("terms", [30, 600])
def test_that_nothing_was_learned_is_cached_with_its_reason(terms):
    rng = np.random.default_rng(3)
    report = made(*(row(f"lamp x{n}", 5, int(rng.binomial(5, 0.1))) for n in range(terms)))
    model = ImpactModel().fit(report)
    again = ImpactModel().fit(report, trees=cached(model))
    assert again.basis == "shrinkage"
    assert again.notes == model.notes
    assert again.posteriors.equals(model.posteriors)


def test_with_cached_trees_every_click_counts(account, model):
    """The oracle: rates by hand, each term's by the trees of its fold, which never saw it."""
    report = later(account)
    trees = cached(ImpactModel().fit(account))
    found = ImpactModel().fit(report, trees=trees).posteriors
    rows = gather(report).rows
    context, grown = boosting.TrainingContext.of(rows, None), iter(trees.folds)
    by_split = np.empty((SPLITS, rows.height))
    for split in range(SPLITS):
        folds = fold_by_term(rows, split)
        for fold in range(FOLDS):
            outside = folds == fold
            others = rows.filter(pl.Series(~outside))
            inner = fold_by_term(others, SPLITS + 2 + split)
            boosted = boosting.Boosted.fit(context, others, inner, trees.rounds, 0, next(grown))
            by_split[split, outside] = boosted.rates(rows.filter(outside), trees.rounds)
    means = by_split.mean(axis=0)
    assert found["prior_cvr"].to_numpy() == pytest.approx(means, rel=1e-9)
    strength = found["strength"][0]
    clicks, orders = rows["mature_clicks"].to_numpy(), rows["converted"].to_numpy()
    rate = (strength * means + orders) / (strength + np.maximum(clicks, orders))
    assert found["cvr"].to_numpy() == pytest.approx(rate, rel=1e-6)
    assert found.height > model.posteriors.height
    assert rows["clicks"].sum() == report.frame["clicks"].sum()


def test_trees_that_look_at_what_there_is_no_more_are_grown_anew(account, model):
    anew = ImpactModel().fit(account)
    assert ImpactModel().fit(account, trees=cached(model)).posteriors.equals(anew.posteriors)


def test_cached_plain_rates_are_counted_anew(account):
    trees = Trees(0, (), None, (), None)
    report = later(account)
    found = ImpactModel().fit(report, trees=trees).posteriors
    rows = gather(report).rows
    assert found["prior_cvr"].to_numpy() == pytest.approx(
        np.mean([cross_fitted(rows, fold_by_term(rows, one)) for one in range(SPLITS)], axis=0),
        rel=1e-12,
    )
    assert Shrinkage.fit(rows).rates(rows).mean() == pytest.approx(found["prior_cvr"].mean(), 0.05)


@pytest.mark.parametrize("seed", range(4))
def test_rates_without_the_own_fold_are_those_of_others(seed):
    """The oracle: pooled rates fitted to the other folds' rows alone."""
    rows = gather(random_account(seed, terms=150)).rows
    folds = fold_by_term(rows, seed)
    expected = np.empty(rows.height)
    for fold in range(FOLDS):
        own = pl.Series(folds == fold)
        expected[folds == fold] = Shrinkage.fit(rows.filter(~own)).rates(rows.filter(own))
    assert cross_fitted(rows, folds) == pytest.approx(expected, rel=1e-6)


def test_a_term_stays_in_its_fold_when_others_come():
    terms = pl.DataFrame({"search_term": [f"oat milk {n}" for n in range(5000)] + [None]})
    few = terms.gather_every(7)
    alone = dict(zip(few["search_term"], fold_by_term(few, 3), strict=True))
    every = dict(zip(terms["search_term"], fold_by_term(terms, 3), strict=True))
    assert all(every[term] == fold for term, fold in alone.items())


def test_folds_are_alike_in_size_and_parted_anew_by_each_seed():
    terms = pl.DataFrame({"search_term": [f"oat milk {n}" for n in range(20_000)]})
    pairs = fold_by_term(terms, 7) * FOLDS + fold_by_term(terms, 8)
    counts = np.bincount(pairs, minlength=FOLDS**2)
    # each cell is binomial (20,000, 1/25): its deviation is 28
    assert counts.min() > 800 - 5 * 28
    assert counts.max() < 800 + 5 * 28
    assert len(np.unique(term_numbers(terms, 7))) == terms.height


def test_the_seed_has_no_part_in_the_rates(account, model):
    other = ImpactModel(seed=11).fit(account, matches_of(account))
    assert other.posteriors.equals(model.posteriors)


def test_trees_of_one_split_are_grown_anew(account, model):
    of_one = replace(model.trees, folds=model.trees.folds[:FOLDS])
    found = ImpactModel().fit(account, matches_of(account), trees=of_one)
    assert found.posteriors.equals(model.posteriors)


def test_trees_of_an_earlier_admatch_are_read(model):
    """They named a pool otherwise, and their note was a plain text."""
    payload = model.trees.to_dict()
    assert "related" in payload["looks_at"]
    names = ["kin" if one == "related" else one for one in payload["looks_at"]]
    old = Trees.from_dict(payload | {"looks_at": names, "note": ["so it was", "nothing to do"]})
    assert old.looks_at == model.trees.looks_at
    assert (old.note.what, old.note.remedy) == ("so it was", "nothing to do")


def test_the_note_of_cached_trees_can_be_said_in_each_language():
    note = cached(ImpactModel().fit(made(row("lamp"), row("oil lamp")))).note
    assert note.what.in_language("zh").endswith("不足以学出什么样的搜索词会成交")
