"""Damaged files: each ends in rows or in one clear sentence, and no line is lost unseen."""

import random

import pytest

from admatch.errors import InputError
from admatch.reports.account.reader import read_account
from admatch.reports.insights.reader import read_insights
from admatch.reports.reader import read_report
from admatch.tables.reader import read_tables
from tests.reports.account.account_files import BULK, V1, V1_ROWS, bulk_lines, bulk_rows
from tests.reports.conftest import SP_HEADERS, sp_row
from tests.reports.insights.insight_files import (
    PLACEMENT,
    PURCHASED,
    PURCHASED_CHINESE,
    SQP,
    SQP_ITALIAN,
    placement_row,
    purchased_row,
    sqp_row,
)

pytestmark = pytest.mark.long

_PIECES = [
    b"", b'"', b",", b";", b"\n", b"\r\n", b"\t", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"'",
    b"=", b"-", b"%", b"1,234", b"1.234", "€".encode(), "ä".encode("cp1252"), b"Total", b"NaN",
    b"1e999", b"99999999999999999999", b"01/02/2025", b"2025-13-45", b"<html>", b"\\\"", b"{", b"[",
    "合計".encode(), b"\xed\xa0\x80", b" " * 50,
]  # fmt: skip


def _seeds(write):
    lines = [SP_HEADERS, *(sp_row(f"lamp {number}") for number in range(4))]
    return [
        write("seed.csv", lines),
        write("seed_de.csv", lines, separator=";", encoding="utf-8-sig"),
        write("seed_16.csv", lines, encoding="utf-16"),
        write("seed.xlsx", lines),
        write("seed.json", '[{"searchTerm": "lamp", "clicks": 1, "cost": 0.5, "sales7d": 2}]'),
    ]


def _account_seeds(write):
    lines = bulk_lines(bulk_rows("en_US"))
    german = bulk_lines(bulk_rows("de"), None, BULK["de"])
    return [
        write("seed.csv", lines),
        write("seed_de.csv", german, separator=";", encoding="utf-8-sig"),
        write("seed_v1.csv", [V1["en"], *V1_ROWS]),
        write("seed_v1.tsv", [V1["zh"], *V1_ROWS], separator="\t", encoding="utf-16"),
        write("seed.xlsx", lines),
    ]


def _insight_seeds(write):
    bought = [purchased_row(f"lamp {number}") for number in range(4)]
    queries = [sqp_row(f"lamp {number}") for number in range(4)]
    return [
        write("seed.csv", [SQP, *queries]),
        write("seed_it.csv", [SQP_ITALIAN, *queries], separator=";", encoding="utf-8-sig"),
        write("seed_bought.csv", [PURCHASED, *bought]),
        write("seed_bought.tsv", [PURCHASED_CHINESE, *bought], separator="\t", encoding="utf-16"),
        write("seed.xlsx", [PLACEMENT, *(placement_row(clicks=n) for n in range(4))]),
    ]


def _mutate(content, chance):
    damaged = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(damaged) + 1)
        kind = chance.randrange(4)
        if kind == 0:
            damaged[start : start + chance.randint(0, 3)] = chance.choice(_PIECES)
        elif kind == 1 and damaged:
            damaged[start % len(damaged)] = chance.randrange(256)
        elif kind == 2:
            del damaged[start : start + chance.randint(1, 60)]
        else:
            stop = chance.randrange(len(damaged) + 1)
            damaged[start:start] = damaged[min(start, stop) : max(start, stop)][:200]
    return bytes(damaged)


def _outcome(path, read):
    """Read the file; return whether it gave rows. Any error but the one sentence is a failure."""
    try:
        found = read(path)
    except InputError as error:
        if "\n" in str(error):
            pytest.fail(f"more than one line: {error!r}")
        return False
    assert not any("\n" in str(problem) for problem in found.problems)
    if path.suffix != ".xlsx":
        (table,) = read_tables(path)
        below = table.lines.height - 1
        assert len(found) + found.skipped <= below
    assert found.skipped == 0 or found.problems
    return True


def _run(write, count, seed, seeds, read):
    chance = random.Random(seed)
    seeds = [(path, path.read_bytes()) for path in seeds(write)]
    rows = 0
    for number in range(count):
        path, content = chance.choice(seeds)
        rows += _outcome(write(f"m{number % 7}{path.suffix}", _mutate(content, chance)), read)
    assert 0 < rows < count


KINDS = pytest.mark.parametrize(
    ("seeds", "read"),
    [(_seeds, read_report), (_account_seeds, read_account), (_insight_seeds, read_insights)],
    ids=["report", "account", "insights"],
)


@KINDS
def test_some_mutations(write, seeds, read):
    _run(write, 150, 1, seeds, read)


@pytest.mark.slow
@KINDS
@pytest.mark.parametrize("seed", range(2, 12))
def test_many_mutations(write, seed, seeds, read):
    _run(write, 1000, seed, seeds, read)
