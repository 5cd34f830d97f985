"""Hundreds of damaged reports: each is read right, or refused in a sentence."""

from collections import Counter

import pytest

from tests.cases.damage.campaign import run, variant

_MOST_REFUSED = 0.15  # dates and numbers that can be read in two ways, summaries that may be data


def _assert_read(seeds, folder):
    verdicts, faults = Counter(), []
    for seed, made, verdict in run(seeds, folder):
        verdicts[verdict.kind] += 1
        if verdict.is_fault:
            faults.append(f"{seed} {made.damages}: {verdict.what}")
    assert not faults, "\n".join(faults[:20])
    assert verdicts["refused"] <= _MOST_REFUSED * len(seeds)


@pytest.mark.parametrize("part", range(6))
def test_some_damaged_reports(tmp_path, part):
    _assert_read(range(50 * part, 50 * part + 50), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(20))
def test_many_damaged_reports(tmp_path, part):
    _assert_read(range(1000 * part, 1000 * part + 1000), tmp_path)


def test_a_seed_makes_the_same_report_again():
    assert variant(7) == variant(7)
