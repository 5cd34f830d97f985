"""A small pipeline with known results, instead of the real one."""

import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest
from typer.testing import CliRunner

# loaded before what they are made of is faked
import admatch.distributed.index_folder
import admatch.index.index
import admatch.index.parts
import admatch.index.shipped
import admatch.pipeline.analyse
import admatch.reports.account.reader
import admatch.training.train  # noqa: F401
from admatch.catalog.records import Catalog, Product
from admatch.cli.main import app
from admatch.errors import InputError, Problem
from admatch.match.explanation import Explanation
from admatch.match.neighbours import Neighbour
from admatch.match.records import PRODUCTS_SCHEMA, TERMS_SCHEMA, Match, Matches, Outcome
from admatch.pipeline.models import Models
from admatch.reports.records import REPORT_SCHEMA, Granularity, SearchTermReport

BULK = Path(__file__).parents[2] / "data" / "sample" / "bulk.xlsx"
IDS = {
    "B0SAMPLE01": "T·001·002·003",
    "B0SAMPLE02": "T·001·002·200",
    "B0SAMPLE03": "M·044·005·006",
}
TITLES = {
    "B0SAMPLE01": "Oat drink [bold]1 l[/bold]",
    "B0SAMPLE02": "Whole milk",
    "B0SAMPLE03": "Lemon\x1b[31m",
}


def problem(row: int) -> Problem:
    return Problem(Path("report.csv"), "spend is no number", "write 1.50", row=row, value="x")


def sample_report(problems: int = 0) -> SearchTermReport:
    rows = [
        ("oat milk", "keyword", 10, 6.0, 30.0, 3),
        ("garden hose", "keyword", 4, 3.0, 0.0, 0),
        ("*", "star", 2, 1.0, 0.0, 0),
        ("oat milk", "keyword", 1, 2.0, None, 0),
    ]
    names = ("search_term", "term_kind", "clicks", "spend", "sales", "orders")
    frame = pl.DataFrame(
        [
            {"file": "report.csv", "row": at, "currency": "USD", "campaign": "=All"}
            | dict(zip(names, row, strict=True))
            for at, row in enumerate(rows, start=2)
        ],
        schema=REPORT_SCHEMA,
    )
    found = tuple(map(problem, range(problems)))
    return SearchTermReport(frame, (Path("report.csv"),), Granularity.SUMMARY, 7, found, skipped=5)


class FakeIndex:
    problems = ()
    parts = SimpleNamespace(
        model=SimpleNamespace(release=None), encoder=SimpleNamespace(name="fake")
    )

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    @classmethod
    def build(cls, catalog, *, encoder=None, model=None, image_cache=None, progress=None):
        if progress:
            progress("encode", len(catalog), len(catalog))
        return cls(catalog)

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)

    @classmethod
    def load(cls, folder: Path, *, encoder=None, model=None):
        if not folder.is_dir():
            raise InputError(f"no index at '{folder}'; make one with admatch index")
        return cls(make_catalog())

    def updated(self, catalog, *, image_cache=None, progress=None):
        return FakeIndex(catalog)

    def explain(self, term, product_id):
        title = TITLES["B0SAMPLE01"]
        return Explanation(
            term, product_id, title, Outcome.MATCH, 0.95, 1, 3, 0.8, 1.0, ("oat",), ("milk",),
            "T·1·2·9", "T·1·2·3", 0.0, (product_id, title, 0.95),
        )  # fmt: skip

    def fine_tuned(self, *, progress):
        return self, SimpleNamespace(decoder=None, before=0.5, after=0.5)

    def search(self, queries, k=50, **_):
        ranked = [Match(name, TITLES[name], IDS[name], 0.5, 0.25) for name in IDS]
        return [ranked[:k] for _ in queries]

    def match(self, report, *, k=5, beside=(), progress=None):
        names = ("search_term", "outcome", "probability", "semantic_id")
        terms = [
            dict(zip(names, row, strict=True))
            for row in (
                ("oat milk", "match", 0.97, "T·001·002·009"),
                ("garden hose", "none", 0.02, "T·9·9·9"),
            )
        ]
        products = [
            ("oat milk", 1, "B0SAMPLE01", TITLES["B0SAMPLE01"], IDS["B0SAMPLE01"], 0.9, 0.95),
            ("garden hose", 1, "B0SAMPLE02", TITLES["B0SAMPLE02"], IDS["B0SAMPLE02"], 0.1, 0.02),
        ]
        return Matches(
            report,
            pl.DataFrame(terms, schema=TERMS_SCHEMA),
            pl.DataFrame(products, schema=PRODUCTS_SCHEMA, orient="row"),
            self.catalog,
        )

    def semantic_id(self, product_id):
        return IDS[product_id]

    def neighbours(self, product_id, k=10):
        others = [name for name in IDS if name != product_id]
        return [Neighbour(name, TITLES[name], IDS[name], 2, 0.5) for name in others][:k]


def make_catalog() -> Catalog:
    return Catalog.from_products([Product(name, title) for name, title in TITLES.items()])


@pytest.fixture
def calls(monkeypatch):
    """Fakes stand for the readers and the pipeline; what they were asked is kept here."""
    heard = SimpleNamespace(catalogs=[], reports=[], pairs=[], problems=0)

    def read_catalog(path, columns=None, image_cache=None):
        heard.catalogs.append((Path(path).name, columns, image_cache))
        if not Path(path).exists():
            raise InputError(f"no file at '{path}'; check the path")
        return make_catalog()

    def read_report(paths, columns=None, currency=None, **_):
        heard.reports.append(paths)
        return sample_report(heard.problems)

    def shipped_pair(choice, *texts):
        heard.pairs.append((choice, texts))
        return SimpleNamespace(encoder=SimpleNamespace(name="fake"), model=None)

    pairs = Models(shipped_pair)
    pairs.pair = shipped_pair
    monkeypatch.setattr("admatch.pipeline.models.shipped_models", lambda: pairs)
    monkeypatch.setattr("admatch.pipeline.analyse.read_any_size", read_report)
    monkeypatch.setattr("admatch.reports.aggregate.read_any_size", read_report)
    monkeypatch.setenv("ADMATCH_CACHE", "")
    fakes = {
        "admatch.catalog.reader": SimpleNamespace(read_catalog=read_catalog),
        "admatch.reports.reader": SimpleNamespace(read_report=read_report),
        "admatch.index.index": SimpleNamespace(Index=FakeIndex),
        "admatch.match.universal": SimpleNamespace(
            UniversalModel=SimpleNamespace(load=lambda folder: None)
        ),
    }
    for name, fake in fakes.items():
        monkeypatch.setitem(sys.modules, name, fake)
    return heard


@pytest.fixture
def sample(tmp_path, monkeypatch) -> Path:
    """The files of ``data/sample`` that the verbs name, in a working folder of their own."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "data" / "sample"
    folder.mkdir(parents=True)
    (folder / "catalog.csv").write_text("product_id,title\n")
    (folder / "search_terms.csv").write_text("Customer Search Term\n")
    (folder / "truth.csv").write_text(
        "search_term,kind,product_ids\noat milk,relevant,B0SAMPLE02|B0SAMPLE01\n"
        "garden hose,off_catalog,\n*,star,\n"
    )
    shutil.copy(BULK, folder / "bulk.xlsx")
    monkeypatch.setattr("admatch.pipeline.sample._FOLDERS", (folder,))
    return folder


@pytest.fixture
def run(calls, sample):
    runner = CliRunner()
    return lambda *words: runner.invoke(app, [str(word) for word in words])
