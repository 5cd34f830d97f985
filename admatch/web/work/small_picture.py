"""A picture of an upload → a small JPEG, in a process that it may exhaust."""

import base64
from pathlib import Path
from typing import Any

from admatch.display.thumbnail import thumbnail
from admatch.progress import Progress
from admatch.tables.atomic import replacing


def small_picture(arguments: dict[str, Any], progress: Progress) -> bool:
    """Write ``picture`` as a JPEG of ``side`` pixels at most to ``small``; False if it is none."""
    data_uri = thumbnail(Path(arguments["picture"]), arguments["side"])
    if data_uri is None:
        return False
    with replacing(Path(arguments["small"])) as draft:
        draft.write_bytes(base64.b64decode(data_uri.partition(",")[2]))
    return True
