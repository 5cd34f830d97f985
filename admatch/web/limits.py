"""How much an upload may hold: ``Limits``."""

from dataclasses import dataclass

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """The most of everything; a file beyond is refused before it is read.

    ``unpacked`` and ``ratio`` (unpacked over packed bytes) hold for archives, workbooks and
    compressed tables. Real workbooks unpack to 5 to 30 times their size. ``tables`` is how many may
    be in one upload, ``memory`` what reading it may take; two uploads are read at the same time.
    """

    request: int = 320 * MIB
    file: int = 256 * MIB
    files: int = 50
    unpacked: int = 2048 * MIB
    ratio: int = 200
    members: int = 20_000
    sheets: int = 60
    rows: int = 3_000_000
    cells: int = 150_000_000
    picture: int = 20 * MIB
    tables: int = 200
    memory: int = 1200 * MIB
