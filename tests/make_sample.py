"""Makes ``data/sample`` again.

python -m tests.make_sample --grocery PATH    the catalog too, from the GroceryStoreDataset
python -m tests.make_sample                   the reports only, from data/sample/catalog.csv
"""

import argparse
import csv
import re
import shutil
from pathlib import Path

import numpy as np

from admatch.catalog.reader import read_catalog
from admatch.simulate.bulk import write_bulk_xlsx
from admatch.simulate.console import write_console_csv, write_console_xlsx
from tests.sample.synthetic_account import SyntheticAccount, synthesize_account

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
PRODUCTS = Path(__file__).parent / "sample" / "products.csv"
SEED = 7
_COUNTRY = re.compile(r"^.?(?:Country(?: and volume)?|Manufacturing country): *([^,\n]*)", re.M)
_IN_ENGLISH = {"Sverige": "Sweden"}
_TEXTS = ["product_id", "title", "brand", "description", "category", "price", "currency", "images"]
_COLUMNS = [*_TEXTS, "color", "flavor", "fat", "diet", "size", "origin"]


def make_catalog(grocery: Path, folder: Path) -> None:
    """Write ``catalog.csv``, ``images/`` and the licence from the dataset's iconic images."""
    rng = np.random.default_rng(SEED)
    chosen = {row["class_name"]: row for row in _rows(PRODUCTS)}
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    products = []
    for number, entry in enumerate(_rows(grocery / "classes.csv"), start=1):
        name = entry["Class Name (str)"]
        image = f"images/{name.lower()}.jpg"
        shutil.copyfile(grocery / entry["Iconic Image Path (str)"].lstrip("/"), folder / image)
        text = grocery / entry["Product Description Path (str)"].lstrip("/")
        product = {column: chosen[name].get(column, "") for column in _COLUMNS}
        products.append(
            product
            | {
                "product_id": f"B0SAMPLE{number:02d}",
                "description": " ".join(text.read_text("utf-8-sig").split()),
                "price": _price(float(chosen[name]["usual_price"]), rng),
                "currency": "USD",
                "images": image,
                "size": chosen[name]["pack"],
                "origin": _origin(text),
            }
        )
    with (folder / "catalog.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, _COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(products)
    shutil.copyfile(grocery / "LICENSE", folder / "LICENSE-grocery-store.txt")


def make_reports(catalog: Path, folder: Path) -> SyntheticAccount:
    """Write the synthetic reports and their truth."""
    account = synthesize_account(read_catalog(catalog), seed=SEED)
    write_console_csv(account.summary, folder / "search_terms.csv")
    write_console_csv(account.daily, folder / "search_terms_daily.csv")
    write_console_xlsx(account.summary, folder / "search_terms.xlsx")
    write_console_csv(account.advertised, folder / "advertised_products.csv")
    write_bulk_xlsx(account.bulk, folder / "bulk.xlsx")
    truth = account.truth.with_columns(account.truth["product_ids"].list.join("|"))
    (folder / "truth.csv").write_text(truth.write_csv(), encoding="utf-8", newline="")
    return account


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _price(usual: float, rng: np.random.Generator) -> str:
    """Return an invented price within a tenth of the usual one, ending in 9."""
    return f"{round(usual * rng.uniform(0.9, 1.1), 1) - 0.01:.2f}"


def _origin(description: Path) -> str:
    """Return the country that the product's information file names, if there is one."""
    information = Path(str(description).replace("_Description", "_Information"))
    found = _COUNTRY.search(information.read_text("utf-8-sig")) if information.exists() else None
    country = found[1].strip() if found else ""
    return _IN_ENGLISH.get(country, country)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grocery", type=Path, help="the dataset's folder, with classes.csv")
    arguments = parser.parse_args()
    if arguments.grocery:
        make_catalog(arguments.grocery, SAMPLE)
    make_reports(SAMPLE / "catalog.csv", SAMPLE)
