"""Files that arrive: counted, hashed, and stored under names that only admatch chose."""

import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from starlette.datastructures import UploadFile

from admatch.messages import say
from admatch.web.limits import MIB
from admatch.web.problems import ProblemError
from admatch.web.server import Server, new_id
from admatch.web.store.uploads import Kind, add_upload
from admatch.web.work.file_names import days_in, shown_name

_STEP = 2**20
_SUFFIX = re.compile(r"^\.[a-z0-9]{1,8}$")
_COMPRESSIONS = (".gz", ".zst")


def accept_upload(
    server: Server,
    account_id: str,
    kind: Kind,
    files: Sequence[UploadFile],
    options: dict[str, Any] | None = None,
    earlier: "Sequence[Earlier]" = (),
) -> str:
    """Store the files in the workspace and queue their reading; return the upload's id.

    ``earlier`` files of another upload come along; one that is sent again counts once. Raises 413
    for too large or too many files, 422 for none or an empty one.
    """
    if not files and not earlier:
        raise ProblemError(422, say("web.upload.no_file"))
    if len(files) + len(earlier) > server.limits.files:
        raise ProblemError(413, say("web.upload.too_many_files", most=server.limits.files))
    upload_id = new_id()
    draft = server.incoming / upload_id / "source"
    draft.mkdir(parents=True)
    try:
        stored = [_link(one, draft) for one in earlier]
        first = max((int(one["kept"][:3]) + 1 for one in stored), default=0)
        for number, file in enumerate(files, start=first):
            new = _store(server, file, number, draft)
            if new["sha256"] in {one.get("sha256") for one in stored}:
                (draft / new["kept"]).unlink()
            else:
                stored.append(new)
        held = _for_files(options or {}, {one["kept"] for one in stored})
        stored = [one | {"options": held} for one in stored]
        return _add(server, account_id, kind, upload_id, draft.parent, stored)
    finally:
        shutil.rmtree(draft.parent, ignore_errors=True)


def _for_files(options: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """Return the options without columns of files that are not among these."""
    columns = {name: one for name, one in options.get("columns", {}).items() if name in names}
    return options | ({"columns": columns} if "columns" in options else {})


@dataclass(frozen=True, slots=True)
class Earlier:
    """A file of another upload: where it lies, and what is known of it."""

    path: Path
    facts: dict[str, Any]


def _link(file: Earlier, folder: Path) -> dict[str, Any]:
    """Put a file of another upload into a folder, without a copy where the disk allows it."""
    target = folder / file.facts["kept"]
    try:
        os.link(file.path, target)
    except OSError:
        shutil.copyfile(file.path, target)
    return file.facts


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
    stored = []
    for number, file in enumerate(files):
        content = file.read_bytes()
        name = _stored_name(number, hashlib.sha256(content).hexdigest(), file.name)
        (draft / "source" / name).write_bytes(content)
        stored.append({"kept": name, "name": file.name, "bytes": len(content)})
    if pictures is not None:
        shutil.copytree(pictures, draft / "pictures" / pictures.name)
    return _add(server, account_id, kind, upload_id, draft, stored)


def _add(
    server: Server,
    account_id: str,
    kind: Kind,
    upload_id: str,
    draft: Path,
    files: list[dict[str, Any]],
) -> str:
    """Move complete files to their folder, and queue their reading."""
    folder = server.workspace.path(account_id, upload_id)
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft.rename(folder)
    name = files[0]["name"] + (f" + {len(files) - 1}" if len(files) > 1 else "")
    add_upload(server.workspace, upload_id, account_id, kind, name, files)
    server.reading.look()
    return upload_id


def _store(server: Server, file: UploadFile, number: int, folder: Path) -> dict[str, Any]:
    """Write one file; return its stored name, its owner's name for it, its size and hash."""
    digest, size = hashlib.sha256(), 0
    draft = folder / f"{number}.part"
    name = shown_name(file.filename)
    with draft.open("wb") as out:
        for block in blocks_of(server, file):
            size += len(block)
            digest.update(block)
            out.write(block)
    if not size:
        raise ProblemError(422, say("web.upload.empty", file=name))
    stored = _stored_name(number, digest.hexdigest(), name)
    draft.rename(folder / stored)
    return {"kept": stored, "name": name, "bytes": size, "sha256": digest.hexdigest()}


def blocks_of(server: Server, file: UploadFile) -> Iterator[bytes]:
    """Yield what a file holds; raises 413 where that is more than a file may hold."""
    size = 0
    while block := file.file.read(_STEP):
        size += len(block)
        if size > server.limits.file:
            name, most = shown_name(file.filename), server.limits.file // MIB
            raise ProblemError(413, say("web.upload.file_too_large", file=name, most=most))
        yield block


def _stored_name(number: int, digest: str, name: str) -> str:
    """Return a name made of the content's hash; a plain suffix and a bulk file's days are left."""
    suffixes = [one.lower() for one in PurePosixPath(name).suffixes[-2:]]
    last = suffixes if suffixes and suffixes[-1] in _COMPRESSIONS else suffixes[-1:]
    plain = "".join(one for one in last if _SUFFIX.fullmatch(one))
    return f"{number:03d}-{digest[:20]}{days_in(name)}{plain}"
