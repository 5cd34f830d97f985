"""Small reports as people have them: a header, and rows of the console's columns."""

import csv
import io

HEADER = (
    "Start Date", "End Date", "Currency", "Campaign Name", "Ad Group Name", "Country", "Targeting",
    "Match Type", "Customer Search Term", "Impressions", "Clicks", "Spend", "7 Day Total Sales ",
    "7 Day Total Orders (#)", "7 Day Total Units (#)",
)  # fmt: skip
USUAL = {
    "Start Date": "2025-05-01", "End Date": "2025-05-30", "Currency": "USD",
    "Campaign Name": "Desk lamps", "Ad Group Name": "Exact", "Country": "United States",
    "Targeting": "lamp", "Match Type": "BROAD", "Impressions": "100", "Clicks": "10",
    "Spend": "5.00", "7 Day Total Sales ": "20.00", "7 Day Total Orders (#)": "1",
    "7 Day Total Units (#)": "1",
}  # fmt: skip
FIGURES = HEADER[9:]


def row(term, **changes):
    """Return the cells of one row; ``changes`` are by header, with ``_`` for a blank."""
    cells = USUAL | {"Customer Search Term": term}
    cells |= {name.replace("_", " "): value for name, value in changes.items()}
    return [cells.get(name, "") for name in HEADER]


def only(**cells):
    """Return a row that has these cells and no others."""
    named = {name.replace("_", " "): value for name, value in cells.items()}
    return [named.get(name, "") for name in HEADER]


def with_cells(line, **changes):
    """Return a row with other cells, by header with ``_`` for a blank."""
    named = {name.replace("_", " "): value for name, value in changes.items()}
    return [named.get(name, cell) for name, cell in zip(HEADER, line, strict=True)]


def sums(*rows, places=2):
    """Return the figures of ``rows`` added up, as a total row shows them, by header."""
    found = {}
    for name in FIGURES:
        values = [float(line[HEADER.index(name)]) for line in rows]
        found[name] = (
            f"{sum(values):.{places}f}"
            if "." in rows[0][HEADER.index(name)]
            else (f"{sum(values):.0f}")
        )
    return found


def total(label, rows, where="Customer Search Term"):
    """Return a total row: its label under ``where`` and the sums of ``rows``."""
    found = sums(*rows)
    return [label if name == where else found.get(name, "") for name in HEADER]


def as_csv(*lines, separator=","):
    """Return lines as the text of a CSV file."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator, lineterminator="\n").writerows(lines)
    return stream.getvalue()


def sentences(report):
    """Return everything that a report's problems say."""
    return " ".join(map(str, report.problems))
