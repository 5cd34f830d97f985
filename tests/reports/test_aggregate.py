"""Reports summed in parts: the same sums, facts and problems as of the whole file."""

import gzip
from datetime import date

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admatch.errors import InputError
from admatch.reports.aggregate import add_up, aggregate_report
from admatch.reports.reader import read_report
from admatch.reports.records import REPORT_SCHEMA, Granularity
from admatch.tables import batches
from tests.reports.conftest import SP_HEADERS, sp_row

KEY = ["portfolio", "currency", "campaign", "ad_group", "targeting", "match_type", "search_term"]


def _csv(lines, separator=",", end="\r\n"):
    return "".join(
        separator.join(
            '"' + cell.replace('"', '""') + '"' if set(cell) & {separator, '"', "\n"} else cell
            for cell in line
        )
        + end
        for line in lines
    )


def _sentences(report):
    return [str(problem) for problem in report.problems]


def _sum_sentence(whole, summed):
    """Return the sentence about added rows, in a list; none where no rows were equal."""
    if len(whole) == len(summed):
        return []
    one, other = f"{len(whole):,}", f"{len(summed):,}"
    remedy = "single days are not kept; files of a shorter period keep them"
    rows = "one for each ad group, target and term"
    return [f"{whole.sources[0].name}: {one} rows were added up to {other}, {rows}; {remedy}."]


def _refusal(read, path):
    try:
        read(path)
    except InputError as error:
        return str(error)
    return None


def _assert_same(path, **arguments):
    """Hold the sums against those of the whole file, made with Python's own means."""
    whole, summed = read_report(path, **arguments), aggregate_report(path, **arguments)
    for name in ("window_days", "period", "skipped", "formats", "sources"):
        assert getattr(summed, name) == getattr(whole, name), name
    assert _sentences(summed) == [*_sum_sentence(whole, summed), *_sentences(whole)]
    one_day = (summed.frame["start_date"] == summed.frame["end_date"]).all()
    kept = whole.granularity if one_day else Granularity.SUMMARY
    assert summed.granularity == kept
    assert summed.frame.schema == whole.frame.schema
    expected = {}
    for row in whole.frame.iter_rows(named=True):
        expected.setdefault(tuple(row[name] for name in KEY), []).append(row)
    assert len(summed) == len(expected)
    for row in summed.frame.iter_rows(named=True):
        rows = expected[tuple(row[name] for name in KEY)]
        assert row["row"] == min(one["row"] for one in rows)
        for name, dtype in REPORT_SCHEMA.items():
            if dtype.is_numeric() and name != "row":
                known = [one[name] for one in rows if one[name] is not None]
                assert row[name] == (pytest.approx(sum(known), abs=1e-9) if known else None)
    for one, other in zip(summed.totals.rows(), whole.totals.rows(), strict=True):
        assert one == pytest.approx(other)
    return summed


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    monkeypatch.setattr(batches, "BATCH", 700)
    monkeypatch.setattr(batches, "_LEAST_LINES", 48)


def _report(write, name, headers, rows):
    """Write a report as CSV, or as Parquet with all cells text."""
    path = write("a.csv", _csv([headers, *rows]))
    if not name.endswith(".parquet"):
        return path
    cells = pl.DataFrame(rows, schema=dict.fromkeys(headers, pl.String), orient="row")
    cells.write_parquet(path.with_name(name))
    return path.with_name(name)


def _rows(count, **changed):
    return [sp_row(f"lamp {number % 7}", **changed) for number in range(count)]


def test_sums_over_many_parts(write):
    summed = _assert_same(write("a.csv", _csv([SP_HEADERS, *_rows(500)])))
    assert len(summed) == 7
    assert summed.frame["row"].to_list() == [2, 3, 4, 5, 6, 7, 8]
    assert "500 rows are equal" in _sentences(summed)[1]


def test_file_is_really_read_in_parts(write):
    path = write("a.csv", _csv([SP_HEADERS, *_rows(500)]))
    assert len(list(batches.read_batches(path))) > 5


@pytest.mark.parametrize("packed", ["gz", "zst"])
def test_packed_files(write, packed):
    text = _csv([SP_HEADERS, *_rows(300)]).encode()
    content = gzip.compress(text) if packed == "gz" else pa.compress(text, "zstd", asbytes=True)
    assert len(_assert_same(write(f"a.csv.{packed}", content))) == 7


def test_preamble_totals_notes_and_bad_cells_keep_their_rows(write):
    total = ["Total", *[""] * 8, "999", "1", "", "", "$9.00", "$1.00", *[""] * 9]
    lines = [
        ["Sponsored Products report"],
        ["Account: Example; made for a test"],
        [],
        SP_HEADERS,
        *_rows(130),
        sp_row("bad", Clicks="many"),
        [],
        SP_HEADERS,
        *_rows(130),
        *[sp_row("bad", Spend="soon")] * 30,
        [*sp_row("long"), "beyond"],
        *_rows(60),
        total,
        ["© Example. All rights reserved."],
    ]
    sentences = _sentences(_assert_same(write("a.csv", _csv(lines))))
    assert any("row 135" in one and "many" in one for one in sentences)
    assert any("the total row says 999" in one for one in sentences)
    assert any("21 further rows have unreadable cells" in one for one in sentences)


def test_decimal_sign_and_date_order_are_those_of_the_whole_file(write):
    unclear = {"Spend": "1,234", "Start Date": "01/02/2025", "End Date": "01/02/2025"}
    clear = {"Spend": "1,25", "Start Date": "13/02/2025", "End Date": "13/02/2025"}
    start = [SP_HEADERS, *_rows(200, **unclear)]
    changed = {name: "2,50" for name in SP_HEADERS if "Sales" in name}
    lines = [*start, *_rows(200, **clear, **changed)]
    lines = [[cell.replace("$", "").replace(".00", "") for cell in line] for line in lines]
    summed = _assert_same(write("a.csv", _csv(lines, separator=";")))
    assert summed.period[0].isoformat() == "2025-02-01"
    assert summed.totals["spend"].to_list() == pytest.approx([200 * 1.234 + 200 * 1.25])


def test_what_can_be_read_in_two_ways_is_refused(write):
    dates = {"Start Date": "01/02/2025", "End Date": "01/02/2025"}
    path = write("a.csv", _csv([SP_HEADERS, *_rows(300, **dates)]))
    with pytest.raises(InputError, match="may be day/month or month/day"):
        aggregate_report(path)


def test_parts_of_conversions_keep_their_running_total(write):
    text = "Search term,Campaign,Ad group,Clicks,Impr.,Currency code,Cost,Conversions\n"
    text += "".join(f"t{n % 5},C,G,1,9,EUR,0.50,{0.1 * (n % 8):.2f}\n" for n in range(700))
    text += "Total: Search terms,,,700,6300,EUR,350.00,245.00\n"
    summed = _assert_same(write("a.csv", text))
    assert abs(summed.totals["orders"].item() - 245) <= 1


def test_total_rows_without_campaigns_are_found_at_the_end_only(write):
    lines = [f"lamp {n % 9},1,0.50" for n in range(400)]
    lines.insert(200, "total,3,0.75")
    text = "\n".join(["Search term,Clicks,Cost", *lines, "Total,403,200.75"])
    summed = _assert_same(write("a.csv", text))
    assert "total" in summed.frame["search_term"]
    assert "Total" not in summed.frame["search_term"]


def test_file_that_is_cut_off(write):
    text = _csv([SP_HEADERS, *_rows(200)]).rstrip()[:-30]
    assert "cut off" in " ".join(_sentences(_assert_same(write("a.csv", text))))


@pytest.mark.parametrize(
    ("name", "encoding"), [("a.csv", "utf-16"), ("b.csv", "utf-8-sig"), ("c.csv", "cp1252")]
)
def test_other_encodings(write, name, encoding):
    rows = [sp_row(f"Lämpchen {n % 3}") for n in range(200)]
    assert len(_assert_same(write(name, _csv([SP_HEADERS, *rows]), encoding=encoding))) == 3


def test_other_formats_and_stray_quotes_are_read_whole(write):
    _assert_same(write("a.xlsx", [SP_HEADERS, *_rows(60)]))
    text = _csv([SP_HEADERS, *_rows(200)]).replace("lamp 3", '3" lamp')
    assert '3" lamp' in _assert_same(write("a.csv", text)).frame["search_term"]


def test_what_is_no_report_is_refused_as_ever(write):
    for name, content in (("a.csv", "hello\nworld\n"), ("b.csv", ""), ("c.csv", "<html></html>")):
        path = write(name, content)
        with pytest.raises(InputError) as whole:
            read_report(path)
        with pytest.raises(InputError) as summed:
            aggregate_report(path)
        assert str(summed.value) == str(whole.value)


@pytest.mark.parametrize("header_again", [False, True])
def test_copies_pasted_below_are_left_out(write, header_again):
    lines = [sp_row(f"lamp {number}") for number in range(200)]
    again = [SP_HEADERS] if header_again else []
    summed = _assert_same(write("a.csv", _csv([SP_HEADERS, *lines, *again, *lines])))
    assert (len(summed), summed.repeated.height) == (200, 200)


def test_a_longer_download_pasted_below_is_counted_once(write):
    lines = [sp_row(f"lamp {number}") for number in range(200)]
    longer = [sp_row(f"lamp {number}", **{"End Date": "2025-12-31"}) for number in range(200)]
    summed = _assert_same(write("a.csv", _csv([SP_HEADERS, *lines, SP_HEADERS, *longer])))
    assert summed.frame["row"].min() == 203


def test_downloads_that_overlap_in_part_are_refused(write):
    days = [("2025-03-01", "2025-03-20"), ("2025-03-10", "2025-03-31")]
    lines = [
        sp_row(f"lamp {number}", **{"Start Date": start, "End Date": end})
        for start, end in days
        for number in range(200)
    ]
    path = write("a.csv", _csv([SP_HEADERS, *lines]))
    assert "overlap in part" in _refusal(aggregate_report, path)


def test_periods_of_other_rows_may_meet(write):
    lines = [
        sp_row(f"lamp {number}", **{"Start Date": f"2025-03-{1 + number % 28:02}"})
        for number in range(300)
    ]
    assert len(_assert_same(write("a.csv", _csv([SP_HEADERS, *lines])))) == 300


def test_the_first_row_of_a_kind_is_named(write):
    lines = [sp_row(f"lamp {n}") for n in range(200)]
    for at, term in ((3, ""), (150, "desk lamp")):
        lines[at] = sp_row(term, Clicks="7", Impressions="2", **{"Click-Thru Rate (CTR)": "0.9"})
    sentences = " ".join(_sentences(_assert_same(write("a.csv", _csv([SP_HEADERS, *lines])))))
    assert "row 5: 2 rows have more clicks than impressions" in sentences


@pytest.mark.parametrize("where", ["below", "beside"])
def test_a_pivot_of_the_rows_is_no_more_clicks(write, where):
    lines = [sp_row(f"lamp {number % 9}") for number in range(200)]
    small = ["Customer Search Term", "Clicks", "Spend"]
    at = [SP_HEADERS.index(name) for name in small]
    sums = {}
    for line in lines:
        term, clicks, spend = (line[one] for one in at)
        found = sums.setdefault(term, [0, 0.0])
        found[0] += int(clicks)
        found[1] += float(spend.strip("$"))
    pivot = [small, *([term, str(n), f"{cost:.2f}"] for term, (n, cost) in sums.items())]
    if where == "below":
        text = [SP_HEADERS, *lines, [], *pivot]
    else:
        further = [["", *line] for line in pivot] + [[]] * (len(lines) - len(pivot) + 1)
        text = [[*line, *more] for line, more in zip([SP_HEADERS, *lines], further, strict=True)]
    summed = _assert_same(write("a.csv", _csv(text)))
    assert len(summed) == 9


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_headers_without_rows(write, name):
    assert len(_assert_same(_report(write, name, SP_HEADERS, []))) == 0


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_days_make_no_daily_report_once_they_are_added_up(write, name):
    headers = ["Date", *SP_HEADERS[2:]]
    rows = [[f"2025-02-{1 + n % 28:02}", *sp_row(f"lamp {n % 7}")[2:]] for n in range(300)]
    path = _report(write, name, headers, rows)
    assert read_report(path).granularity is Granularity.DAILY
    summed = _assert_same(path)
    assert summed.granularity is Granularity.SUMMARY
    assert summed.period[1].isoformat() == "2025-02-28"


def test_days_stay_where_each_sum_is_of_one(write):
    headers = ["Date", *SP_HEADERS[2:]]
    rows = [[f"2025-02-{1 + n % 28:02}", *sp_row(f"lamp {n % 28}")[2:]] for n in range(300)]
    summed = _assert_same(_report(write, "a.csv", headers, rows))
    assert summed.granularity is Granularity.DAILY


def test_typed_cells_of_parquet(tmp_path):
    path = tmp_path / "a.parquet"
    count = 300
    pl.DataFrame(
        {
            "Date": [date(2025, 2, 1 + n % 28) for n in range(count)],
            "Customer Search Term": [f"lamp {n % 7}" if n % 11 else None for n in range(count)],
            "Campaign Name": pl.Series(["C"] * count, dtype=pl.Categorical),
            "Clicks": range(count),
            "Spend": [0.25 * n for n in range(count)],
            "Currency": ["EUR"] * count,
        }
    ).write_parquet(path, row_group_size=77)
    assert len(list(batches.read_batches(path))) > 5
    assert len(_assert_same(path)) == 8


def test_damaged_parquet_is_reported(tmp_path):
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1 and no more")
    for read in (read_report, aggregate_report):
        assert "this is not a Parquet file" in _refusal(read, path)


def test_columns_that_are_not_there_stay_null():
    frame = pl.DataFrame({"row": [1, 2], "clicks": [1, 2]}).select(
        *(
            pl.col(name) if name in ("row", "clicks") else pl.lit(None, dtype).alias(name)
            for name, dtype in REPORT_SCHEMA.items()
        )
    )
    assert add_up([frame]).select("clicks", "spend").rows() == [(3, None)]


terms = st.sampled_from(["lamp", "line\nbreak", 'say "hello"', "a, b; c", "b00ipgvvz4", "", "*"])
money = st.sampled_from(["1.25", "1,234.50", "0.00", ""])


@settings(max_examples=6)
@given(data=st.data())
def test_any_report_is_summed_as_it_is_read(data, tmp_path_factory):
    check_any_report(data, tmp_path_factory)


@pytest.mark.long
@settings(max_examples=40)
@given(data=st.data())
def test_many_reports_are_summed_as_they_are_read(data, tmp_path_factory):
    check_any_report(data, tmp_path_factory)


def check_any_report(data, tmp_path_factory):
    """Draw a report; its sums are those of its rows, or both are refused alike."""
    separator = data.draw(st.sampled_from([",", ";", "\t"]))
    comma = data.draw(st.booleans())
    sign = data.draw(st.sampled_from(["", "$", "€"]))
    swap = str.maketrans(",.", ".,") if comma else {}
    lines = [["Report"], [], SP_HEADERS] if data.draw(st.booleans()) else [SP_HEADERS]
    for _ in range(data.draw(st.integers(1, 20))):
        term, code = data.draw(terms), data.draw(st.sampled_from(["USD", "EUR", ""]))
        spend, sales = data.draw(money), data.draw(money)
        cells = {"Currency": code, "Spend": spend, "7 Day Total Sales ": sales}
        cells |= {name: "0.10" for name in SP_HEADERS if "SKU Sales" in name}
        cells_now = {name: sign + cell.translate(swap) for name, cell in cells.items() if cell}
        cells_now |= {"Currency": code, "Cost Per Click (CPC)": "", "Click-Thru Rate (CTR)": ""}
        lines += [sp_row(term, **cells_now)] * data.draw(st.integers(1, 30))
        if data.draw(st.integers(0, 4)) == 0:
            lines.append(data.draw(st.sampled_from([[], SP_HEADERS, sp_row(Clicks="many")])))
    if data.draw(st.booleans()):
        lines.append(["Total", *[""] * 8, "100", "10", *[""] * 13])
    end = data.draw(st.sampled_from(["\n", "\r\n"]))
    path = tmp_path_factory.mktemp("any") / "r.csv"
    path.write_bytes(_csv(lines, separator, end).encode())
    refusal = _refusal(read_report, path)
    assert _refusal(aggregate_report, path) == refusal
    if refusal is None:
        _assert_same(path)
