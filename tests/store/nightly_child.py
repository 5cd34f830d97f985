"""Keeps nights in a workspace, one after the other, until it is killed; says which are done."""

import hashlib
import sys
from datetime import timedelta
from pathlib import Path

import polars as pl

from admatch.jobs.store.facts import add_report, known_files
from admatch.jobs.store.nights import Night, find_night, record_night
from admatch.store.workspace import Workspace
from admatch.tables.atomic import replacing
from tests.store.test_facts import DAY, report

DECIDED = {
    "campaign": "C", "ad_group": "G", "search_term": "t", "targeting": None, "match_type": None,
    "phrase": None, "clicks": 9, "orders": 0,
    "action": "negate-exact", "chosen": True, "spend_freed": 1.0, "sales_at_risk": 0.0,
    "reason": "r",
}  # fmt: skip
ROWS = 200


def main(folder):
    workspace = Workspace(folder / "ws", brief=True)
    number = 0
    while _is_done(workspace, number):
        number += 1
    _say(number - 1)
    while True:
        _night(workspace, folder, number)
        _say(number)
        number += 1


def _say(number):
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def _is_done(workspace, number):
    with workspace.writing() as transaction:
        return find_night(transaction, str(number)) is not None


def _night(workspace, folder, number):
    told = report(number, ROWS, clicks=number + 1)
    with workspace.writing() as transaction:
        if str(number) not in known_files(transaction, "shop"):
            add_report(transaction, "shop", str(number), f"{number}.csv", told)
    place = folder / "out" / str(number)
    with replacing(place) as draft:
        draft.mkdir(parents=True)
        (draft / "changes.csv").write_text(str(number) * 5000)
    digest = hashlib.sha256((place / "changes.csv").read_bytes()).hexdigest()
    night = Night(str(number), "shop", "job", DAY + timedelta(number), place, {}, {"n": number})
    with workspace.writing() as transaction:
        decided = pl.DataFrame([DECIDED] * 5)
        record_night(transaction, night, decided, (), {"changes.csv": digest})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
