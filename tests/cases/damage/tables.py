"""The report before it is damaged: rows with exact figures, and the lines of a file."""

import csv
import random
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

FIGURES = ("impressions", "clicks", "spend", "sales", "orders", "units")
AMOUNTS = ("spend", "sales")
DATES = ("date", "start_date", "end_date")
IDS = ("campaign_id", "ad_group_id", "keyword_id")
_SAMPLE = Path(__file__).parents[3] / "data" / "sample" / "search_terms.csv"
_CENT = Decimal("0.01")
_WORDS = (
    "lamp", "desk lamp", "lampe de bureau", "stehlampe weiß", "電気スタンド", "台灯", "مصباح",
    "настольная лампа", "lámpara \"grande\"", "10\" shade", "total gym", "sum 41", "b0lamp0001",
    "led, warm; bright", "lamp | shade", "1,5 m cable", "5.1.25", "naïve 😀", "*", "may 2025",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One row of the report: what it is about and its figures, exactly."""

    names: dict
    figures: dict
    start: date
    end: date
    ids: dict

    def value(self, name):
        """Return what the column ``name`` holds: text, whole number, amount or day."""
        if name in FIGURES:
            return self.figures[name]
        if name in IDS:
            return self.ids[name]
        if name in DATES:
            return self.end if name == "end_date" else self.start
        if name == "ctr":
            return _share(self.figures["clicks"], self.figures["impressions"])
        if name == "acos":
            return _share(self.figures["spend"], self.figures["sales"])
        return self.names[name]


def _share(above, below):
    return f"{100 * Decimal(above) / Decimal(below):.4f}%" if below else ""


@dataclass
class Line:
    """One line of a file: a ``row`` of the report, or whatever else stands there in ``cells``.

    ``changed`` are cells of a row by column that hold something else. A row that is not
    ``counted`` is no click of its own: a copy, or one that cannot be read.
    """

    row: Row | None = None
    cells: list | None = None
    changed: dict = field(default_factory=dict)
    counted: bool = True


@dataclass
class Variant:
    """A damaged report: lines below a header, further sheets, and how cells are written."""

    seed: str
    schema: str
    columns: list
    lines: list
    above: list = field(default_factory=list)
    sheets: dict = field(default_factory=dict)
    locale: str = "en_US"
    date: str = "y-mm-dd"
    money: str = "#"
    grouped: bool = True
    percent: bool = True
    kind: str = "csv"
    damages: list = field(default_factory=list)
    marks: set = field(default_factory=set)
    beside: list = field(default_factory=list)
    ids_lost: bool = False
    dated: bool = True

    @property
    def counted(self):
        """The rows whose clicks count."""
        return [line.row for line in self.lines if line.row is not None and line.counted]


def base(seed, chance, schemas):
    """Return an undamaged report: rows of the sample, or invented ones, under some headers."""
    schema = chance.choice(list(schemas))
    rows = _of_sample(chance) if chance.random() < 0.4 else _invented(chance)
    columns = [(name, header) for name, header in schemas[schema].items()]
    if "date" in schemas[schema]:
        rows = [replace(one, end=one.start) for one in rows]
    return Variant(seed, schema, columns, [Line(one) for one in rows])


def _of_sample(chance):
    with _SAMPLE.open(encoding="utf-8") as file:
        cells = list(csv.DictReader(file))
    few = chance.sample(cells, chance.choice((6, 15, 40, 120)))
    return [_sample_row(one, chance) for one in few]


def _sample_row(cells, chance):
    amount = lambda name: Decimal(cells[name].lstrip("$"))  # noqa: E731
    names = {
        "campaign": cells["Campaign Name"], "ad_group": cells["Ad Group Name"],
        "targeting": cells["Targeting"], "match_type": cells["Match Type"],
        "search_term": cells["Customer Search Term"], "currency": "USD",
        "country": "United States",
    }  # fmt: skip
    figures = {
        "impressions": int(cells["Impressions"]), "clicks": int(cells["Clicks"]),
        "spend": amount("Spend"), "sales": amount("7 Day Total Sales "),
        "orders": int(cells["7 Day Total Orders (#)"]),
        "units": int(cells["7 Day Total Units (#)"]),
    }  # fmt: skip
    return Row(names, figures, date(2025, 5, 1), date(2025, 5, 30), _ids(names))


def _invented(chance):
    currency = chance.choice(("USD", "EUR", "GBP", "PLN", "SEK"))
    campaigns = [f"{chance.choice(('SP', 'Auto', 'Total Care', 'Été'))} {n}" for n in range(4)]
    first = date(2025, chance.randint(1, 12), 1)
    rows = []
    for number in range(chance.choice((3, 8, 20, 60))):
        clicks = chance.randint(0, 400)
        orders = min(clicks, chance.randint(0, 9)) if chance.random() < 0.5 else 0
        names = {
            "campaign": chance.choice(campaigns), "ad_group": chance.choice(("A", "Exact", "B 2")),
            "targeting": chance.choice(("close-match", "lamp", 'asin="B0LAMP0001"')),
            "match_type": chance.choice(("BROAD", "EXACT", "-")),
            "search_term": f"{chance.choice(_WORDS)} {number}" if number % 5 else
                           f"{chance.choice(_WORDS[:4])} {number}",
            "currency": currency, "country": "Germany" if currency == "EUR" else "Poland",
        }  # fmt: skip
        cost = Decimal(chance.randint(5, 250)) * _CENT
        figures = {
            "impressions": clicks * chance.randint(1, 300) + chance.randint(1, 50),
            "clicks": clicks, "spend": clicks * cost,
            "sales": orders * Decimal(chance.randint(500, 99_999)) * _CENT,
            "orders": orders, "units": orders * chance.randint(1, 3),
        }  # fmt: skip
        last = first + timedelta(days=27)
        rows.append(Row(names, figures, first, last, _ids(names)))
    return rows


def _ids(names):
    """Return IDs of 18 digits for a row's campaign, ad group and keyword, always the same."""
    keys = (("campaign",), ("campaign", "ad_group"), ("campaign", "ad_group", "targeting"))
    found = {}
    for name, parts in zip(IDS, keys, strict=True):
        numbers = random.Random("/".join(names[part] for part in parts))
        found[name] = f"{numbers.randint(10**14, 9 * 10**14)}{numbers.randint(101, 989)}"
    return found


class Placed:
    """A value with the name of its own column: it stands below another header."""

    def __init__(self, name, value):
        self.name, self.value = name, value
