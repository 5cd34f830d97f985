"""A simulation as files in Amazon's formats: ``write_simulation``."""

import json
from dataclasses import asdict
from pathlib import Path

import polars as pl

from admatch.messages import say
from admatch.simulate.bulk import write_bulk_xlsx
from admatch.simulate.console import write_console_csv
from admatch.simulate.simulation import Simulation
from admatch.tables.atomic import replacing

WRITTEN = {  # what each file holds
    "search_terms.csv": say("simulate.files.search_terms"),
    "search_terms_daily.csv": say("simulate.files.daily"),
    "advertised_products.csv": say("simulate.files.advertised_products"),
    "purchased_products.csv": say("simulate.files.purchased_products"),
    "bulk.xlsx": say("simulate.files.bulk"),
    "future/search_terms.csv": say("simulate.files.future"),
    "future/search_terms_daily.csv": say("simulate.files.future_daily"),
    "truth.csv": say("simulate.files.truth"),
    "assumptions.json": say("simulate.files.assumptions"),
}


def write_simulation(simulation: Simulation, folder: Path, settings: dict[str, object]) -> None:
    """Write the files of ``WRITTEN`` into ``folder``; ``settings`` go beside the assumptions.

    Other files in the folder stay.
    """
    history, future = simulation.history, simulation.future
    (folder / "future").mkdir(parents=True, exist_ok=True)
    write_console_csv(history.summary, folder / "search_terms.csv")
    write_console_csv(history.daily, folder / "search_terms_daily.csv")
    write_console_csv(history.advertised, folder / "advertised_products.csv")
    write_console_csv(history.purchased, folder / "purchased_products.csv")
    write_bulk_xlsx(simulation.bulk, folder / "bulk.xlsx")
    write_console_csv(future.summary, folder / "future" / "search_terms.csv")
    write_console_csv(future.daily, folder / "future" / "search_terms_daily.csv")
    _write_text(folder / "truth.csv", _flat(simulation.truth).write_csv(float_precision=6))
    content = {"settings": settings, "assumptions": asdict(simulation.assumptions)}
    _write_text(
        folder / "assumptions.json", json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    )


def _flat(truth: pl.DataFrame) -> pl.DataFrame:
    return truth.with_columns(pl.col("product_ids").list.join("|"))


def _write_text(path: Path, text: str) -> None:
    with replacing(path) as draft:
        draft.write_text(text, encoding="utf-8", newline="")
