"""Files that a visitor drops on the page: a German report, and cells that mean harm."""

import csv
import io

PAYLOADS = (
    '<img src=x onerror="window.harmed=1">',
    '"><script>window.harmed=1</script>',
    "<svg/onload=window.harmed=1>",
    "javascript:window.harmed=1",
    '=HYPERLINK("http://evil.example";"click")',
    "{{ 7*7 }}${7*7}",
)

_GERMAN = (
    "Startdatum", "Enddatum", "Portfolioname", "Währung", "Kampagnen-Name", "Anzeigengruppenname",
    "Ausrichtung", "Übereinstimmungstyp", "Suchbegriff eines Kunden", "Impressionen", "Klicks",
    "Ausgaben", "7 Tage, Umsatz gesamt (€)", "7 Tage, Aufträge gesamt (#)",
    "7 Tage, Einheiten gesamt (#)",
)  # fmt: skip
_TERMS = (
    ("hafermilch", 900, 60, "36,50", "148,20", 12),
    ("bio äpfel", 700, 42, "21,40", "90,10", 9),
    ("gartenschlauch 20 m", 1500, 55, "48,75", "0,00", 0),
    ("joghurt erdbeere", 400, 25, "11,25", "33,60", 4),
    ("rasenmäher akku", 1250, 38, "1.040,30", "0,00", 0),
)


def german_report():
    """Return a report as Seller Central writes it in German: semicolons, decimal commas, EUR."""
    rows = [
        ["01.05.2025", "31.05.2025", "", "EUR", "Kampagne | Auto", "Alle Produkte", "close-match",
         "-", term, seen, clicks, spend, sales, orders, orders]
        for term, seen, clicks, spend, sales, orders in _TERMS
    ]  # fmt: skip
    return _text([_GERMAN, *rows], ";")


def harmful_catalog():
    """Return a catalog with a payload in every text column."""
    columns = (
        "product_id",
        "title",
        "brand",
        "description",
        "category",
        "price",
        "currency",
        "color",
    )
    rows = [
        (
            f"B0HARM00{number}",
            f"Oat drink {payload}",
            payload,
            payload,
            payload,
            "4.99",
            "USD",
            payload,
        )
        for number, payload in enumerate(PAYLOADS)
    ]
    return _text([columns, *rows], ",")


def harmful_report():
    """Return a report with a payload in every text column."""
    columns = (
        "Start Date", "End Date", "Portfolio name", "Currency", "Campaign Name", "Ad Group Name",
        "Targeting", "Match Type", "Customer Search Term", "Impressions", "Clicks", "Spend",
        "7 Day Total Sales ", "7 Day Total Orders (#)",
    )  # fmt: skip
    rows = [
        ("2025-05-01", "2025-05-30", payload, "USD", f"C {payload}", f"G {payload}", payload,
         "broad", f"oat drink {payload}", 900, 40 + number, "21.50", f"{number * 6}.00", number)
        for number, payload in enumerate(PAYLOADS)
    ]  # fmt: skip
    return _text([columns, *rows], ",")


def _text(rows, separator):
    held = io.StringIO()
    csv.writer(held, delimiter=separator).writerows(rows)
    return held.getvalue().encode()


def dropped(name, content, kind="text/csv"):
    """Return a file as Playwright hands it to an input."""
    return {"name": name, "mimeType": kind, "buffer": content}
