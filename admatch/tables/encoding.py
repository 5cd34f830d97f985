"""Bytes → text: which encoding a file is written in."""

import codecs
from pathlib import Path

from admatch.errors import InputError, Problem
from admatch.messages import say

_SAMPLE = 1 << 20
_PIECE = 1 << 24
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NAMES = {"cp932": "Shift-JIS", "gb18030": "GB18030", "cp1252": "Windows-1252"}


def decode(path: Path, content: bytes) -> tuple[str, tuple[Problem, ...]]:
    """Return ``content`` as text, with a ``Problem`` where the encoding had to be assumed.

    A byte-order mark decides; otherwise the first that fits of UTF-8, UTF-16 without a mark,
    Shift-JIS (if the letters are Japanese), GB18030 (if Chinese), Windows-1252, Latin-1.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _decode_marked(path, content, encoding)
    if b"\x00" in content[:_SAMPLE] and (wide := _wide(content[:_SAMPLE])):
        return content.decode(wide, errors="replace"), (_assumed(path, wide.upper()),)
    try:
        return content.decode("utf-8"), ()
    except UnicodeDecodeError as error:
        if error.start >= len(content) - 3 and error.start > 0 and error.end == len(content):
            return content[: error.start].decode("utf-8"), (_cut(path),)
    return _decode_unmarked(path, content)


def to_utf8(path: Path, content: bytes) -> tuple[bytes, tuple[Problem, ...]]:
    """Return ``content`` as UTF-8 without a mark, as ``decode`` understands it.

    UTF-8 is only checked: decoding it to write it back would take several times the memory.
    """
    bare = content.removeprefix(codecs.BOM_UTF8)
    if b"\x00" not in bare[:_SAMPLE] and is_utf8(bare):
        return bare, ()
    text, problems = decode(path, content)
    return text.encode("utf-8", "replace"), problems


def is_utf8(content: bytes) -> bool:
    """Return whether all of ``content`` is UTF-8."""
    if content.isascii():
        return True
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(content)
    try:
        for start in range(0, len(content), _PIECE):
            decoder.decode(view[start : start + _PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _decode_marked(path: Path, content: bytes, encoding: str) -> tuple[str, tuple[Problem, ...]]:
    try:
        return content.decode(encoding), ()
    except UnicodeDecodeError as error:
        if error.start >= len(content) - 4:
            return content.decode(encoding, errors="ignore"), (_cut(path),)
        if encoding == "utf-8-sig":
            return _decode_unmarked(path, content.removeprefix(codecs.BOM_UTF8))
        raise InputError(
            say(
                "tables.encoding.mark_contradicts",
                file=path.name,
                encoding=encoding.upper(),
                position=error.start,
            )
        ) from None


def _decode_unmarked(path: Path, content: bytes) -> tuple[str, tuple[Problem, ...]]:
    for encoding in ("cp932", "gb18030", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "cp932" and not _is_japanese(text[:_SAMPLE]):
            continue
        if encoding == "gb18030" and not _is_chinese(content[:_SAMPLE]):
            continue
        return text, (_assumed(path, _NAMES[encoding]),)
    return content.decode("latin-1"), (_assumed(path, "Latin-1"),)


def _wide(sample: bytes) -> str | None:
    """Return the kind of UTF-16 whose Latin letters have zero bytes where ``sample`` has them."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 4 < len(sample) // 2:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _is_japanese(text: str) -> bool:
    letters = [letter for letter in text if letter > "\x7f"]
    kana = sum("ぁ" <= letter <= "ヿ" for letter in letters)
    others = sum("一" <= letter <= "鿿" or "！" <= letter <= "～" for letter in letters)
    # half-width katakana are left out: Windows-1252 letters decode to them one by one
    return kana * 20 >= len(letters) and (kana + others) * 10 >= len(letters) * 8


def _is_chinese(sample: bytes) -> bool:
    """Return whether the bytes above 127 come in pairs, as in GB2312; Western ones stand alone."""
    high = sum(byte >= 0xA1 for byte in sample)
    paired, at = 0, 0
    while at < len(sample) - 1:
        if sample[at] >= 0xA1 and sample[at + 1] >= 0xA1:
            paired, at = paired + 2, at + 1
        at += 1
    return paired * 10 >= high * 8 > 0


def _assumed(path: Path, name: str) -> Problem:
    what = say("tables.encoding.assumed", encoding=name)
    return Problem(path, what, say("tables.encoding.check_letters"))


def _cut(path: Path) -> Problem:
    return Problem(path, say("tables.encoding.cut"), say("tables.encoding.download_again"))
