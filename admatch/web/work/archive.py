"""Archives in uploads, unpacked only after their sizes are known: bombs are refused."""

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
from admatch.messages import say
from admatch.tables.content import is_packed
from admatch.web.limits import MIB, Limits
from admatch.web.work.file_names import FileNames, days_in, shown_name

_ZIP = b"PK\x03\x04"
PICTURES = {".jpg", ".jpeg", ".png", ".webp", ".gif"}
_TABLES = {
    *(".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".json", ".jsonl", ".ndjson"),
    *(".parquet", ".xml", ".gz", ".zst"),
}
_STEP = 2**20
_SAFE = re.compile(r"^[^\x00-\x1f<>:\"|?*\\/]{1,150}$")


def check_table(file: Path, limits: Limits, names: FileNames) -> None:
    """Raise InputError where a table is larger inside than the limits allow."""
    name = names.of(file)
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
    """Return the members that a zip file's directory lists; raises InputError for a bomb."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise InputError(_damaged(name, error)) from None
    if len(members) > limits.members:
        raise InputError(say("web.archive.members", file=name, n=len(members), most=limits.members))
    if any(member.flag_bits & 1 for member in members):
        raise InputError(say("web.archive.password", file=name))
    _check_size(sum(member.file_size for member in members), file.stat().st_size, name, limits)
    return members


def unpack_files(folder: Path, names: FileNames, limits: Limits) -> list[Path]:
    """Return the tables of an upload; zip files are unpacked, pictures put into ``pictures``."""
    pictures = folder / "pictures"
    tables: list[Path] = []
    for file in sorted((folder / "source").iterdir()):
        if _is_archive(file, limits, names):
            tables += _unpack_tables(file, folder / "unpacked", names)
            _unpack_pictures(file, pictures, names, limits)
            if sum(table.stat().st_size for table in tables) > limits.unpacked:
                most = limits.unpacked // MIB
                raise InputError(say("web.archive.unpacked", file=names.of(file), most=most))
        elif file.suffix.lower() in PICTURES:
            _write_picture(file.read_bytes(), names.of(file), pictures)
        else:
            tables.append(file)
    if not tables:
        raise InputError(say("web.archive.no_table"))
    if len(tables) > limits.tables:
        raise InputError(say("web.archive.tables", n=len(tables), most=limits.tables))
    return tables


def unpack_catalog(folder: Path, names: FileNames, limits: Limits) -> Path:
    """Return the one table of products; raises InputError where there are several."""
    tables = unpack_files(folder, names, limits)
    if len(tables) > 1:
        shown = ", ".join(shorten(names.of(one)) for one in tables[:5])
        raise InputError(say("web.archive.several_tables", n=len(tables), files=shown))
    return tables[0]


def beside_pictures(table: Path, folder: Path) -> Path:
    """Return the table where its pictures are: paths in its cells are relative to its folder."""
    pictures = folder / "pictures"
    if not pictures.is_dir():
        return table
    beside = pictures / table.name
    beside.write_bytes(table.read_bytes())
    return beside


def _is_archive(file: Path, limits: Limits, names: FileNames) -> bool:
    """Return whether a file is a zip file other than a workbook."""
    with file.open("rb") as content:
        if not content.read(4).startswith(_ZIP):
            return False
    members = check_directory(file, names.of(file), limits)
    return not any(one.filename.startswith(("xl/", "/xl/")) for one in members)


def _unpack_tables(file: Path, folder: Path, names: FileNames) -> list[Path]:
    """Return the tables of a zip file, unpacked under names that admatch gives them."""
    tables = []
    with zipfile.ZipFile(file) as archive:
        for number, member in enumerate(_members(archive, _TABLES)):
            folder.mkdir(exist_ok=True)
            suffix = PurePosixPath(member.filename).suffix.lower()
            days = days_in(PurePosixPath(member.filename).name)
            table = folder / f"{file.stem}-{number}{days}{suffix}"
            with table.open("wb") as out:
                for block in _blocks(archive, member, names.of(file)):
                    out.write(block)
            names.shown[table.name] = shown_name(PurePosixPath(member.filename).name)
            tables.append(table)
    return tables


def _unpack_pictures(file: Path, folder: Path, names: FileNames, limits: Limits) -> None:
    """Write the pictures of a zip file where the table's cells name them: relative to the table."""
    with zipfile.ZipFile(file) as archive:
        table = next(iter(_members(archive, _TABLES)), None)
        home = PurePosixPath(table.filename).parent if table else PurePosixPath(".")
        for member in _members(archive, PICTURES):
            if member.file_size > limits.picture:
                continue
            content = b"".join(_blocks(archive, member, names.of(file)))
            path = PurePosixPath(member.filename)
            inside = path.relative_to(home) if path.is_relative_to(home) else path
            _write_picture(content, inside.as_posix(), folder)


def _write_picture(content: bytes, name: str, folder: Path) -> None:
    """Write a picture under its own name, if that is safe and stays in the folder."""
    parts = PurePosixPath(name).parts
    safe = all(_SAFE.fullmatch(part) and not part.startswith(".") for part in parts)
    if not (parts and safe and len(parts) <= 6):
        return
    path = folder.joinpath(*parts)
    if not path.resolve().is_relative_to(folder.resolve()) or path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _members(archive: zipfile.ZipFile, suffixes: set[str]) -> Iterator[zipfile.ZipInfo]:
    for member in archive.infolist():
        path = PurePosixPath(member.filename)
        link = stat.S_ISLNK(member.external_attr >> 16)
        hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
        if not (member.is_dir() or link or hidden) and path.suffix.lower() in suffixes:
            yield member


def _blocks(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> Iterator[bytes]:
    """Yield a member's bytes; zipfile stops at the size that the directory claims."""
    try:
        with archive.open(member) as content:
            while block := content.read(_STEP):
                yield block
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise InputError(_damaged(name, error)) from None


def _damaged(name: str, error: Exception) -> str:
    return say("web.archive.damaged", file=name, why=shorten(str(error), 200))


def _check_workbook(file: Path, name: str, limits: Limits) -> None:
    """Raise InputError for a workbook with too much in it, whatever its directory claims."""
    members = check_directory(file, name, limits)
    sheets = [one for one in members if re.search(r"xl/worksheets/[^/]+\.xml$", one.filename)]
    if len(sheets) > limits.sheets:
        raise InputError(say("web.archive.sheets", file=name, n=len(sheets), most=limits.sheets))
    with file.open("rb") as content:
        total = 0
        for member in members:
            total += _inflated_size(content, member, limits.unpacked - total)
            _check_size(total, file.stat().st_size, name, limits)


def _inflated_size(content: io.BufferedReader, member: zipfile.ZipInfo, most: int) -> int:
    """Return how many bytes a member really unpacks to; counting stops when they are too many."""
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
    """Raise InputError for a gzip or zstd file that unpacks to too much, or to another archive."""
    try:
        with pa.input_stream(str(file), compression=_compression(start)) as stream:
            head = stream.read(8)
            if is_packed(head) or head.startswith(_ZIP):
                raise InputError(say("web.archive.packed_twice", file=name))
            total = rows = 0
            block = head
            while block:
                total, rows = total + len(block), rows + block.count(b"\n")
                _check_size(total, file.stat().st_size, name, limits)
                block = stream.read(_STEP)
    except (OSError, EOFError, pa.ArrowException) as error:
        why = shorten(str(error), 200)
        raise InputError(say("web.archive.cut_off", file=name, why=why)) from None
    _check_count(rows, name, limits)


def _compression(start: bytes) -> str:
    return "gzip" if start.startswith(b"\x1f\x8b") else "zstd"


def _check_parquet(file: Path, name: str, limits: Limits) -> None:
    try:
        metadata = pq.read_metadata(file)
    except (OSError, pa.ArrowException):
        return  # the reader says what is wrong with it
    _check_count(metadata.num_rows, name, limits)
    _check_cells(metadata.num_rows * metadata.num_columns, name, limits)


def _check_rows(content: io.BufferedReader, name: str, limits: Limits) -> None:
    """Raise InputError for a text with too many lines or separators."""
    with content:
        rows = cells = 0
        while block := content.read(_STEP):
            rows += block.count(b"\n")
            cells += block.count(b",") + block.count(b"\t") + block.count(b";")
    _check_count(rows, name, limits)
    _check_cells(cells, name, limits)


def _check_cells(cells: int, name: str, limits: Limits) -> None:
    if cells > limits.cells:
        raise InputError(say("web.archive.cells", file=name, most=limits.cells))


def _check_count(rows: int, name: str, limits: Limits) -> None:
    if rows > limits.rows:
        raise InputError(say("web.archive.rows", file=name, n=rows, most=limits.rows))


def _check_size(unpacked: int, packed: int, name: str, limits: Limits) -> None:
    if unpacked > limits.unpacked or (
        unpacked > 10 * MIB and unpacked > limits.ratio * max(packed, 1)
    ):
        most = min(limits.unpacked, max(limits.ratio * packed, 10 * MIB)) // MIB
        raise InputError(say("web.archive.unpacked", file=name, most=most))
