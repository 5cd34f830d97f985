"""Command line, page, job and notebook come to the same decisions and the same totals."""

import io
import shutil
import time
import zipfile
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from fastapi.testclient import TestClient
from polars.testing import assert_frame_equal
from typer.testing import CliRunner

import admatch as am
from admatch.cli.main import app
from admatch.web.app import create_app
from admatch.web.server import ServerSettings

pytestmark = pytest.mark.long

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
FILES = {name: SAMPLE / name for name in ("search_terms.csv", "catalog.csv", "bulk.xlsx")}
KEY = ["campaign", "ad_group", "search_term", "targeting", "match_type"]
DECIDED = [*KEY, "action", "chosen", "reason", "clicks", "spend", "cvr", "chance", "new_bid"]
AMOUNTS = ["spend_freed", "sales_at_risk", "gain", "target_acos", "margin"]
TOTALS = ["spend_before", "sales_before", "spend_after", "sales_after", "changes"]
GAINS = ["profit_gain", "contribution_gain"]

# One unusual option each, as every door takes it.
CASES = {
    "plain": ({}, True),
    "without account": ({}, False),
    "margin": ({"margin": 0.45}, True),
    "own targets": (
        {
            "targets": {"SP | Drinks | Auto": 0.2, "SP | Dairy | Auto": 0.4},
            "margins": {"SP | Drinks | Auto": 0.45},
        },
        True,
    ),
    "rho": ({"rho": 0.3}, True),
    "guard-rails": ({"guard_rails": {"sales_at_risk": 0.005, "step": 0.1}}, True),
    "protected words": ({"protect": ["avocado", "air fryer"]}, False),
    "few changes": ({"most_changes": 7}, True),
    "window and seed": ({"window_days": 14, "seed": 11}, False),
}


# Each takes half a minute: the others are run with the long campaigns.
QUICK = ("guard-rails", "window and seed")


def _cases():
    slow = pytest.mark.slow
    return [pytest.param(one, marks=() if one in QUICK else slow, id=one) for one in CASES]


def notebook(options, account, folder):
    rails = am.GuardRails(**options.get("guard_rails", {}))
    given = options | {"guard_rails": rails, "protect": tuple(options.get("protect", ()))}
    analysis = am.analyse(
        FILES["search_terms.csv"], FILES["catalog.csv"], FILES["bulk.xlsx"] if account else None,
        am.AnalysisOptions(target_acos=0.3, **given), cache=am.FolderCache(),
    )  # fmt: skip
    written = analysis.write(folder, am.Outputs(html=False, matches=False))
    return analysis.advice.frame, analysis.advice.totals.to_dicts(), written.upload


def command_line(options, account, folder):
    flags = {"window_days": "window"}
    words = ["--target-acos", "0.3", "--catalog", FILES["catalog.csv"], "--out", folder]
    for name, value in options.items():
        if name in ("targets", "margins"):
            for part, share in value.items():
                words += [{"targets": "--target", "margins": "--margin-of"}[name]]
                words += [f"{part}={share * 100:g}%"]
        elif name == "guard_rails":
            for rail, figure in value.items():
                words += ["--guard-rail", f"{rail}={figure}"]
        else:
            for one in value if isinstance(value, list) else [value]:
                words += [f"--{flags.get(name, name).replace('_', '-')}", one]
    words += ["--account", FILES["bulk.xlsx"]] if account else []
    done = CliRunner().invoke(app, ["recommend", str(FILES["search_terms.csv"]), *map(str, words)])
    assert done.exit_code == 0, done.stderr
    return pl.read_parquet(folder / "recommendations.parquet"), done.stdout


def job(options, account, folder):
    folder.mkdir()
    lines = ["[[account]]", 'name = "Shop"', "target_acos = 0.3", "outputs.html = false"]
    for name, path in FILES.items():
        shutil.copy(path, folder / name)
    shutil.copytree(SAMPLE / "images", folder / "images")
    lines += ['reports = ["search_terms.csv"]', 'catalog = "catalog.csv"', "outputs.bids = false"]
    lines += ['account = "bulk.xlsx"'] if account else []
    for name, value in options.items():
        if isinstance(value, dict):
            lines += [f'{name}."{rail}" = {figure}' for rail, figure in value.items()]
        else:
            lines.append(f"{name} = {value!r}".replace("'", '"'))
    (folder / "job.toml").write_text("\n".join(lines) + "\n")
    (done,) = am.run_job(am.read_job(folder / "job.toml"), date(2026, 11, 30))
    assert done["state"] == "done", done
    frame = pl.read_parquet(Path(done["folder"]) / "recommendations.parquet")
    return frame, done["totals"], done["to_upload"]


class Page:
    """A server with the sample's files uploaded."""

    def __init__(self, client):
        self.client = client
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.write(FILES["catalog.csv"], "catalog.csv")
            for picture in sorted((SAMPLE / "images").iterdir()):
                archive.write(picture, f"images/{picture.name}")
        self.catalog = self._made("/catalogs", [("file", ("catalog.zip", packed.getvalue()))])
        names = ["search_terms.csv"], ["search_terms.csv", "bulk.xlsx"]
        self.reports = [
            self._made("/reports", [("files", (one, FILES[one].read_bytes())) for one in some])
            for some in names
        ]

    def _made(self, path, files):
        made = self.client.post(f"/api/v1{path}", files=files)
        assert made.status_code < 300, made.text
        return made.json()["id"]

    def __call__(self, options, account):
        asked = {
            "catalog_id": self.catalog,
            "report_id": self.reports[account],
            "settings": {"target_acos": 0.3} | options,
        }
        run = self.client.post("/api/v1/runs", json=asked).json()
        until = time.monotonic() + 300
        while run["state"] in ("queued", "running"):
            assert time.monotonic() < until, run
            time.sleep(0.1)
            run = self.client.get(f"/api/v1/runs/{run['id']}").json()
        assert run["state"] == "done", run
        address = f"/api/v1/runs/{run['id']}"
        results = self.client.get(f"{address}/results").json()
        file = self.client.get(f"{address}/downloads/recommendations.parquet")
        changes = self.client.get(f"{address}/changes").json() if account else None
        return pl.read_parquet(file.content), results["currencies"], changes


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    """What one door computed of the sample, the next one need not compute again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ADMATCH_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workspace")
    with TestClient(create_app(folder, ServerSettings(hosts=(), warm=False, workers=1))) as client:
        yield Page(client)


def decided(frame):
    return frame.select(*DECIDED, pl.col(AMOUNTS).round(2)).sort(KEY, nulls_last=True)


def cents(total):
    gains = [total[name] and round(total[name], 2) for name in GAINS]
    return [round(total[name], 2) for name in TOTALS] + gains


@pytest.mark.parametrize("case", _cases())
def test_four_doors_one_answer(case, page, tmp_path):
    options, account = CASES[case]
    frame, totals, upload = notebook(options, account, tmp_path / "notebook")
    printed_frame, printed = command_line(options, account, tmp_path / "cli")
    night_frame, night_totals, night_rows = job(options, account, tmp_path / "job")
    page_frame, currencies, changes = page(options, account)

    for other in (printed_frame, night_frame, page_frame):
        assert_frame_equal(decided(other), decided(frame), check_exact=False, abs_tol=1e-9)
    assert [cents(one) for one in night_totals] == [cents(one) for one in totals]
    assert [cents(one["expected"]) for one in currencies] == [cents(one) for one in totals]
    assert f"{totals[0]['changes']} changes" in printed
    if account:
        rows = len(upload.written)
        assert rows == night_rows == changes["written"]
        book = pl.read_excel(tmp_path / "cli" / "changes.xlsx", sheet_id=1)
        assert book.height == rows
