"""Files that arrive: counted, hashed, and put where only admatch chose the names."""

import hashlib
import re
import shutil
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from starlette.datastructures import UploadFile

from admatch.web.problems import ProblemError
from admatch.web.server import Server, new_id
from admatch.web.store.uploads import Kind, add_upload

_STEP = 2**20
_SUFFIX = re.compile(r"^\.[a-z0-9]{1,8}$")
_UNFIT = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
_PACKINGS = (".gz", ".zst")


def shown_name(name: str | None) -> str:
    """Return a file's name as it may be shown: no folders, one line, at most 100 letters."""
    last = PurePosixPath((name or "").replace("\\", "/")).name
    plain = " ".join(_UNFIT.sub("", last).split())
    return plain[:100] or "file"


def accept_upload(
    server: Server,
    account_id: str,
    kind: Kind,
    files: Sequence[UploadFile],
    options: dict[str, Any] | None = None,
) -> str:
    """Put the files into the workspace and queue their reading; return the upload's id.

    Raises 413 for too large or too many files, 422 for none or an empty one.
    """
    if not files:
        raise ProblemError(422, "no file was sent; choose at least one")
    if len(files) > server.limits.files:
        raise ProblemError(
            413, f"at most {server.limits.files} files at once; pack them into a zip"
        )
    upload_id = new_id()
    draft = server.incoming / upload_id / "source"
    draft.mkdir(parents=True)
    try:
        told = [
            _put(server, file, number, draft) | {"options": options or {}}
            for number, file in enumerate(files)
        ]
        return _filed(server, account_id, kind, upload_id, draft.parent, told)
    finally:
        shutil.rmtree(draft.parent, ignore_errors=True)


def accept_local(
    server: Server,
    account_id: str,
    kind: Kind,
    files: Sequence[Path],
    pictures: Path | None = None,
) -> str:
    """Do the same with files that ship with admatch; return the upload's id."""
    upload_id = new_id()
    draft = server.incoming / upload_id
    (draft / "source").mkdir(parents=True)
    told = []
    for number, file in enumerate(files):
        content = file.read_bytes()
        kept = _kept_name(number, hashlib.sha256(content).hexdigest(), file.name)
        (draft / "source" / kept).write_bytes(content)
        told.append({"kept": kept, "name": file.name, "bytes": len(content)})
    if pictures is not None:
        shutil.copytree(pictures, draft / "pictures" / pictures.name)
    return _filed(server, account_id, kind, upload_id, draft, told)


def _filed(
    server: Server,
    account_id: str,
    kind: Kind,
    upload_id: str,
    draft: Path,
    told: list[dict[str, Any]],
) -> str:
    place = server.workspace.place(account_id, upload_id)
    place.parent.mkdir(parents=True, exist_ok=True)
    draft.rename(place)
    name = told[0]["name"] + (f" + {len(told) - 1}" if len(told) > 1 else "")
    add_upload(server.workspace, upload_id, account_id, kind, name, told)
    server.reading.look()
    return upload_id


def _put(server: Server, file: UploadFile, number: int, folder: Path) -> dict[str, Any]:
    """Write one file; return its name here, its name there, its hash and size."""
    digest, size = hashlib.sha256(), 0
    draft = folder / f"{number}.part"
    name = shown_name(file.filename)
    with draft.open("wb") as out:
        while block := file.file.read(_STEP):
            size += len(block)
            if size > server.limits.file:
                most = server.limits.file // 2**20
                raise ProblemError(413, f"{name}: a file has at most {most} MiB; split it by month")
            digest.update(block)
            out.write(block)
    if not size:
        raise ProblemError(422, f"{name}: the file is empty; download it again")
    kept = _kept_name(number, digest.hexdigest(), name)
    draft.rename(folder / kept)
    return {"kept": kept, "name": name, "bytes": size, "sha256": digest.hexdigest()}


def _kept_name(number: int, digest: str, name: str) -> str:
    """Return a name made of the content's hash; of the owner's only a plain suffix is left."""
    suffixes = [one.lower() for one in PurePosixPath(name).suffixes[-2:]]
    kept = suffixes if suffixes and suffixes[-1] in _PACKINGS else suffixes[-1:]
    plain = "".join(one for one in kept if _SUFFIX.fullmatch(one))
    return f"{number:03d}-{digest[:20]}{plain}"
