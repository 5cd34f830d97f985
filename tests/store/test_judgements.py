"""What somebody rejected is left alone, until much has come since or 90 days are over."""

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from admatch.errors import InputError
from admatch.jobs.store.facts import add_report
from admatch.jobs.store.judgements import (
    Judgement,
    add_judgements,
    decisions_of,
    judge_decisions,
    rejected,
)
from admatch.jobs.store.nights import Night, record_night
from admatch.store.verdict import Verdict

from .test_facts import DAY, report
from .test_proposals import DECIDED

AT = datetime(2026, 3, 5, 12)


def said(verdict="rejected", at=AT, text="term 0", action="negate-exact", by="anna", note=None):
    return Judgement("C", "G", text, action, verdict, note, by, at)


def texts(transaction, day):
    return rejected(transaction, "shop", day)["text"].to_list()


def test_a_rejection_holds_for_ninety_days_or_until_the_next_word(workspace):
    with workspace.writing() as transaction:
        assert add_judgements(transaction, "shop", [said(), said()]) == 1
        assert add_judgements(transaction, "shop", [said()]) == 0
        assert add_judgements(transaction, "other", [said(text="term 1")]) == 1
        assert texts(transaction, AT.date() - timedelta(1)) == []  # not said yet
        assert texts(transaction, AT.date()) == ["term 0"]
        assert texts(transaction, AT.date() + timedelta(89)) == ["term 0"]
        assert texts(transaction, AT.date() + timedelta(90)) == []
        add_judgements(transaction, "shop", [said("accepted", AT + timedelta(hours=1))])
        assert texts(transaction, AT.date()) == []


@pytest.mark.parametrize(
    ("days", "clicks", "action", "text", "held"),
    [
        # two terms take turns: by 5 March each has had half of the clicks of five days
        (5, 10, "negate-exact", "term 0", True),
        (9, 1, "negate-exact", "term 0", True),  # two clicks more are too few
        (9, 10, "negate-exact", "term 0", False),
        (6, 10, "negate-exact", "term 1", False),
        (30, 10, "negate-exact", "another", True),
        (9, 10, "negate-phrase", "term", False),
        (5, 10, "negate-phrase", "term", True),
        (30, 10, "negate-phrase", "ter", True),  # no whole word
        (30, 10, "bid-down", "term 0", True),  # that is a target's
    ],
)
def test_half_as_many_clicks_again_make_it_a_new_question(
    workspace, days, clicks, action, text, held
):
    with workspace.writing() as transaction:
        add_report(transaction, "shop", "a", "a.csv", report(0, days, clicks))
        add_judgements(transaction, "shop", [said(text=text, action=action)])
        assert texts(transaction, DAY + timedelta(40)) == ([text] if held else [])


def test_decisions_are_judged_by_number_and_shown_with_the_last_word(workspace):
    decided = pl.DataFrame(
        [
            {"campaign": "C", "ad_group": "G", "search_term": "Red Hose", "action": "negate-phrase",
             "phrase": "Hose", "chosen": True},
            {"campaign": "C", "ad_group": None, "search_term": "t", "targeting": "Close-Match",
             "action": "bid-down", "chosen": False},
        ],
        schema=DECIDED,
    )  # fmt: skip
    night = Night("n", "shop", "job", DAY, Path("out"), {}, {})
    with workspace.writing() as transaction:
        record_night(transaction, night, decided, (), {})
        judge_decisions(transaction, "shop", "n", [0, 1], Verdict.REJECTED, "season", "anna", AT)
        judge_decisions(
            transaction, "shop", "n", [1], Verdict.ACCEPTED, None, "ben", AT + timedelta(hours=1)
        )
        first, second = decisions_of(transaction, "shop", "n")
        assert (first["text"], first["verdict"], first["note"]) == ("hose", "rejected", "season")
        assert (second["text"], second["verdict"]) == ("close-match", "accepted")
        assert second["decided_by"] == "ben"
        assert texts(transaction, AT.date()) == ["hose"]
        with pytest.raises(InputError, match="has no decision 2"):
            judge_decisions(transaction, "shop", "n", [2], Verdict.REJECTED, None, "anna", AT)
