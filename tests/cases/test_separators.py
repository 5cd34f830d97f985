"""The separator of text whose lines were trimmed, or whose cells hold other separators."""

import pytest

from admatch.reports.reader import read_report
from tests.cases.files import HEADER, as_csv, row


def trimmed(line, count):
    """Return a line without its last cells, as programs write lines whose last cells are empty."""
    return line[: len(line) - count]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("other", [" | ", "; ", ", ", " - "])
@pytest.mark.parametrize("count", [1, 40, 300])
def test_trimmed_lines_and_other_separators_in_names(tmp_path, separator, other, count):
    campaign = other.join(("SP", "Lamps", "Auto"))
    lines = [
        trimmed(row(f"lamp {at}", Campaign_Name=campaign), (0, 0, 3, 2)[at % 4])
        for at in range(count)
    ]
    path = tmp_path / "a.txt"
    path.write_text(as_csv(HEADER, *lines, separator=separator), encoding="utf-8")
    report = read_report(path)
    assert len(report) == count
    assert report.frame["campaign"].unique().to_list() == [campaign]
    assert report.frame["spend"].sum() == 5.0 * count
