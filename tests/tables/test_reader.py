import csv
import gzip
import io
import json
import logging
import zipfile

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from admatch.errors import InputError
from admatch.tables.delimited import find_separator, read_delimited
from admatch.tables.reader import read_tables


def _write(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def _only(path):
    (table,) = read_tables(path)
    return table


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separator_and_line_ends_are_found(tmp_path, separator, end):
    lines = [["Term", "Spend", "Note"], ["a, b; c", "1,5", 'x "y"'], ["d", "2,5", "z"]]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator=end).writerows(lines)
    table = _only(_write(tmp_path, "a.csv", text.getvalue()))
    assert table.header == ("Term", "Spend", "Note")
    assert table.frame.rows() == [tuple(line) for line in lines[1:]]
    assert table.frame_rows.to_list() == [2, 3]
    assert table.problems == ()


def test_german_header_with_commas_is_split_at_semicolons():
    text = '"7 Tage, Umsatz gesamt";"7 Tage, Aufträge";Klicks\n1,5;2;3\n2,5;3;4\n'
    assert find_separator(text) == ";"


def test_preamble_is_kept_and_header_can_be_moved(tmp_path):
    text = 'Search terms report\n"May 1, 2024 - May 3, 2024"\n\nTerm,Clicks\nlamp,3\n'
    table = _only(_write(tmp_path, "g.csv", text)).with_header_at(2)
    assert table.preamble == (("Search terms report",), ("May 1, 2024 - May 3, 2024",))
    assert table.header == ("Term", "Clicks")
    assert table.frame_rows.to_list() == [5]
    assert table.problems == ()


def test_blank_cells_and_lines(tmp_path):
    table = _only(_write(tmp_path, "a.csv", 'a,b\n\n"",x\n , \ny,\n'))
    assert table.frame.rows() == [(None, "x"), ("y", None)]
    assert table.frame_rows.to_list() == [3, 5]


def test_short_rows_are_padded_and_long_rows_are_reported(tmp_path):
    table = _only(_write(tmp_path, "a.csv", "a,b\n1\n2,3,4\n"))
    assert table.frame.rows() == [("1", None), ("2", "3")]
    (problem,) = table.problems
    assert problem.row == 3
    assert problem.value == "4"


def test_backslash_escaped_quotes(tmp_path):
    text = 'name,size\n"Fan - 3\\" case, black","80"\n"plain","1"\n'
    assert _only(_write(tmp_path, "a.csv", text)).frame.rows() == [
        ('Fan - 3" case, black', "80"),
        ("plain", "1"),
    ]


def test_quote_never_closed_is_reported(tmp_path):
    table = _only(_write(tmp_path, "a.csv", 'a,b\n1,2\n3,"four'))
    assert table.frame.rows() == [("1", "2"), ("3", "four")]
    assert "never closed" in table.problems[0].what


def test_stray_quotes_are_text(tmp_path):
    table = _only(_write(tmp_path, "a.csv", 'a,b\n12" pan,x\n14",y\n'))
    assert table.frame.rows() == [('12" pan', "x"), ('14"', "y")]


_cells = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufeff"),
    max_size=8,
)


@given(st.lists(st.lists(_cells, min_size=2, max_size=2), min_size=1, max_size=6))
def test_what_csv_writes_is_read_back(tmp_path_factory, lines):
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([["head one", "head two"], *lines])
    path = tmp_path_factory.getbasetemp() / "any.csv"
    table = read_delimited(path, text.getvalue().encode())
    expected = [tuple(c if c.strip() else None for c in line) for line in lines]
    assert table.frame.rows() == [line for line in expected if any(line)]


@given(st.text(st.sampled_from('a1,"\n '), max_size=40))
def test_any_text_is_split_as_python_splits_it(tmp_path_factory, text):
    content = "a,b\n" + text
    path = tmp_path_factory.getbasetemp() / "any.csv"
    table = read_delimited(path, content.encode())
    splits = []
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
        lines = list(csv.reader(io.StringIO(content, newline=""), quoting=quoting))
        padded = [line + [""] * (table.lines.width - len(line)) for line in lines]
        cells = [tuple(cell if cell.strip() else None for cell in line) for line in padded]
        splits.append([line for line in cells if any(line)])
    assert table.lines.rows() in splits


@pytest.mark.parametrize(
    ("encoding", "text", "assumed"),
    [
        ("utf-8", "Währung,Größe\nä,ß\n", None),
        ("utf-8-sig", "Währung,Größe\nä,ß\n", None),
        ("utf-16", "Währung,Größe\nä,ß\n", None),
        ("utf-16-le", "Waehrung,Groesse\na,b\n", "UTF-16-LE"),
        ("cp1252", "Währung,Größe\nTürschloss,€ 5\n", "Windows-1252"),
        ("cp932", "キャンペーン名,費用\n化粧水,５\n", "Shift-JIS"),
        ("gb18030", "广告活动名称,花费\n客户搜索词,五\n", "GB18030"),
    ],
)
def test_encodings(tmp_path, encoding, text, assumed):
    table = _only(_write(tmp_path, "a.csv", text.encode(encoding)))
    first, second, *_ = text.split("\n")
    assert table.header == tuple(first.split(","))
    assert table.frame.row(0) == tuple(second.split(","))
    assert [problem.what for problem in table.problems] == (
        [f"the file is not UTF-8, so it was read as {assumed}"] if assumed else []
    )


def test_file_cut_in_the_middle_of_a_letter(tmp_path):
    table = _only(_write(tmp_path, "a.csv", "a,b\n1,ä".encode()[:-1]))
    assert "cut off" in table.problems[0].what


def _workbook(tmp_path):
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(path)
    book.add_worksheet("empty")
    sheet = book.add_worksheet("data")
    sheet.write_row(2, 0, ["Date", "Term", "Spend", "ID"])
    date = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_datetime(4, 0, __import__("datetime").datetime(2025, 3, 1), date)
    sheet.write_string(4, 1, "lamp")
    sheet.write_number(4, 2, 1234.5)
    sheet.write_number(4, 3, 171234567890123)
    sheet.set_row(4, None, None, {"hidden": True})
    hidden = book.add_worksheet("secret")
    hidden.write(0, 0, "x")
    hidden.hide()
    book.close()
    return path


def test_workbook_keeps_true_rows_and_hidden_rows_and_marks_hidden_sheets(tmp_path):
    data, secret = read_tables(_workbook(tmp_path))
    assert (data.sheet, data.hidden, data.typed) == ("data", False, True)
    assert data.header == ("Date", "Term", "Spend", "ID")
    assert data.frame.rows() == [("2025-03-01 00:00:00", "lamp", "1234.5", "171234567890123")]
    assert data.frame_rows.to_list() == [5]
    assert secret.hidden


def test_the_reader_of_workbooks_says_nothing_of_its_own(capfd):
    logging.getLogger("fastexcel.types.dtype").warning("could not determine a kind")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("whole", "expected"),
    [
        ({"data": {"products": {"edges": [{"title": "Cup"}, {"title": "Mug"}]}}}, ["Cup", "Mug"]),
        ({"result": {"total": 2, "items": [{"title": "Cup"}, {"title": "Mug"}]}}, ["Cup", "Mug"]),
        ({"product": {"title": "Cup", "variants": [{"sku": "A"}]}}, ["Cup"]),
        ({"title": "Cup", "variants": [{"sku": "A"}], "images": [{"src": "a.jpg"}]}, ["Cup"]),
    ],
)
def test_records_within_an_answer(tmp_path, whole, expected):
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(whole))
    assert [line[0] for line in read_tables(path)[0].frame.iter_rows()] == expected


def test_declared_dimension_is_not_believed(tmp_path):
    source, target = zipfile.ZipFile(_workbook(tmp_path)), tmp_path / "b.xlsx"
    with zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            content = source.read(name).replace(b'<dimension ref="A3:D5"', b'<dimension ref="A1"')
            archive.writestr(name, content)
    assert read_tables(target)[0].frame.height == 1


@pytest.mark.parametrize("name", ["a.csv.gz", "a.csv.zst"])
def test_packed_files(tmp_path, name):
    text = b"a,b\n1,2\n"
    if name.endswith("gz"):
        packed = gzip.compress(text)
    else:
        import pyarrow as pa

        packed = pa.compress(text, codec="zstd", asbytes=True)
    assert _only(_write(tmp_path, name, packed)).frame.rows() == [("1", "2")]


def test_json_array_and_lines(tmp_path):
    records = [{"id": 1, "a": {"b": "x"}, "l": ["p", "q"]}, {"id": 2, "new": None, "f": 1.5}]
    array = _only(_write(tmp_path, "a.json", json.dumps(records)))
    assert array.header == ("id", "a.b", "l", "new", "f")
    assert array.frame.rows() == [
        ("1", "x", '["p", "q"]', None, None),
        ("2", None, None, None, "1.5"),
    ]
    assert array.frame_rows.to_list() == [1, 2]
    lines = json.dumps(records[0]) + "\n\n{broken\n" + json.dumps(records[1])
    table = _only(_write(tmp_path, "a.jsonl", lines))
    assert table.frame_rows.to_list() == [1, 4]
    assert table.problems[0].row == 3


def test_parquet(tmp_path):
    path = tmp_path / "a.parquet"
    pl.DataFrame({"id": ["1"], "price": [2.5], "images": [["a", "b"]]}).write_parquet(path)
    table = _only(path)
    assert table.header == ("id", "price", "images")
    assert table.frame.rows() == [("1", "2.5", '["a", "b"]')]
    assert table.typed


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"\xef\xbb\xbf \r\n", "empty"),
        ("a.xlsx", b"", "empty"),
        ("a.xlsx", b"<!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
        ("a.csv", b"\n<html><head></head></html>", "web page"),
        ("a.xlsx", b"Term,Clicks\nlamp,1\n", "not an Excel workbook"),
        ("a.csv.gz", gzip.compress(b"a,b\n" * 1000, mtime=0)[:-20], "cut off"),
        ("a.json", b'{"a": 1', "neither JSON"),
        ("a.json", b"[1, 2]", "not a list of records"),
        ("a.parquet", b"PAR1 nothing", "not a Parquet"),
        ("a.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\x00\x00", "a binary file"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(tmp_path, name, content, words):
    with pytest.raises(InputError, match=words) as caught:
        read_tables(_write(tmp_path, name, content))
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_zip_that_is_no_workbook_and_cut_workbook(tmp_path):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("report.csv", "a,b")
    with pytest.raises(InputError, match=r"zip archive \(report.csv\)"):
        read_tables(path)
    whole = _workbook(tmp_path).read_bytes()
    with pytest.raises(InputError, match="damaged or cut off"):
        read_tables(_write(tmp_path, "b.xlsx", whole[: len(whole) // 2]))


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_tables(tmp_path / "a.csv")
    with pytest.raises(InputError, match="folder"):
        read_tables(tmp_path)


def test_a_folder_of_parquet_files_is_one_table(tmp_path):
    rows = pl.DataFrame({"term": ["lamp", "mug", "hose"], "clicks": [1, None, 3]})
    for day, part in enumerate((rows[:2], rows[2:])):
        (folder := tmp_path / f"day={day}").mkdir()
        part.write_parquet(folder / "part.parquet")
    whole = tmp_path / "whole.parquet"
    rows.write_parquet(whole)
    assert _only(tmp_path / "day=0").frame.height == 2
    whole.rename(tmp_path / "whole")
    joined, alone = _only(tmp_path), _only(tmp_path / "whole")
    assert joined.frame.equals(alone.frame)
    assert joined.rows.equals(alone.rows)


def test_parquet_files_of_other_columns_are_no_table(tmp_path):
    for name in ("term", "word"):
        pl.DataFrame({name: ["lamp"]}).write_parquet(tmp_path / f"{name}.parquet")
    with pytest.raises(InputError, match="its Parquet files differ in their columns"):
        read_tables(tmp_path)


def test_flat_file_without_quoting(tmp_path):
    text = 'sku\tname\tprice\n1\t"Weird Al tape\t2\n2\t12" pan\t3\n3\t"big" box\t4\n'
    assert _only(_write(tmp_path, "a.txt", text)).frame.rows() == [
        ("1", '"Weird Al tape', "2"),
        ("2", '12" pan', "3"),
        ("3", '"big" box', "4"),
    ]


def test_cell_of_many_letters(tmp_path):
    long = "lamp " * 60_000
    table = _only(_write(tmp_path, "a.csv", f'a,b\n"{long}",1\n2" x,{long}\n'))
    assert table.frame["0"][0] == long


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("a,b\n1,2\n3,4\n", False),
        ("a,b\n1,2\n3,4", False),
        ("a,b\n1,2\n3,", False),
        ("a,b\n1,2\n3", True),
        ('a,b\n1,2\n3,"4', True),
        ("a,b\n1,2\n3\r4", True),
    ],
)
def test_cut_off_files_are_known(tmp_path, text, cut):
    assert _only(_write(tmp_path, "a.csv", text)).is_cut == cut


def test_archive_with_a_damaged_directory_is_refused(tmp_path):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("report.csv", "a,b")
    content = bytearray(path.read_bytes())
    # the version needed to unpack, in the archive's directory: zipfile knows none so high
    content[content.index(b"PK\x01\x02") + 6] = 126
    with pytest.raises(InputError, match="damaged or cut off"):
        read_tables(_write(tmp_path, "b.xlsx", bytes(content)))


@pytest.mark.parametrize("end", [".json", ".jsonl"])
def test_json_nested_beyond_measure_is_reported_in_one_sentence(tmp_path, end):
    path = tmp_path / f"deep{end}"
    path.write_text("[" * 100_000)
    with pytest.raises(InputError, match=r"nested too deeply|no JSON record"):
        read_tables(path)
    path.write_text('{"a": 1}\n' + "[" * 100_000 + "\n")
    (table,) = read_tables(path)
    assert [problem.row for problem in table.problems] == [2]
