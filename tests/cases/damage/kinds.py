"""What people do to a report: each kind changes a variant, and what is right with it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from tests.cases.damage.tables import AMOUNTS, DATES, FIGURES, IDS, Line, Placed
from tests.cases.damage.writing import EXCEL_ERRORS, TEXTS, WORKBOOKS, Spelling, load

_ERRORS = (*EXCEL_ERRORS, "########")
_TITLES = (
    ["Sponsored Products Search term report"], ["Report", "Search terms"], ["Lampen GmbH"],
    ["May 1, 2025 - May 30, 2025"], ["Created by Anna", "", "confidential"],
)  # fmt: skip
_NOTES = (
    ["checked by Anna"], ["", "", "see mail of Monday"], ["* estimated"],
    ["Source: Amazon Advertising"],
)  # fmt: skip
_OWN = ("Notes", "Decision", "Kommentar", "OK?", "备注")


def names_of(variant):
    """Return the columns by our names."""
    return [name for name, _ in variant.columns]


def _sums(variant, rows):
    return {
        name: sum(one.figures[name] for one in rows)
        for name in FIGURES
        if name in names_of(variant)
    }


def _total_cells(variant, chance, rows, label, where):
    """Return the cells of a total: a label somewhere, and sums of all or some figures."""
    sums = _sums(variant, rows)
    if chance.random() < 0.25:
        sums = {name: value for name, value in sums.items() if name in ("clicks", "spend", "sales")}
    changed = {name: "" for name in names_of(variant)} | sums | {where: label}
    if chance.random() < 0.2 and "currency" in changed and where != "currency":
        changed["currency"] = rows[0].names["currency"]
    return Line(row=rows[0], changed=changed, counted=False)


def _label(variant, chance):
    totals = load("locales.toml")[
        variant.locale if chance.random() < 0.6 else chance.choice(list(load("locales.toml")))
    ]["total"]
    return chance.choice(totals)


def _label_column(variant, chance):
    known = [
        name
        for name in names_of(variant)
        if name in ("campaign", "ad_group", "search_term", "targeting", *DATES)
    ]
    return chance.choice(known)


def _is_whole(variant):
    """Return whether all lines are rows that count."""
    return all(line.row is not None and line.counted for line in variant.lines)


def _is_copied(variant):
    """Return whether some rows are there twice: which of the two counts depends on the other."""
    return bool({"longer_download", "pasted_twice"} & set(variant.damages))


def total_row(variant, chance):
    """A total of all rows, below or above, by any name in any column."""
    rows = variant.counted
    if len(rows) < 2 or "months_below" in variant.damages:  # the last table has other columns
        return
    where = _label_column(variant, chance)
    line = _total_cells(variant, chance, rows, _label(variant, chance), where)
    if variant.kind in ("xlsx", "xlsx_text") and chance.random() < 0.15:
        line.changed |= {name: "=SUM(K2:K9)" for name in FIGURES if name in names_of(variant)}
    at = len(variant.lines) if chance.random() < 0.8 else 0
    variant.lines.insert(at, line)


def subtotals(variant, chance):
    """Rows by campaign with a subtotal each, and often a total of all."""
    rows = sorted(variant.counted, key=lambda one: one.names["campaign"])
    if len(rows) != len(variant.lines) or len(rows) < 2:
        return
    lines, groups = [], {}
    for one in rows:
        groups.setdefault(one.names["campaign"], []).append(one)
    above = chance.random() < 0.3
    for name, group in groups.items():
        where = chance.choice(("campaign", "search_term"))
        label = chance.choice((name, f"{name} Total", _label(variant, chance)))
        subtotal = _total_cells(variant, chance, group, label, where)
        data = [Line(one) for one in group]
        if len(group) > 1 or (where == "campaign" and label != name):
            lines += [subtotal, *data] if above else [*data, subtotal]
        else:
            lines += data
    if chance.random() < 0.7:
        whole = _total_cells(variant, chance, rows, _label(variant, chance), "campaign")
        lines = [whole, *lines] if above else [*lines, whole]
    variant.lines = lines


def filled_totals(variant, chance):
    """Subtotals by campaign whose blank cells were filled down from the row above."""
    rows = sorted(variant.counted, key=lambda one: one.names["campaign"])
    if len(rows) != len(variant.lines) or "campaign" not in names_of(variant):
        return
    groups = {}
    for one in rows:
        groups.setdefault(one.names["campaign"], []).append(one)
    blank, labelled = chance.random() < 0.4, chance.random() < 0.5
    lines = []
    for name, group in groups.items():
        lines += [Line(one) for one in group]
        if len(group) > 3 and all(_sums(variant, group).values()):
            changed = _sums(variant, group)
            changed |= {"campaign": f"{name} Total"} if labelled else {}
            changed |= {"search_term": ""} if blank else {}
            lines.append(Line(group[-1], changed=changed, counted=False))
    variant.marks |= set() if labelled else {"nameless_totals"}
    variant.lines = lines


def header_again(variant, chance):
    """The header again in the middle, or every few rows."""
    step = chance.choice((3, 10, 25))
    header = [header for _, header in variant.columns]
    places = range(step, len(variant.lines), step)
    for at in reversed(places if chance.random() < 0.5 else places[:1]):
        variant.lines.insert(at, Line(cells=header))


def sort_rows(variant, chance):
    """Rows in another order."""
    if not _is_whole(variant):
        return
    name = chance.choice(
        [name for name in names_of(variant) if name in FIGURES or name == "search_term"]
    )
    variant.lines.sort(key=lambda line: line.row.value(name), reverse=chance.random() < 0.5)


def filter_rows(variant, chance):
    """Only some of the rows, as a filtered view is copied."""
    if not _is_whole(variant):
        return
    kept = [line for line in variant.lines if chance.random() < 0.6]
    variant.lines = kept or variant.lines[:1]


def titles(variant, chance):
    """Titles and blank lines above the header, as with merged cells."""
    variant.above = [chance.choice(_TITLES) for _ in range(chance.randint(1, 3))]
    if chance.random() < 0.5:
        variant.above.append([""])
    if "date" not in names_of(variant) and "start_date" not in names_of(variant):
        variant.dated = False


def notes(variant, chance):
    """Notes and blank lines between and below the rows."""
    for _ in range(chance.randint(1, 3)):
        at = chance.randint(1, len(variant.lines))
        cells = chance.choice((*_NOTES, [""]))
        variant.lines.insert(at, Line(cells=cells))


def reorder_columns(variant, chance):
    """Columns in another order."""
    chance.shuffle(variant.columns)


def drop_columns(variant, chance):
    """Some columns deleted."""
    spare = [
        name
        for name in names_of(variant)
        if name not in ("search_term", "clicks", "spend", "currency")
    ]
    gone = set(chance.sample(spare, min(len(spare), chance.randint(1, 4))))
    variant.columns = [one for one in variant.columns if one[0] not in gone]
    variant.dated = bool(set(DATES) & set(names_of(variant)))


def own_columns(variant, chance):
    """Columns of one's own, among the others or at the end, some without a header."""
    for number in range(chance.randint(1, 2)):
        at = chance.randint(0, len(variant.columns))
        header = chance.choice((*_OWN, ""))
        name = f"own{number}"
        if name not in names_of(variant):
            variant.columns.insert(at, (name, header))
            for line in variant.lines:
                if line.row is not None and header and chance.random() < 0.5:
                    line.changed[name] = chance.choice(("ok", "negate", "?", "12"))


def blank_first_column(variant, chance):
    """An empty first column."""
    variant.columns.insert(0, ("own_blank", ""))


def header_spelling(variant, chance):
    """Headers in other case, with blanks or line breaks."""

    def spelled(header):
        form = chance.randint(0, 4)
        if form == 0:
            return f" {header} "
        if form == 1:
            return header.upper() if header.isascii() else header
        if form == 2:
            return header.replace(" ", "\n", 1)
        return header.replace(" ", "\u00a0") if form == 3 else header

    if variant.schema != "api":
        variant.columns = [(name, spelled(header)) for name, header in variant.columns]


def locale(variant, chance):
    """Numbers, dates and money as another place writes them."""
    known = load("locales.toml")
    variant.locale = chance.choice(list(known))
    held = known[variant.locale]
    variant.date = chance.choice(held["dates"])
    variant.money = chance.choice(held["money"])
    variant.grouped = chance.random() < 0.7
    if variant.money != "#" and "currency" in names_of(variant) and chance.random() < 0.5:
        variant.money = "#"


def error_cells(variant, chance):
    """Errors of a spreadsheet in place of figures or dates: those rows cannot be read."""
    rows = [line for line in variant.lines if line.row is not None and line.counted]
    if len(rows) < 4 or _is_copied(variant) or "months_below" in variant.damages:
        return
    if "nameless_totals" in variant.marks:  # the sum of rows that cannot be read shows nothing
        return
    for line in chance.sample(rows, 1 + len(rows) // 10):
        names = [name for name in names_of(variant) if name in ("clicks", *AMOUNTS, *DATES)]
        line.changed[chance.choice(names)] = chance.choice(_ERRORS)
        line.counted = False


def pasted_twice(variant, chance):
    """The whole table below itself once more, with or without its header."""
    if len(variant.lines) < 4 or any(
        not line.counted or line.row is None for line in variant.lines
    ):
        return
    copies = [replace(line, counted=False) for line in variant.lines]
    header = (
        [Line(cells=[header for _, header in variant.columns])] if chance.random() < 0.5 else []
    )
    variant.lines += [*header, *copies]


def longer_download(variant, chance):
    """A second download below, over some days more: it counts what the first one did."""
    needed = {"start_date", "end_date", "targeting", "campaign", "ad_group"}
    if (
        not needed <= set(names_of(variant))
        or len(variant.lines) < 3
        or any(line.row is None or not line.counted for line in variant.lines)
    ):
        return
    keys = [tuple(line.row.names.values()) for line in variant.lines]
    if len(set(keys)) < len(keys):
        return
    more = []
    for line in variant.lines:
        figures = line.row.figures
        clicks = chance.choice((0, 0, 1, 3))
        grown = figures | {
            "clicks": figures["clicks"] + clicks,
            "impressions": figures["impressions"] + 10 * clicks,
            "spend": figures["spend"] + clicks * Decimal("0.51"),
        }
        more.append(Line(replace(line.row, figures=grown, end=line.row.end + timedelta(days=3))))
        line.counted = False
    variant.lines = [*variant.lines, *more]


def months_below(variant, chance):
    """Another month below, under a header with other columns."""
    if not {"start_date", "end_date"} <= set(names_of(variant)) or "own0" in names_of(variant):
        return
    if any(line.row is None for line in variant.lines):
        return
    order = [*variant.columns]
    chance.shuffle(order)
    if order == variant.columns:
        return
    header = Line(cells=[header for _, header in order])
    further = []
    for line in variant.lines:
        if not line.counted:
            continue
        later = replace(
            line.row,
            start=line.row.start + timedelta(days=40),
            end=line.row.end + timedelta(days=40),
        )
        # the cells stand in the other order: they are given by the column at their place
        placed = dict(zip(names_of(variant), [name for name, _ in order], strict=True))
        changed = {at: _placed(later, name) for at, name in placed.items()}
        further.append(Line(later, changed=changed))
    title = [Line(cells=[chance.choice(("June", "Second month", "2025-06"))])]
    variant.lines += [*(title if chance.random() < 0.4 else []), header, *further]


def _placed(row, name):
    return "" if name.startswith("own") else Placed(name, row.value(name))


def _pivot(variant, chance, by):
    sums = {}
    for one in variant.counted:
        kept = sums.setdefault(one.names[by], dict.fromkeys(FIGURES, 0))
        for name in FIGURES:
            kept[name] += one.figures[name]
    shown = [name for name in FIGURES if name in names_of(variant)]
    headers = dict(variant.columns)
    lines = [[headers[by], *(headers[name] for name in shown)]]
    lines += [[name, *(found[figure] for figure in shown)] for name, found in sums.items()]
    if chance.random() < 0.7:
        lines.append([_label(variant, chance), *_sums(variant, variant.counted).values()])
    return lines


def pivot_sheet(variant, chance):
    """A pivot table on a sheet of its own."""
    if variant.kind not in WORKBOOKS:
        return
    by = chance.choice([one for one in ("search_term", "campaign") if one in names_of(variant)])
    variant.sheets["Pivot"] = _pivot(variant, chance, by)
    if chance.random() < 0.4:
        variant.marks.add("sheet_first")


def copy_sheet(variant, chance):
    """Some rows copied to a sheet of their own."""
    rows = [line for line in variant.lines if line.row is not None and line.counted]
    if variant.kind not in WORKBOOKS or not rows:
        return
    some = chance.sample(rows, max(1, len(rows) // 3))
    columns = [one for one in variant.columns if one[0] and not one[0].startswith("own")]
    if chance.random() < 0.5:
        columns = [one for one in columns if one[0] not in DATES]
    variant.sheets["To negate"] = [
        [header for _, header in columns],
        *([line.row.value(name) for name, _ in columns] for line in some),
    ]


def pivot_beside(variant, chance):
    """A pivot table to the right of the data."""
    by = chance.choice([one for one in ("search_term", "campaign") if one in names_of(variant)])
    spelling = Spelling(variant)
    shown = [by, *[name for name in FIGURES if name in names_of(variant)]]
    table = [
        [spelling.cell(name, cell) for cell, name in zip(line, shown, strict=True)]
        for line in _pivot(variant, chance, by)
    ]
    variant.beside = [*([[]] * len(variant.above)), *table]


def pivot_below(variant, chance):
    """A pivot table below the data."""
    by = chance.choice([one for one in ("search_term", "campaign") if one in names_of(variant)])
    spelling = Spelling(variant)
    shown = [by, *[name for name in FIGURES if name in names_of(variant)]]
    variant.lines.append(Line(cells=[""]))
    for line in _pivot(variant, chance, by):
        cells = [spelling.cell(name, cell) for cell, name in zip(line, shown, strict=True)]
        variant.lines.append(Line(cells=cells))


def excel_ids(variant, chance):
    """IDs as a spreadsheet keeps them: 15 digits, as a power of ten or with zeros."""
    if not set(IDS) & set(names_of(variant)):
        return
    form = chance.randint(0, 2)
    for line in variant.lines:
        for name in IDS if line.row is not None else ():
            number = line.row.ids[name]
            if form == 0:
                shown = f"{float(number):.5E}".replace(
                    ".", load("locales.toml")[variant.locale]["decimal"]
                )
            else:
                shown = f"{number[:15]}000" if form == 1 else f"{int(float(number[:15] + '000')):d}"
            line.changed.setdefault(name, shown)
    variant.ids_lost = True


def wrapped_ids(variant, chance):
    """IDs that a formula keeps as text."""
    for line in variant.lines:
        for name in IDS if line.row is not None else ():
            line.changed.setdefault(name, f'="{line.row.ids[name]}"')


def cut_off(variant, chance):
    """A file that ends in the middle of its last row."""
    last = variant.lines[-1]
    if variant.kind not in TEXTS or variant.beside or last.row is None or len(variant.counted) < 3:
        return
    if not last.counted or _is_copied(variant):
        return
    last.counted = False
    variant.marks.add("cut_off")


def sep_line(variant, chance):
    """Excel's own line that names the separator."""
    if variant.kind in ("csv", "semicolon"):
        variant.marks.add("sep_line")


def trimmed(variant, chance):
    """A column of zeros left empty, as programs write it."""
    name = chance.choice(("sales", "orders", "units"))
    for line in variant.lines:
        if line.row is not None and line.counted and not line.row.figures[name]:
            line.changed.setdefault(name, chance.choice(("", "-", "0")))


ROWS = (
    filter_rows,
    sort_rows,
    subtotals,
    filled_totals,
    longer_download,
    pasted_twice,
    months_below,
)
COLUMNS = (reorder_columns, drop_columns, own_columns, blank_first_column, header_spelling)
CELLS = (error_cells, excel_ids, wrapped_ids, trimmed)
AROUND = (
    *(total_row, header_again, titles, notes, sep_line, cut_off),
    *(pivot_sheet, copy_sheet, pivot_beside, pivot_below),
)
