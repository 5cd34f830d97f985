"""Cells of LibreOffice's workbooks that lost their content → the same as texts.

An error is marked as such and may show 0; a formula that was never computed has no type at all.
Either would be read as an empty cell or as 0.
"""

import re

# No pattern may look at the rest of the sheet from every place in it: an inside ends at any cell.
_CELL = re.compile(
    rb'<table:table-cell\b((?:[^<>"/]|"[^<"]*")*+)'
    rb"(?:/>|>((?:[^<]|<(?!/?table:table-cell\b))*+)</table:table-cell>)"
)
_FORMULA = re.compile(rb'\stable:formula="(?:of:)?([^"]*)"')
_REPEATED = re.compile(rb'\stable:number-columns-repeated="\d+"')
_TEXT = re.compile(rb"<text:p\b[^<>]*>([^<]+)<")
_ERROR = b':value-type="error"'


def with_ods_damage_as_text(content: bytes) -> bytes:
    """Return the XML of an .ods file with damaged cells as texts; the same object without any."""
    if _ERROR not in content and b"table:formula=" not in content:
        return content
    new = _CELL.sub(_mended, content)
    return content if new == content else new


def _mended(found: "re.Match[bytes]") -> bytes:
    attributes, inside = found[1], found[2] or b""
    formula = _FORMULA.search(attributes)
    if _ERROR in attributes:
        shown = _TEXT.search(inside)
        text = shown[1] if shown is not None else b"#N/A"
    elif formula is not None and b"office:value-type=" not in attributes:
        text = formula[1]
    else:
        return found[0]
    repeated = _REPEATED.search(attributes)
    kept = repeated[0] if repeated is not None else b""
    return (
        b'<table:table-cell office:value-type="string"%s><text:p>%s</text:p></table:table-cell>'
        % (kept, text)
    )
