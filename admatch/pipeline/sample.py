"""Where the sample data are: an invented grocery shop with an invented advertising account."""

from pathlib import Path

from admatch.errors import MissingDependencyError

_PACKAGE = Path(__file__).resolve().parents[1]
_PLACES = (_PACKAGE / "sample", _PACKAGE.parent / "data" / "sample")  # a wheel, a checkout


def sample_folder() -> Path:
    """Return the folder of ``catalog.csv``, ``search_terms.csv`` and ``truth.csv``.

    Raises MissingDependencyError where this installation came without it.
    """
    for place in _PLACES:
        if (place / "catalog.csv").is_file():
            return place
    raise MissingDependencyError(
        "the sample data did not come with this installation; "
        "install admatch again from a complete checkout or wheel"
    )
