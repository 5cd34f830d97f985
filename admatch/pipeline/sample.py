"""Where the sample data are, an invented shop with its account: ``sample_folder``."""

from pathlib import Path

from admatch.errors import MissingDependencyError
from admatch.messages import say

_PACKAGE = Path(__file__).resolve().parents[1]
_FOLDERS = (_PACKAGE / "sample", _PACKAGE.parent / "data" / "sample")  # a wheel, a checkout


def sample_folder() -> Path:
    """Return the folder of ``catalog.csv``, ``search_terms.csv`` and ``truth.csv``.

    Raises MissingDependencyError if this installation lacks it.
    """
    for folder in _FOLDERS:
        if (folder / "catalog.csv").is_file():
            return folder
    raise MissingDependencyError(say("pipeline.sample.missing"))
