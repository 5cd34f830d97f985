"""Pages from templates: ``templates``."""

from datetime import date
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from admatch.display.money import money, percent


def templates(folder: Path) -> Environment:
    """Return a folder's templates, with filters for amounts, shares, counts and days.

    Everything they print is escaped, unless it is markup already.
    """
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "money": money,
        "percent": percent,
        "counted": "{:,}".format,
        "day": _day,
    }
    return environment


def _day(when: date) -> str:
    return f"{when.day} {when:%b %Y}"
