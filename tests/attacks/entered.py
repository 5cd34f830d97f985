"""What people enter beside their files, as nobody should: columns, days, currencies, verdicts.

Each list gives a name and what is sent. ``FILE`` stands for the id of the file that is meant.
"""

import json
from typing import Any

FILE = "FILE"
HOSTILE = {
    "a page's script": "<img src=x onerror=alert(1)>",
    "a formula": "=cmd|' /C calc'!A0",
    "a NUL": "o\0at",
    "control characters": "\x1b]0;evil\x07\x7f\x85\u2028",
    "letters that turn round": "\u202eoat\u2066\ufeff",
    "half of a letter": "\ud800",
    "SQL": "'; DROP TABLE uploads; --",
    "a path": "../../../../etc/passwd",
    "a prototype": "__proto__",
    "blanks": " \t\u3000 ",
    "a sentence's parameter": "{file} {0} %s ${x}",
    "5,000 letters": "x" * 5_000,
    "a letter of many marks": "a" + "\u0301" * 2_000,
}
_TERMS = {"search_term": "What they typed", "spend": "Paid"}


def _named(**fields: object) -> str:
    return json.dumps({FILE: fields})


def _deep(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


# What is said of the columns of ``TABLE``.
TABLE = b"What they typed,Clicks,Paid,Campaign Name\noat milk,40,20.50,All\nhose,30,9.00,All\n"
COLUMNS: dict[str, str] = {
    **{f"{name} as a column": _named(**_TERMS, clicks=one) for name, one in HOSTILE.items()},
    **{f"{name} as a file": json.dumps({one: _TERMS}) for name, one in HOSTILE.items()},
    "no field that there is": _named(**_TERMS, no_such="Paid"),
    "two fields of one column": _named(search_term="Paid", spend="Paid", clicks="Paid"),
    "every field of one column": _named(
        **dict.fromkeys(("search_term", "clicks", "spend", "sales", "orders", "impressions",
                         "campaign", "ad_group", "targeting", "match_type", "currency", "date",
                         "start_date", "end_date"), "Paid")
    ),
    "days of a column of names": _named(**_TERMS, date="Campaign Name", start_date="Paid"),
    "fields of both kinds of table": _named(search_term="Paid", title="Paid"),
    "products without a title": _named(product_id="Paid"),
    "products of a column of amounts": _named(title="Paid", price="What they typed"),
    "no column": _named(),
    "no file": "{}",
    "nothing": "",
    "null": "null",
    "no number": "NaN",
    "an infinite one": _named(search_term=float("inf")),
    "a list": '["search_term"]',
    "a text": '"search_term"',
    "a list for a file": json.dumps({FILE: ["search_term"]}),
    "a number as a column": _named(search_term=1),
    "a record as a column": _named(search_term={"a": "b"}),
    "null as a column": _named(search_term=None),
    "half of it": '{"FILE": {"search_term": "Pai',
    "the same name twice": '{"FILE": {"search_term": "Paid", "search_term": "Clicks"}}',
    "200 files": json.dumps({f"{n:03d}-file": {"title": "Paid"} for n in range(200)}),
    "1,900 records in one another": _deep(1_900),
    "4,900 lists in one another": "[" * 4_900 + "]" * 4_900,
    "more letters than allowed": _named(search_term="x" * 10_000),
    "a million letters": _named(search_term="x" * 1_000_000),
}  # fmt: skip


def _table(headers: list[str], rows: int = 3) -> bytes:
    quoted = ",".join('"' + one.replace('"', '""') + '"' for one in headers)
    cells = ",".join(str(number) for number in range(len(headers)))
    return (quoted + "\n" + (cells + "\n") * rows).encode("utf-8", "surrogatepass")


# Tables that nobody recognises; their first three columns are then named as the page offers it.
TABLES: dict[str, bytes] = {
    **{f"{name} as a header": _table([one, f"b {one}", "c"]) for name, one in HOSTILE.items()},
    "one header for all columns": _table(["a"] * 50),
    "no headers": _table([""] * 50),
    "4,000 headers": _table([f"<b>column {n}</b>" for n in range(4_000)]),
    "5,000 headers": _table([f"column {n}" for n in range(5_000)]),
    "3,000 headers of 500 letters": _table([f"{n} " + "x" * 500 for n in range(3_000)]),
    "a million rows": _table(["a", "b", "c"], 1_000_000),
    "cells of 1 MB": _table(["a", "b", "c"]) + b"x" * 1_000_000 + b",1,1\n",
    "NUL among the cells": _table(["a", "b", "c"]) + b"o\0at,1,1\n",
    "numbers beyond all": _table(["a", "b", "c"]) + b"oat,1e400," + b"9" * 5_000 + b"\n",
}
DAY = "2025-05-01"
PERIODS: dict[str, str] = {
    "the first and the last day": "0001-01-01/9999-12-31",
    "a day of 1900": f"1900-01-01/{DAY}",
    "the last day": "9999-12-31/9999-12-31",
    "ten thousand years": "2025-05-01/12025-05-01",
    "year nought": f"0000-01-01/{DAY}",
    "a day that there is not": f"2025-02-30/{DAY}",
    "backwards": f"2025-05-30/{DAY}",
    "no number": "NaN/NaN",
    "Arabic digits": "٢٠٢٥-٠٥-٠١/٢٠٢٥-٠٥-٣٠",
    "a line break behind": f"{DAY}/{DAY}\n",
    "a NUL": f"{DAY}/{DAY}\0",
    "one day": DAY,
    "a century": "1990-01-01/2100-12-31",
    "a million letters": f"{DAY}/{DAY}" * 50_000,
    "half of a letter": f"{DAY}/\ud800",
}
CURRENCIES: dict[str, str] = {
    "one that there is not": "ZZZ",
    "in small letters": "usd",
    "a line break behind": "USD\n",
    "wide letters": "ＵＳＤ",
    "a million letters": "USD" * 300_000,
    "a script": "<b>",
    "a NUL": "US\0",
    "half of a letter": "US\ud800",
}
OTHERS: dict[str, str] = {name: HOSTILE[name] for name in ("a NUL", "SQL", "a path", "blanks")}
_AIM = {"target_acos": 0.3}
# What a run is asked to do; reports and catalogs are there.
SETTINGS: dict[str, Any] = {
    "a currency that there is not": _AIM | {"currency": "ZZZ"},
    "a marketplace that there is not": _AIM | {"marketplace": "XX"},
    "a marketplace of another currency": _AIM | {"marketplace": "JP"},
    "a marketplace in small letters": _AIM | {"marketplace": "de"},
    "1,000 targets of hostile names": _AIM
    | {"targets": {f"{one[:100]} {n}": 0.3 for n in range(77) for one in HOSTILE.values()}},
    "1,001 targets": _AIM | {"targets": {str(n): 0.3 for n in range(1_001)}},
    "a target of a name of 100,000 letters": _AIM | {"targets": {"x" * 100_000: 0.3}},
    "protected words of all kinds": _AIM | {"protect": list(HOSTILE.values())},
    "a protected word of 1 MB": _AIM | {"protect": ["x" * 1_000_000]},
    "guard-rails that there are not": _AIM | {"guard_rails": {"__class__": 1.0}},
    "a guard-rail of no number": _AIM | {"guard_rails": {"most_bid_change": float("nan")}},
    "guard-rails beyond all": _AIM | {"guard_rails": {"most_bid_change": 1e308}},
    "a target that is a text": {"target_acos": "<b>"},
    "a target of no number": {"target_acos": float("nan")},
    "a target of nothing": {"target_acos": 5e-324},
    "days of a window beyond all": _AIM | {"window_days": 10**30},
    "a seed beyond all": _AIM | {"seed": 10**400},
    "a margin of no number": _AIM | {"margin": "nan"},
    "settings that are a list": [1, 2],
    "settings that are deep": json.loads(_deep(200)),
}
_REJECTED = {"verdict": "rejected"}
VERDICTS: dict[str, Any] = {
    "a million decisions": _REJECTED | {"decisions": list(range(1_000_000))},
    "100,001 decisions": _REJECTED | {"decisions": [0] * 100_001},
    "100,000 times the same": _REJECTED | {"decisions": [0] * 100_000},
    "decisions that there are not": _REJECTED | {"decisions": [-1, 2**31, 2**63, 10**30]},
    "decisions that are texts": _REJECTED | {"decisions": ["<b>", "0; DROP"]},
    "decisions that are no numbers": _REJECTED | {"decisions": [float("nan"), float("inf")]},
    "decisions that are parts": _REJECTED | {"decisions": [0.5, True]},
    "no decisions": _REJECTED | {"decisions": []},
    "both ways": _REJECTED | {"decisions": [0], "filter": {}},
    "neither way": _REJECTED,
    "a verdict that there is not": {"decisions": [0], "verdict": "ACCEPTED"},
    "a verdict that is a list": {"decisions": [0], "verdict": ["accepted"]},
    "a filter of nothing": _REJECTED | {"filter": {}},
    "a filter of 100,000 fields": _REJECTED | {"filter": {str(n): "" for n in range(100_000)}},
    "a filter that is a list": _REJECTED | {"filter": ["q"]},
    "a filter of a list": _REJECTED | {"filter": {"q": ["x"]}},
    "a filter of 1 MB": _REJECTED | {"filter": {"q": "x" * 1_000_000}},
    "a million numbers in a filter": _REJECTED | {"filter": {"decision": ",".join("1" * 500_000)}},
    "a note of 2,001 letters": {"decisions": [0], "note": "x" * 2_001},
    "a note that is a record": {"decisions": [0], "note": {"a": "b"}},
    "deep notes": {"decisions": [0], "note": json.loads(_deep(200))},
    "a field that there is not": _REJECTED | {"decisions": [0], "run_id": "x"},
    "a list": [0, 1],
    "null": None,
    **{f"a note: {name}": {"decisions": [0], "note": one} for name, one in HOSTILE.items()},
    **{f"a filter: {name}": _REJECTED | {"filter": {one: one}} for name, one in HOSTILE.items()},
}
NUMBERS = ("inf", "-inf", "nan", "1e400", "1e300", "9" * 400, "-1", "0.5", "0x10", "١", "1_0", "")
# Views that somebody saved, or an address that somebody sends: filters of a list of decisions.
VIEWS: dict[str, dict[str, str]] = {
    **{f"{field}: {one[:20]!r}": {field: one}
       for field in ("decision", "least_gain", "certainty", "page", "size") for one in NUMBERS},
    **{f"{field}: {name}": {field: one} for field in ("q", "action", "campaign", "sort", "verdict",
                                                      "currency", "in_file", "product_id")
       for name, one in HOSTILE.items()},
}  # fmt: skip
