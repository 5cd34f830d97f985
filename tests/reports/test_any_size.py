"""Which road a report takes: whole, or added up where files are large together."""

import gzip

import polars as pl
import pytest

from admatch.errors import InputError
from admatch.reports import aggregate
from admatch.reports.aggregate import is_large, read_any_size
from admatch.reports.reader import read_report
from admatch.reports.records import Granularity

HEADER = "Date,Currency,Campaign Name,Customer Search Term,Clicks,Spend"


@pytest.fixture
def daily(tmp_path):
    """Write a daily report of one month: five terms, ten days each."""

    def write(name, month, campaign="C", clicks=1):
        days = [f"2025-{month:02}-{day:02}" for day in range(1, 11)]
        lines = [f"{day},EUR,{campaign},lamp {n},{clicks},0.50" for day in days for n in range(5)]
        path = tmp_path / name
        path.write_text("\n".join([HEADER, *lines]) + "\n")
        return path

    return write


@pytest.fixture
def nothing_small(monkeypatch):
    monkeypatch.setattr(aggregate, "LARGE", 1)


def test_a_small_file_is_read_row_by_row(daily):
    path = daily("a.csv", 1)
    assert read_any_size(path).frame.equals(read_report(path).frame)


def test_a_large_file_is_added_up_and_says_so(daily, nothing_small):
    path = daily("a.csv", 1)
    summed = read_any_size([path])
    assert (len(summed), summed.granularity) == (5, Granularity.SUMMARY)
    assert "50 rows were added up to 5" in str(summed.problems[0])
    assert summed.totals.equals(read_report(path).totals)


def test_files_count_together(daily, monkeypatch):
    one, other = daily("a.csv", 1), daily("b.csv", 2)
    monkeypatch.setattr(aggregate, "LARGE", one.stat().st_size + 1)
    assert len(read_any_size(one)) == 50
    assert len(read_any_size([one, other])) == 10


@pytest.mark.parametrize("further", [{"month": 1}, {"month": 1, "clicks": 2}])
def test_files_whose_periods_meet_are_read_by_their_days(daily, nothing_small, further):
    one, other = daily("a.csv", 1), daily("b.csv", **further)
    other.write_text(other.read_text() + "2025-01-11,EUR,C,lamp 0,1,0.50\n")
    read = read_any_size([one, other])
    assert read.granularity is Granularity.DAILY
    assert read.frame.equals(read_report([one, other]).frame)
    assert read.repeated.height == 50


def test_currency_and_refusals_are_those_of_a_small_file(daily, nothing_small, tmp_path):
    path = daily("a.csv", 1)
    path.write_text(path.read_text().replace("EUR", ""))
    assert read_any_size(path, currency="GBP").totals["currency"].to_list() == ["GBP"]
    (tmp_path / "b.csv").write_text("hello,world\n1,2\n")
    with pytest.raises(InputError, match="no known report"):
        read_any_size(tmp_path / "b.csv")
    with pytest.raises(InputError, match="no such file"):
        read_any_size(tmp_path / "c.csv")


def test_packed_files_count_by_what_they_unpack_to(tmp_path, monkeypatch):
    monkeypatch.setattr(aggregate, "LARGE", 5_000)
    plain, packed = tmp_path / "a.csv", tmp_path / "a.csv.gz"
    plain.write_bytes(b"x" * 4_000)
    packed.write_bytes(gzip.compress(b"x" * 700_000))
    pl.DataFrame({"a": range(1_000)}).write_parquet(tmp_path / "a.parquet")
    assert [is_large(one) for one in (plain, packed, tmp_path / "a.parquet")] == [False, True, True]
    assert is_large(tmp_path)
    assert not is_large(tmp_path / "missing.csv")
