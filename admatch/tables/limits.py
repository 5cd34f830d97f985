"""How much one table may hold: what is larger is refused before it is decoded, not after."""

from admatch.errors import InputError
from admatch.messages import say

GIB = 2**30
PACKED_TWICE = 2  # packings, such as .csv.gz.gz, that are taken off
UNPACKED = 4 * GIB  # bytes inside a packed file that is read as a whole
COLUMNS = 4_096  # reports have up to 60, Amazon's templates up to 1,000
CELLS = 150_000_000  # rows by columns, empty cells included, as they take memory too
TEXT = 2 * GIB  # bytes of all cells, where a text that stands once in the file fills many of them
DEPTH = 20  # levels of nested JSON objects that become columns


def check_shape(file: str, rows: int, columns: int) -> None:
    """Raise InputError where a table of so many rows and columns is too large."""
    if columns > COLUMNS:
        raise InputError(say("tables.limits.columns", file=file, n=columns, most=COLUMNS))
    if rows * columns > CELLS:
        raise InputError(
            say("tables.limits.cells", file=file, rows=rows, columns=columns, most=CELLS)
        )


def check_text(file: str, size: int) -> None:
    """Raise InputError where the cells hold so many bytes of text that they are too many."""
    if size > TEXT:
        raise InputError(say("tables.limits.text", file=file, most=TEXT // GIB))


def check_unpacked(file: str, size: int) -> None:
    """Raise InputError where a file unpacks to too many bytes."""
    if size > UNPACKED:
        raise InputError(say("tables.limits.unpacked", file=file, most=UNPACKED // GIB))
