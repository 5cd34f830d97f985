"""Headline, rows, file and effect speak of the same set of changes, whatever the account."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

import admatch as am

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


def without_bids(account):
    """Return an account in which only the first ad group's targets have a bid."""
    first = pl.col("ad_group") == pl.col("ad_group").drop_nulls().first()
    bids = [pl.when(first).then(name).alias(name) for name in ("bid", "default_bid")]
    return replace(account, frame=account.frame.with_columns(bids))


def with_negative(account):
    """Return an account in which a campaign blocks a term that sold there within the target."""
    negative = account.negatives.filter(campaign="SP | Dairy | Auto").head(1)
    row = negative.with_columns(keyword=pl.lit("swedish fil"), target_id=pl.lit("777"))
    return replace(account, frame=pl.concat([account.frame, row]))


def at_its_budget(account):
    """Return an account whose campaigns have the budget that the dearest spends on a usual day."""
    return replace(account, frame=account.frame.with_columns(daily_budget=pl.lit(5.0)))


def in_two_currencies(report):
    """Return a report of which every campaign is in euros, too, under another name."""
    euros = report.frame.with_columns(
        currency=pl.lit("EUR"), campaign=pl.lit("EU ") + pl.col("campaign")
    )
    return replace(report, frame=pl.concat([report.frame, euros]))


@pytest.fixture(scope="module")
def sample():
    report = am.read_report(SAMPLE / "search_terms.csv")
    return report, am.read_account(SAMPLE / "bulk.xlsx")


CASES = {
    "whole account": {},
    "no account": {"account": None},
    "partial account": {"account": without_bids},
    "two currencies": {"report": in_two_currencies, "options": {"marketplace": "US"}},
    "nothing chosen": {"options": {"guard_rails": am.GuardRails(certainty=0, step=0)}},
    "one change": {"options": {"most_changes": 1}},
    "negative in force": {"account": with_negative},
    "capped": {"account": at_its_budget},
    "own targets": {"options": {"targets": {"SP | Drinks | Auto": 0.2}, "margin": 0.4}},
}


@pytest.mark.parametrize("case", CASES)
def test_rows_totals_file_and_effect_are_one_set(case, sample, tmp_path):
    report, account = sample
    given = CASES[case]
    report = given.get("report", lambda one: one)(report)
    change_account = given.get("account", lambda one: one)
    account = change_account(account) if change_account else None
    options = am.AnalysisOptions(target_acos=0.3, **given.get("options", {}))
    # cases with the same report share its fit
    analysis = am.analyse(report, None, account, options, cache=am.FolderCache())
    advice, counted = analysis.advice, 0
    # a reason never tells more clicks of a term than of the targeting that it is part of
    for level in ("targeting", "group"):
        assert (advice.rows["clicks"] <= advice.rows[f"{level}_seen"]).all()

    for total in advice.totals.to_dicts():
        code = total["currency"]
        own = pl.col("currency").eq_missing(pl.lit(code, pl.String))
        rows = advice.rows.filter(own & pl.col("chosen"))
        for name, sign in (("spend_freed", -1), ("sales_change", 1)):
            what = "spend" if name == "spend_freed" else "sales"
            gap = total[f"{what}_after"] - total[f"{what}_before"]
            assert gap == pytest.approx(sign * rows[name].sum(), abs=1e-6)
        known = pl.col("margin").is_not_null()
        for name, part in (("profit_gain", known), ("contribution_gain", ~known)):
            gained = rows.filter(part)["gain"].sum()
            assert gained == pytest.approx(total[name] or 0.0, abs=1e-6)
        assert rows["sales_at_risk"].sum() == pytest.approx(total["sales_at_risk"], abs=1e-6)
        change = analysis.effect.by_currency[code]
        for side, figures in (("before", change.before), ("after", change.after)):
            for name in ("spend", "sales", "acos"):
                assert getattr(figures, name).mean == pytest.approx(total[f"{name}_{side}"])
        curve = advice.frontier.filter(own)
        here = (pl.col("spend") - total["spend_after"]).abs() < 1e-6
        assert curve.filter(here & (pl.col("changes") == total["changes"])).height == 1
        assert bool(advice.left_out(total)) == bool(total["unwritable"])
        counted += total["changes"]

    assert counted == len(advice.best())
    assert advice.totals.filter(pl.col("changes") > 0).height <= 1  # one file, one marketplace
    written = analysis.write(tmp_path, am.Outputs(html=False, matches=False)).upload
    assert (len(written.written) if written else 0) == counted
    assert not (written and written.refused)
    shows(case, analysis, counted)


def shows(case, analysis, counted):
    """Check that the case is what it is called."""
    advice = analysis.advice
    if case == "no account":
        assert counted == 0
        assert advice.totals["unwritable"][0] > 0
    if case == "partial account":
        assert advice.totals["unwritable"][0] > 0
    if case == "negative in force":
        (ended,) = advice.changes(am.Action.ARCHIVE_NEGATIVE)
        assert (ended.text, ended.place.whole_campaign) == ("swedish fil", True)
    if case == "capped":
        assert advice.totals["spent_again"][0] > 1
        again = advice.totals["spent_again"][0]
        assert analysis.effect.only.spent_again.mean == pytest.approx(again)
    if case == "one change":
        assert counted == 1
