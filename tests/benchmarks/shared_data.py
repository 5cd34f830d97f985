"""The data sets beside the project, as frames with title, brand, description, bullets."""

import csv
import io
import json
import re
import tarfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

SHARED = Path(__file__).parents[3] / "shared" / "data"
FASHION_SAMPLE = 20_000  # of 31,941 distinct titles, which differ by little but colour


def training_products() -> dict[str, pl.DataFrame]:
    """Return the product listings that shipped weights may be trained on, by data set."""
    return {
        "catalogs/amazon_toys_24k": _toys(),
        "catalogs/bestbuy_48k": _bestbuy(),
        "images/fashion": _fashion(),
        "relevance/product_matching": _product_matching(),
    }


def shopper_terms() -> list[str]:
    """Return 11,706 real Amazon shopper queries."""
    rows = pl.read_csv(SHARED / "relevance/esci_queries/esci_query_asin.csv")
    return rows["query"].unique(maintain_order=True).to_list()


@dataclass(frozen=True)
class Judged:
    """Products, queries, and ``grades[query][product]`` from 1 (irrelevant) to 4 (perfect)."""

    products: pl.DataFrame
    queries: list[str]
    grades: list[dict[int, int]]


def crowdflower() -> Judged:
    """Return 261 judged queries over one catalog of 9,913 products. For measuring only."""
    rows = pl.read_csv(SHARED / "relevance/crowdflower/train_all_folds.csv")
    products = rows.select(title="product_title", description="product_description").unique(
        maintain_order=True
    )
    place = {product: i for i, product in enumerate(products.iter_rows())}
    queries = rows["query"].unique(maintain_order=True).to_list()
    grades: list[dict[int, int]] = [{} for _ in queries]
    columns = ("query", "product_title", "product_description", "median_relevance")
    for query, title, description, grade in rows.select(columns).iter_rows():
        judged = grades[queries.index(query)]
        product = place[title, description]
        judged[product] = max(judged.get(product, 0), grade)
    return Judged(_listings(products), queries, grades)


def esci_pairs() -> Judged:
    """Return 1,074 Amazon queries, each with the product judged exact, among 1,723 products."""
    columns = {"title": "product_title", "description": "product_description"}
    rows = pl.read_csv(SHARED / "relevance/esci_us_pairs/pairs.csv.gz").drop_nulls(
        ["query", "product_title"]
    )
    found = rows.select(**columns, brand="product_brand").unique("title", maintain_order=True)
    products = _listings(found)
    number = {title: i for i, title in enumerate(products["title"])}
    exact = rows.filter(esci_label="exact")
    grades = [{number[title]: 4} for title in exact["product_title"]]
    return Judged(products, exact["query"].to_list(), grades)


def _listings(frame: pl.DataFrame) -> pl.DataFrame:
    for name in ("brand", "description"):
        if name not in frame.columns:
            frame = frame.with_columns(pl.lit(None, pl.String).alias(name))
    bullets = pl.lit(None, pl.List(pl.String)).alias("bullets")
    titled = frame.filter(pl.col("title").str.strip_chars() != "")
    return titled.select("title", "brand", "description", bullets)


def _toys() -> pl.DataFrame:
    path = SHARED / "catalogs/amazon_toys_24k/amazon_products_24576.json.zst"
    rows = pl.read_ndjson(path) if path.suffix != ".zst" else pl.read_ndjson(_unpack(path))
    fields = rows.select("fields").unnest("fields")
    # Descriptions open with the title as a Markdown heading.
    body = pl.col("description").str.replace(r"^##[^\n]*\n+", "")
    return _listings(fields.with_columns(body))


def _unpack(path: Path) -> io.BytesIO:
    import pyarrow as pa

    return io.BytesIO(pa.input_stream(str(path), compression="zstd").read())


def _bestbuy() -> pl.DataFrame:
    with tarfile.open(SHARED / "catalogs/bestbuy_48k/products.tgz") as archive:
        text = archive.extractfile("products.csv").read().decode("utf-8", errors="replace")
    rows = csv.reader(io.StringIO(text), escapechar="\\", skipinitialspace=True)
    full = [row for row in rows if len(row) == 5][1:]
    cells = [
        [cell.strip() if cell.strip() not in ("", "N") else None for cell in row] for row in full
    ]
    columns = ["upc", "title", "brand", "description", "long_description"]
    return _listings(pl.DataFrame(cells, schema=columns, orient="row"))


def _fashion() -> pl.DataFrame:
    rows = pl.read_csv(
        SHARED / "images/fashion/styles.csv", ignore_errors=True, truncate_ragged_lines=True
    )
    look = pl.concat_str(pl.col("baseColour", "articleType").fill_null(""), separator=" ")
    named = rows.select(title="productDisplayName", description=look).drop_nulls()
    return _listings(named.unique().sort(pl.all()).sample(FASHION_SAMPLE, seed=7))


def _product_matching() -> pl.DataFrame:
    titles = set()
    for path in sorted((SHARED / "relevance/product_matching").rglob("*.txt*")):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            titles.update(filter(None, map(_record_title, line.split("\t")[:2])))
    return _listings(pl.DataFrame({"title": sorted(titles)}))


def _record_title(record: str) -> str | None:
    cells = dict(re.findall(r"COL (\S+) VAL (.*?)(?= COL |$)", record))
    title = cells.get("title") or cells.get("name") or cells.get("Beer_Name") or ""
    return title.strip('" ')[:200] or None


def cached_vectors(name: str, texts: list[str], encoder, folder: Path) -> np.ndarray:
    """Return the encoder's vectors, kept in ``folder`` so that a second run is quick."""
    path = folder / f"{name.replace('/', '-')}.npz"
    key = json.dumps(texts)
    if path.exists():
        kept = np.load(path)
        if str(kept["key"]) == key:
            return kept["vectors"]
    order = np.argsort([len(text) for text in texts], kind="stable")
    vectors = np.empty((len(texts), encoder.dim), dtype=np.float32)
    for start in range(0, len(order), 4096):
        part = order[start : start + 4096]
        vectors[part] = encoder.encode_text([texts[i] for i in part])
        print(f"{name}: {start + len(part)} of {len(order)} encoded", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(path, key=key, vectors=vectors)
    return vectors
