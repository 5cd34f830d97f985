import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from admatch.errors import InputError
from admatch.tables.numbers import (
    DecimalSign,
    NumberCells,
    SignEvidence,
    decide_sign,
    parse_numbers,
    sign_evidence,
)
from admatch.tables.spellings import parse_spellings

POINT, COMMA = DecimalSign.POINT, DecimalSign.COMMA


def _cells(*cells):
    return pl.Series("cells", cells, pl.String)


@pytest.mark.parametrize(
    ("cell", "sign", "value"),
    [
        ("1,234.56", POINT, 1234.56),
        ("1.234,56", COMMA, 1234.56),
        ("1 234,56", COMMA, 1234.56),
        ("1\u202f234\u00a0567,5", COMMA, 1234567.5),
        ("1'234.5", POINT, 1234.5),
        ("1,23,456.7", POINT, 123456.7),
        ("€0,4356", COMMA, 0.4356),
        ("₹ 12", POINT, 12),
        ("¥9,492.00", POINT, 9492),
        ("￥９，４９２", POINT, 9492),
        ("Rs.1000.0", POINT, 1000),
        ("$ 16.22", POINT, 16.22),
        ("R$ 3,10", COMMA, 3.1),
        ("12,5 €", COMMA, 12.5),
        ("12.5%", POINT, 0.125),
        ("18,7558 %", COMMA, 0.187558),
        ("%50", POINT, 0.5),
        ('="17"', POINT, 17),
        ("(3.20)", POINT, -3.2),
        ("-$5.00", POINT, -5),
        ("$-5", POINT, -5),
        ("−2,5", COMMA, -2.5),
        (".99", POINT, 0.99),
        ("1E-3", POINT, 0.001),
        ("1.2E+3", POINT, 1200),
    ],
)
def test_numbers_as_people_write_them(cell, sign, value):
    numbers = parse_numbers(_cells(cell, "0"), sign)
    assert numbers.values[0] == pytest.approx(value)
    assert not numbers.bad.any()


@pytest.mark.parametrize("cell", ["-", "--", "—", "N/A", "null", None])
def test_nothing_is_null_and_not_bad(cell):
    numbers = parse_numbers(_cells(cell, "x"))
    assert numbers.values[0] is None
    assert numbers.bad.to_list() == [False, True]


@pytest.mark.parametrize(
    "cell",
    ["abc", "12 34", "1.234.5", "1,5", "12 apples", "1,2345.0", "=1+1", "<b>1</b>", "∞", "#DIV/0!"],
)
def test_other_cells_are_bad(cell):
    numbers = parse_numbers(_cells(cell, "$1.50"), POINT)
    assert numbers.bad.to_list() == [True, False]


def test_counts_refuse_fractions():
    counts = NumberCells(_cells("1.234", "7", "2,5", None)).counts(COMMA)
    assert counts.values.to_list() == [1234, 7, None, None]
    assert counts.bad.to_list() == [False, False, True, False]
    assert counts.values.dtype == pl.Int64


def test_sign_is_read_from_the_column():
    assert sign_evidence(_cells("€1.15", "3")).point == "€1.15"
    assert sign_evidence(_cells("1.234,56")).comma == "1.234,56"
    assert sign_evidence(_cells("1,234,567")).point == "1,234,567"
    assert sign_evidence(_cells("0,435")).comma == "0,435"
    assert sign_evidence(_cells("1,234", "5")) == SignEvidence(unclear="1,234")
    assert sign_evidence(_cells("15.702"), counts=True).comma == "15.702"
    assert sign_evidence(_cells("5", "17")) == SignEvidence()


def test_unclear_column_asks_the_others_or_is_refused():
    unclear = SignEvidence(unclear="1,234")
    assert decide_sign(unclear, [SignEvidence(), SignEvidence(comma="2,5")], where="f") is COMMA
    with pytest.raises(InputError, match=r"f\.csv, column 'Spend': '1,234' may be"):
        decide_sign(unclear, [SignEvidence()], where="f.csv, column 'Spend'")
    with pytest.raises(InputError, match="decimal point"):
        decide_sign(SignEvidence(point="1.5", comma="1,5"), where="f")
    assert decide_sign(SignEvidence(), where="f") is POINT


amounts = st.decimals(0, 10**9, places=2, allow_nan=False)


@given(st.lists(amounts, min_size=1), st.sampled_from([POINT, COMMA]), st.booleans())
def test_what_is_written_is_read_back(values, sign, grouped):
    texts = [f"{value:,.2f}" if grouped else f"{value:.2f}" for value in values]
    if sign is COMMA:
        texts = [text.translate(str.maketrans(",.", ".,")) for text in texts]
    cells = _cells(*texts)
    assert decide_sign(sign_evidence(cells), where="f") is sign
    numbers = parse_numbers(cells, sign)
    assert numbers.values.to_list() == pytest.approx([float(value) for value in values])
    assert not numbers.bad.any()


@given(st.lists(st.text(max_size=12)))
def test_no_text_breaks_the_parser(texts):
    cells = _cells(*texts)
    numbers = parse_numbers(cells)
    assert len(numbers.values) == len(numbers.bad) == len(cells)
    sign_evidence(cells)


_signs = st.sampled_from(["", "$", "€", "Rs.", "kr ", "EUR", "-", "("])
_digits = st.sampled_from(["5", "0.50", "1,234.50", "1.234", ".5", "5.", "1e3", "007", "x", "inf"])
_ends = st.sampled_from(["", "%", " %", " €", ")", "-"])
_written = st.tuples(_signs, _digits, _ends).map("".join)


@given(st.lists(_written | st.none(), min_size=1, max_size=8), st.sampled_from([POINT, COMMA]))
def test_columns_are_read_as_their_cells_are(cells, sign):
    numbers = parse_numbers(_cells(*cells), sign)
    alone = parse_spellings(_cells(*cells), sign)
    assert numbers.values.to_list() == pytest.approx(alone["value"].to_list())
    assert numbers.bad.to_list() == alone["bad"].to_list()


@pytest.mark.parametrize("cell", ["1e400", "$1e400", "9" * 5000, "-1e309", "1.5E+999"])
def test_what_no_float_can_hold_is_no_number(cell):
    numbers = parse_numbers(pl.Series([cell, "1.5"]))
    assert numbers.values.to_list() == [None, 1.5]
    assert numbers.bad.to_list() == [True, False]
