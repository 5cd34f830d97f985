import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admatch.catalog.text import plain, plain_lines, split_images


def one(change, cell):
    return change(pl.Series("x", [cell], pl.String))[0]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("<p>Soft&nbsp;<b>linen</b></p><p>Light</p>", "Soft linen Light"),
        ("&lt;br&gt;A &amp; B", "A & B"),
        ("<script>alert(1)</script>Cup<!-- no -->", "Cup"),
        ("5 < 6 and 7 > 3", "5 < 6 and 7 > 3"),
        ("  two\r\n lines\t", "two lines"),
        ("<br/>", None),
        ("", None),
        (None, None),
    ],
)
def test_plain(cell, text):
    assert one(plain, cell) == text


@pytest.mark.parametrize(
    ("cell", "lines"),
    [
        ("• First\n- Second\n\nThird", ["First", "Second", "Third"]),
        ("<ul><li>One</li><li>Two</li></ul>", ["One", "Two"]),
        ('["One", null, "Two & more"]', ["One", "Two & more"]),
        ("[not json]", ["[not json]"]),
        ("Same\nSame", ["Same"]),
        (None, []),
    ],
)
def test_plain_lines(cell, lines):
    assert one(plain_lines, cell).to_list() == lines


@pytest.mark.parametrize(
    ("cell", "images"),
    [
        ("a.jpg", ["a.jpg"]),
        ("a.jpg, b c.PNG;d.webp|e.jpg", ["a.jpg", "b c.PNG", "d.webp", "e.jpg"]),
        ("red, small.jpg", ["red, small.jpg"]),
        ("https://x.test/a?w=1,https://x.test/b", ["https://x.test/a?w=1", "https://x.test/b"]),
        ('["a.jpg", "b.jpg"]', ["a.jpg", "b.jpg"]),
        (" ; ", []),
        (None, []),
    ],
)
def test_split_images(cell, images):
    assert one(split_images, cell).to_list() == images


@settings(max_examples=40)
@given(st.lists(st.none() | st.text(max_size=30), max_size=8))
def test_each_cell_keeps_its_place(cells):
    series = pl.Series("x", cells, pl.String)
    alone = [one(plain_lines, cell).to_list() for cell in cells]
    assert plain_lines(series).to_list() == alone
    assert plain(series).to_list() == [one(plain, cell) for cell in cells]


@given(st.text(st.characters(exclude_characters="<>&[]", exclude_categories=["Cs"]), max_size=40))
def test_text_without_markup_only_loses_blanks(text):
    left = one(plain, text) or ""
    control = {chr(code) for code in range(32)}
    letters = [letter for letter in text if not letter.isspace() and letter not in control]
    assert [letter for letter in left if not letter.isspace()] == letters
