"""A job run night after night: nothing is read, decoded, decided or counted twice."""

import hashlib
import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from admatch.cli.main import app
from admatch.errors import InputError
from admatch.jobs.read import read_job
from admatch.jobs.run import run_job
from admatch.jobs.store.facts import facts_until
from admatch.jobs.store.nights import nights_of
from admatch.jobs.store.parquet import export_parquet, rebuild
from admatch.store.workspace import Workspace

from .conftest import FIRST, CountingEncoder

DAY = date(2026, 2, 1)


def night(shop, day=DAY, text="", **how):
    return run_job(read_job(shop.job(text)), day, models=shop.models, **how)[0]


def files(shop):
    return {
        str(path.relative_to(shop.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (shop.folder / "out").rglob("*")
        if path.is_file()
    }


def test_the_same_day_twice_is_nothing_new_and_the_same_bytes(shop):
    shop.report("a.csv", 0, 20)
    first = night(shop)
    assert first["state"] == "done"
    assert first["rows_added"] == 120
    written = files(shop)
    assert any(name.endswith("recommendations.html") for name in written)
    again = night(shop)
    assert again["state"] == "nothing new"
    assert files(shop) == written
    # where the files were lost they are made again, byte for byte
    for name in written:
        (shop.folder / name).unlink()
    # and what was applied is not forgotten, even where a kill had put it aside
    folder = Path(first["folder"])
    aside = folder.with_name(f".0a1b2c3d.old.{folder.name}")
    aside.mkdir()
    journals = "changes.applied.jsonl", "changes.rolled-back.jsonl"
    for place, name in zip((folder, aside), journals, strict=True):
        (place / name).write_bytes(b"")
    assert night(shop)["state"] == "done"
    assert not aside.exists()
    for name in journals:
        (folder / name).unlink()
    assert files(shop) == written


def test_a_workspace_made_anew_writes_the_same_bytes(shop):
    shop.report("a.csv", 0, 20)
    shop.report("b.csv", 15, 10)
    night(shop)
    written = files(shop)
    (shop.folder / "workspace").rename(shop.folder / "lost")
    (shop.folder / "out").rename(shop.folder / "old")
    assert night(shop)["state"] == "done"
    assert files(shop) == written


def test_only_new_terms_are_encoded(shop):
    shop.report("a.csv", 0, 20)
    assert night(shop)["new_terms"] == 6
    shop.encoder.read.clear()
    shop.terms.append("green tea")
    shop.report("b.csv", 20, 1)
    told = night(shop, DAY + timedelta(1))
    assert told["files_read"] == 1
    assert told["new_terms"] == 1
    assert set(shop.encoder.read) == {"green tea"}


def test_only_changed_products_are_encoded(shop):
    shop.report("a.csv", 0, 20)
    night(shop)
    shop.encoder.read.clear()
    catalog = shop.folder / "catalog.csv"
    catalog.write_text(catalog.read_text().replace("vanilla", "chocolate"))
    assert night(shop)["state"] == "done"
    assert all("chocolate" in text for text in shop.encoder.read)
    assert shop.encoder.read
    workspace = Workspace(shop.folder / "workspace")
    versions = workspace.rows("SELECT product_id, title, semantic_id FROM products ORDER BY title")
    workspace.close()
    # what did not change is kept once, what did in both versions
    titles = ["oat drink chocolate", "oat drink vanilla", "oat milk 1 l", "whole milk 1 l"]
    assert [one["title"] for one in versions] == titles
    assert all(one["semantic_id"].startswith("T·") for one in versions)


def test_restated_days_are_corrected(shop):
    shop.report("a.csv", 0, 20, seed=1)
    night(shop)
    shop.report("b.csv", 10, 15, seed=2)
    told = night(shop)
    assert told["rows_corrected"] == 60
    assert told["rows"] == 25 * 6


def test_as_of_leaves_out_later_days(shop):
    shop.report("a.csv", 0, 20)
    told = night(shop, FIRST + timedelta(9))
    assert told["rows"] == 10 * 6
    assert night(shop)["rows"] == 20 * 6
    assert night(shop, FIRST + timedelta(9))["state"] == "nothing new"


def test_a_dry_run_keeps_nothing(shop):
    shop.report("a.csv", 0, 20)
    assert night(shop, dry=True)["state"] == "would do"
    assert files(shop) == {}
    workspace = Workspace(shop.folder / "workspace")
    with workspace.writing() as transaction:
        assert len(facts_until(transaction, "Shop", None)) == 0
    workspace.close()
    assert not (shop.folder / "workspace" / "accounts").exists()


def test_a_failing_account_does_not_stop_the_others(shop):
    shop.report("a.csv", 0, 20)
    text = (
        '[[account]]\nname = "Second"\nreports = "missing/*.csv"\ncatalog = "catalog.csv"\n'
        "target_acos = 0.3\n"
        '[[account]]\nname = "Third"\nreports = "reports"\ncatalog = "catalog.csv"\n'
        "target_acos = 0.3\n"
    )
    told = run_job(read_job(shop.job(text)), DAY, models=shop.models)
    assert [one["state"] for one in told] == ["done", "failed", "done"]
    assert "matches no file" in told[1]["reason"]
    workspace = Workspace(shop.folder / "workspace")
    with workspace.writing() as transaction:
        kept = nights_of(transaction)
        assert {row["account"] for row in kept if row["reason"]} == {"Second"}
        assert len(kept) == 3
    workspace.close()
    # resumed, only what failed is tried again
    (shop.folder / "missing").mkdir()
    shop.report("../missing/b.csv", 0, 20)
    shop.report("late.csv", 20, 2)
    again = run_job(read_job(shop.job(text)), DAY, models=shop.models, resume=True)
    assert [one["state"] for one in again] == ["nothing new", "done", "nothing new"]


def test_a_broken_file_costs_its_account_nothing_that_was_kept(shop):
    shop.report("a.csv", 0, 20)
    night(shop)
    (shop.folder / "reports" / "z.csv").write_text("no report at all\n1\n")
    told = night(shop)
    assert told["state"] == "failed"
    assert "z.csv" in told["reason"]
    (shop.folder / "reports" / "z.csv").unlink()
    assert night(shop)["state"] == "nothing new"


def test_addresses_are_read_through_fsspec(shop):
    fsspec = pytest.importorskip("fsspec")
    path = shop.report("a.csv", 0, 20)
    store = fsspec.filesystem("memory")
    store.pipe("/drop/a.csv", path.read_bytes())
    path.unlink()
    job = shop.job()
    job.write_text(job.read_text().replace("reports/*.csv", "memory://drop/*.csv"))
    told = run_job(read_job(job), DAY, models=shop.models)[0]
    assert told["state"] == "done", told
    assert told["rows"] == 120


HOLD = """
import sys
from pathlib import Path
from admatch.jobs.store.parquet import export_parquet, rebuild
from admatch.store.workspace import Workspace
held = Workspace(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_workspace_in_use_is_told(shop):
    shop.report("a.csv", 0, 20)
    job = read_job(shop.job())
    command = [sys.executable, "-c", HOLD, str(job.workspace)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        with pytest.raises(InputError, match=f"in use by process {other.pid}"):
            run_job(job, DAY, models=shop.models)
        other.stdin.close()


def test_history_is_read_while_a_job_works(shop):
    shop.report("a.csv", 0, 20)
    night(shop)
    shop.terms.append("green tea")
    shop.report("b.csv", 20, 1)
    words = ["history", str(shop.folder / "job.toml"), "--format", "json"]
    command = [sys.executable, "-c", "from admatch.cli.main import main; main()", *words]
    seen = []

    def look(*_):
        seen.append(subprocess.run(command, capture_output=True, text=True))
        return CountingEncoder.encode_text(shop.encoder, *_)

    shop.encoder.encode_text = look
    assert night(shop, DAY + timedelta(1))["state"] == "done"
    assert len(json.loads(seen[0].stdout)) == 1, seen[0].stderr


def test_a_workspace_rebuilt_from_parquet_goes_on_where_it_was(shop):
    shop.report("a.csv", 0, 20)
    night(shop)
    written = files(shop)
    job = read_job(shop.job())
    workspace = Workspace(job.workspace)
    rows = export_parquet(workspace, shop.folder / "backup")
    with pytest.raises(InputError, match="is not empty"):
        rebuild(workspace, shop.folder / "backup")
    workspace.close()
    assert rows["facts"] == 120
    # an export of before there was anything applied lacks that table
    manifest = shop.folder / "backup" / "manifest.json"
    told = json.loads(manifest.read_text())
    assert told["rows"].pop("applied") == rows.pop("applied") == 0
    manifest.write_text(json.dumps(told | {"schema": 3}))
    (shop.folder / "backup" / "applied.parquet").unlink()
    job.workspace.rename(shop.folder / "lost")
    workspace = Workspace(job.workspace)
    assert rebuild(workspace, shop.folder / "backup") == rows
    workspace.close()
    assert night(shop)["state"] == "nothing new"
    assert files(shop) == written


def test_history_shows_what_was_done(shop):
    shop.report("a.csv", 0, 20)
    night(shop)
    runner = CliRunner()
    told = runner.invoke(app, ["history", str(shop.job()), "--format", "json"])
    (only,) = json.loads(told.stdout)
    assert (only["account"], only["rows"], only["as_of"]) == ("Shop", 120, str(DAY))
    assert "Shop" in runner.invoke(app, ["history", str(shop.job())]).stdout
    wrong = runner.invoke(app, ["history", str(shop.job()), "--account", "x"])
    assert "has no account 'x'" in wrong.stderr
    assert wrong.exit_code == 1


def test_a_night_that_may_lay_out_campaigns_is_done_once(shop):
    shop.report("a.csv", 0, 20)
    wanted = '[account.new_campaigns]\nstructure = "ad-group-a-product"\n'
    plain, asked = night(shop), night(shop, text=wanted)
    assert (plain["state"], asked["state"]) == ("done", "done")
    assert plain["night"] != asked["night"]
    assert night(shop, text=wanted)["state"] == "nothing new"
