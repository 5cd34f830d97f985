"""What is packed into uploads, taken out only after its sizes are known: bombs are refused."""

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pyarrow as pa
import pyarrow.parquet as pq

from admatch.errors import InputError, shorten
from admatch.tables.content import is_packed
from admatch.web.limits import MIB, Limits
from admatch.web.work.kept import Names

_ZIP = b"PK\x03\x04"
_PICTURES = {".jpg", ".jpeg", ".png", ".webp", ".gif"}
_TABLES = {
    *(".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".json", ".jsonl", ".ndjson"),
    *(".parquet", ".xml", ".gz", ".zst"),
}
_STEP = 2**20
_SAFE = re.compile(r"^[^\x00-\x1f<>:\"|?*\\/]{1,150}$")


def guard(file: Path, limits: Limits, names: Names) -> None:
    """Raise InputError where a table is larger inside than the limits let it be."""
    name = names.in_path(file).name
    with file.open("rb") as content:
        start = content.read(8)
    if start.startswith(_ZIP):
        _check_workbook(file, name, limits)
    elif is_packed(start):
        _check_packed(file, start, name, limits)
    elif start.startswith(b"PAR1"):
        _check_parquet(file, name, limits)
    else:
        _check_rows(file.open("rb"), name, limits)


def check_directory(file: Path, name: str, limits: Limits) -> list[zipfile.ZipInfo]:
    """Return a zip file's members as its directory tells them; raises InputError for a bomb."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise InputError(f"{name}: the zip file is damaged ({error}); make it again") from None
    if len(members) > limits.members:
        raise InputError(
            f"{name}: {len(members):,} files are packed in it; {limits.members:,} is the most"
        )
    if any(member.flag_bits & 1 for member in members):
        raise InputError(f"{name}: it is protected by a password; pack it without one")
    _check_size(sum(member.file_size for member in members), file.stat().st_size, name, limits)
    return members


def unpack_reports(folder: Path, names: Names, limits: Limits) -> list[Path]:
    """Return the tables of an upload; those in zip files are taken out of them."""
    found: list[Path] = []
    for file in sorted((folder / "source").iterdir()):
        if not _is_archive(file, limits, names):
            found.append(file)
            continue
        found += _unpack_tables(file, folder / "unpacked", names, limits)
    if not found:
        raise InputError("there is no table in this upload; add a report as CSV, XLSX or JSON")
    return found


def unpack_catalog(folder: Path, names: Names, limits: Limits) -> Path:
    """Return the table of products, its pictures beside it where its cells say they are."""
    shelf = folder / "pictures"
    tables: list[Path] = []
    for file in sorted((folder / "source").iterdir()):
        if _is_archive(file, limits, names):
            tables += _unpack_tables(file, folder / "unpacked", names, limits)
            _unpack_pictures(file, shelf, names, limits)
        elif file.suffix.lower() in _PICTURES:
            _put_picture(file.read_bytes(), names.in_path(file).name, shelf)
        else:
            tables.append(file)
    if len(tables) != 1:
        found = ", ".join(shorten(names.in_path(one).name) for one in tables[:5]) or "none"
        raise InputError(
            f"a catalog is one table of products with its pictures, and here are {len(tables)} "
            f"tables ({found}); upload one"
        )
    if not shelf.is_dir():
        return tables[0]
    beside = shelf / tables[0].name  # paths in the table are relative to where it lies
    beside.write_bytes(tables[0].read_bytes())
    return beside


def _is_archive(file: Path, limits: Limits, names: Names) -> bool:
    """Tell whether a file is a zip file that is no workbook."""
    with file.open("rb") as content:
        if not content.read(4).startswith(_ZIP):
            return False
    members = check_directory(file, names.in_path(file).name, limits)
    return not any(one.filename.startswith(("xl/", "/xl/")) for one in members)


def _unpack_tables(file: Path, shelf: Path, names: Names, limits: Limits) -> list[Path]:
    """Return the tables in a zip file, under names that admatch gives them."""
    found = []
    with zipfile.ZipFile(file) as archive:
        for number, member in enumerate(_wanted(archive, _TABLES)):
            shelf.mkdir(exist_ok=True)
            suffix = PurePosixPath(member.filename).suffix.lower()
            place = shelf / f"{file.stem}-{number}{suffix}"
            with place.open("wb") as out:
                for block in _blocks(archive, member, names.in_path(file).name):
                    out.write(block)
            names.told[place.name] = shown_name(PurePosixPath(member.filename).name)
            found.append(place)
    return found


def _unpack_pictures(file: Path, shelf: Path, names: Names, limits: Limits) -> None:
    """Write the pictures in a zip file where the table's cells name them: relative to it."""
    with zipfile.ZipFile(file) as archive:
        table = next(iter(_wanted(archive, _TABLES)), None)
        home = PurePosixPath(table.filename).parent if table else PurePosixPath(".")
        for member in _wanted(archive, _PICTURES):
            if member.file_size > limits.picture:
                continue
            content = b"".join(_blocks(archive, member, names.in_path(file).name))
            path = PurePosixPath(member.filename)
            inside = path.relative_to(home) if path.is_relative_to(home) else path
            _put_picture(content, inside.as_posix(), shelf)


def _put_picture(content: bytes, name: str, shelf: Path) -> None:
    """Write a picture under a name of its own choosing, if that stays on the shelf."""
    parts = PurePosixPath(name).parts
    safe = all(_SAFE.fullmatch(part) and not part.startswith(".") for part in parts)
    if not (parts and safe and len(parts) <= 6):
        return
    place = shelf.joinpath(*parts)
    if not place.resolve().is_relative_to(shelf.resolve()) or place.exists():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)


def shown_name(name: str) -> str:
    """Return a file's name as it may be shown: one line, no more than 100 letters."""
    plain = re.sub(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\\/]", "", name).strip()
    return shorten(plain, 100) or "file"


def _wanted(archive: zipfile.ZipFile, suffixes: set[str]) -> Iterator[zipfile.ZipInfo]:
    for member in archive.infolist():
        path = PurePosixPath(member.filename)
        link = stat.S_ISLNK(member.external_attr >> 16)
        hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
        if not (member.is_dir() or link or hidden) and path.suffix.lower() in suffixes:
            yield member


def _blocks(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> Iterator[bytes]:
    """Yield a member's bytes; zipfile stops at the size that the directory tells."""
    try:
        with archive.open(member) as content:
            while block := content.read(_STEP):
                yield block
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise InputError(f"{name}: the zip file is damaged ({error}); make it again") from None


def _check_workbook(file: Path, name: str, limits: Limits) -> None:
    """Raise InputError for a workbook with too much in it, whatever its directory claims."""
    members = check_directory(file, name, limits)
    sheets = [one for one in members if re.search(r"xl/worksheets/[^/]+\.xml$", one.filename)]
    if len(sheets) > limits.sheets:
        raise InputError(f"{name}: it has {len(sheets)} sheets; {limits.sheets} is the most")
    with file.open("rb") as content:
        total = 0
        for member in members:
            counted = _inflated(content, member, limits.unpacked - total)
            total += counted
            _check_size(total, file.stat().st_size, name, limits)


def _inflated(content: io.BufferedReader, member: zipfile.ZipInfo, most: int) -> int:
    """Return how many bytes a member really unpacks to, counted until they are too many."""
    if member.compress_type != zipfile.ZIP_DEFLATED:
        return member.file_size
    content.seek(member.header_offset + 26)
    lengths = content.read(4)
    content.seek(int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little"), 1)
    engine, left, total = zlib.decompressobj(-15), member.compress_size, 0
    while left > 0 and not engine.eof and total <= most:
        block = content.read(min(_STEP, left))
        if not block:
            break
        left -= len(block)
        while block and total <= most:
            try:
                total += len(engine.decompress(block, _STEP))
            except zlib.error:
                return total
            block = engine.unconsumed_tail
    return total


def _check_packed(file: Path, start: bytes, name: str, limits: Limits) -> None:
    """Raise InputError for a table in gzip or zstd that unpacks to too much, or to another."""
    try:
        with pa.input_stream(str(file), compression=_packing(start)) as stream:
            head = stream.read(8)
            if is_packed(head) or head.startswith(_ZIP):
                raise InputError(f"{name}: it is packed twice; pack it once")
            total = rows = 0
            block = head
            while block:
                total, rows = total + len(block), rows + block.count(b"\n")
                _check_size(total, file.stat().st_size, name, limits)
                block = stream.read(_STEP)
    except (OSError, EOFError, pa.ArrowException) as error:
        raise InputError(
            f"{name}: the compressed file is damaged or cut off ({error}); download it again"
        ) from None
    _check_count(rows, name, limits)


def _packing(start: bytes) -> str:
    return "gzip" if start.startswith(b"\x1f\x8b") else "zstd"


def _check_parquet(file: Path, name: str, limits: Limits) -> None:
    try:
        told = pq.read_metadata(file)
    except (OSError, pa.ArrowException):
        return  # the reader says what is wrong with it
    _check_count(told.num_rows, name, limits)
    if told.num_rows * told.num_columns > limits.cells:
        raise InputError(f"{name}: it has too many cells; {limits.cells:,} is the most")


def _check_rows(content: io.BufferedReader, name: str, limits: Limits) -> None:
    """Raise InputError for a text with too many lines or separators."""
    with content:
        rows = cells = 0
        while block := content.read(_STEP):
            rows += block.count(b"\n")
            cells += block.count(b",") + block.count(b"\t") + block.count(b";")
    _check_count(rows, name, limits)
    if cells > limits.cells:
        raise InputError(f"{name}: it has too many cells; {limits.cells:,} is the most")


def _check_count(rows: int, name: str, limits: Limits) -> None:
    if rows > limits.rows:
        raise InputError(
            f"{name}: it has {rows:,} rows; {limits.rows:,} is the most: split it by month"
        )


def _check_size(unpacked: int, packed: int, name: str, limits: Limits) -> None:
    if unpacked > limits.unpacked or (
        unpacked > 10 * MIB and unpacked > limits.ratio * max(packed, 1)
    ):
        most = min(limits.unpacked, max(limits.ratio * packed, 10 * MIB)) // MIB
        raise InputError(
            f"{name}: it unpacks to more than {most:,} MiB, which no report does; export it again"
        )
