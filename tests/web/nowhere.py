"""The example's account with two products that sell in an automatic campaign and nowhere else."""

import csv
import io

import openpyxl

from admatch.pipeline.sample import sample_folder

CAMPAIGN = "SP | Kitchen | Found"
# product, title, ad group, term, clicks, orders
SELLERS = (
    ("B0LONE0001", "Nesting Bowls, Steel, Set of 6", "Bowls", "nesting bowls", 90, 16),
    ("B0LONE0002", "Pasta Fork of Olive Wood", "Forks", "pasta fork", 90, 15),
)


def nowhere_files():
    """Return the files by name: the report, the bulk file and the catalog."""
    folder = sample_folder()
    report, catalog = (
        (folder / name).read_text("utf-8-sig") for name in ("search_terms.csv", "catalog.csv")
    )
    columns = next(csv.reader(io.StringIO(report)))
    listed = (
        {"product_id": one[0], "title": one[1], "price": "60.00", "currency": "USD"}
        for one in SELLERS
    )
    return {
        "search_terms.csv": (report + _lines(columns, map(_sold, SELLERS))).encode(),
        "catalog.csv": (catalog + _lines(next(csv.reader(io.StringIO(catalog))), listed)).encode(),
        "bulk.xlsx": _bulk(folder / "bulk.xlsx"),
    }


def _sold(seller):
    _, _, group, term, clicks, orders = seller
    return {
        "Start Date": "May 01, 2025", "End Date": "May 28, 2025", "Portfolio name": "Synthetic",
        "Currency": "USD", "Campaign Name": CAMPAIGN, "Ad Group Name": group, "Retailer": "Amazon",
        "Country": "United States", "Targeting": "close-match", "Match Type": "-",
        "Customer Search Term": term, "Impressions": clicks * 40, "Clicks": clicks,
        "Spend": f"${clicks * 0.4:.2f}", "7 Day Total Sales ": f"${orders * 60:.2f}",
        "7 Day Total Orders (#)": orders, "7 Day Total Units (#)": orders,
    }  # fmt: skip


def _lines(columns, rows):
    held = io.StringIO()
    writer = csv.DictWriter(held, columns, restval="", lineterminator="\n")
    writer.writerows(rows)
    return held.getvalue()


def _bulk(path):
    book = openpyxl.load_workbook(path)
    sheet = book["Sponsored Products Campaigns"]
    names = [cell.value for cell in sheet[1]]
    for row in _entities():
        known = {"Product": "Sponsored Products", "State": "enabled", "Campaign ID": "31",
                 "Campaign Name (Informational only)": CAMPAIGN,
                 "Campaign State (Informational only)": "enabled"} | row  # fmt: skip
        sheet.append([known.get(name) for name in names])
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def _entities():
    yield {"Entity": "Campaign", "Campaign Name": CAMPAIGN, "Targeting Type": "Auto",
           "Daily Budget": 50, "Bidding Strategy": "Dynamic bids – down only"}  # fmt: skip
    for number, (product, _, group, *_) in enumerate(SELLERS):
        inside = {"Ad Group ID": f"32{number}", "Ad Group Name (Informational only)": group,
                  "Ad Group State (Informational only)": "enabled"}  # fmt: skip
        yield inside | {"Entity": "Ad Group", "Ad Group Name": group, "Ad Group Default Bid": 0.4}
        yield inside | {"Entity": "Product Ad", "Ad ID": f"33{number}", "SKU": f"SKU-{product}",
                        "ASIN (Informational only)": product}  # fmt: skip
        yield inside | {"Entity": "Product Targeting", "Product Targeting ID": f"34{number}",
                        "Product Targeting Expression": "close-match", "Bid": 0.4}  # fmt: skip
