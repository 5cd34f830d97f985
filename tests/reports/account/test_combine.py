"""Several files of one account: nothing counted twice, nothing lost."""

from datetime import date

import admatch as am
from admatch.reports.account.records import Entity
from tests.reports.account.account_files import (
    BULK,
    HEAD,
    TAIL,
    bulk_lines,
    bulk_rows,
    console,
    sentences,
)


def test_the_same_file_twice_counts_once(write):
    path = write("b.csv", bulk_lines(bulk_rows("en_US")))
    once, twice = am.read_account(path), am.read_account([path, path])
    assert twice.frame.equals(once.frame)
    assert any("4 of 4 rows" in one for one in sentences(twice))


def test_figures_of_the_first_file_and_settings_of_the_one_that_has_them(write):
    report = write("t.csv", [[*HEAD, "Targeting", "Match Type", *TAIL],
                             console("desk lamp", "EXACT"),
                             console("Desk Lamp", "EXACT", day="2025-05-02"),
                             console("floor lamp", "EXACT")])  # fmt: skip
    rows = bulk_rows("en_US")
    for row in rows[1:]:
        row["group_informational"] = "Desk"
    columns = BULK["en_US"] | {"group_informational": "Ad Group Name (Informational only)"}
    bulk = write("bulk-a1-20250501-20250531-1.csv", bulk_lines(rows, None, columns))
    account = am.read_account([report, bulk], currency="USD")
    assert len(account) == 6
    keywords = account.only(Entity.KEYWORD)
    assert keywords["bid"].to_list() == [0.75, 0.75, None]
    assert keywords["target_id"].to_list() == ["171000000000003"] * 2 + [None]
    assert keywords["state"].to_list() == ["paused", "paused", None]
    assert keywords["clicks"].sum() == 30
    assert any("1 of 4 rows" in one for one in sentences(account))
    other = am.read_account([bulk, report], currency="USD").only(Entity.KEYWORD)
    assert other["keyword"].to_list() == ["desk lamp", "floor lamp"]
    assert other["clicks"].sum() == 20


def test_other_days_of_the_same_entity_stay(write):
    head = [*HEAD, "Advertised ASIN", *TAIL]
    may = write("may.csv", [head, console("B07QM5KGDK"), console("B07QM5KGDK", day="2025-05-31")])
    june = write("june.csv", [head, console("B07QM5KGDK", day="2025-05-31"),
                              console("B07QM5KGDK", day="2025-06-01")])  # fmt: skip
    account = am.read_account([may, june])
    assert account.frame["start_date"].to_list() == [
        date(2025, 5, 1), date(2025, 5, 31), date(2025, 6, 1),
    ]  # fmt: skip


def test_one_name_with_two_ids_is_two_entities(write):
    first = write(
        "a.csv", bulk_lines([{"entity": "Campaign", "campaign": "Lamps", "campaign_id": "1"}])
    )
    again = [{"entity": "Campaign", "campaign": name, "campaign_id": number}
             for name, number in (("Lamps", "2"), ("Renamed", "1"))]  # fmt: skip
    account = am.read_account([first, write("b.csv", bulk_lines(again))])
    assert account.frame["campaign_id"].to_list() == ["1", "2"]
