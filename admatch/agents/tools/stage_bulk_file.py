"""The tool ``stage_bulk_file``: the one that writes; it uploads and applies nothing."""

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, Field

from admatch.agents.call import Call
from admatch.agents.cells import CellText, Sentence, cell, sentence
from admatch.agents.pages import Answer, Sentences, sentences
from admatch.errors import InputError
from admatch.messages import say

if TYPE_CHECKING:
    from admatch.pipeline.analyse import Analysis
    from admatch.pipeline.results import Written


class StagedFile(BaseModel):
    """A file that was written."""

    path: str = Field(description="Relative to the root.")
    what: Literal["to upload", "undoes it", "manifest of both"]


class KindCount(BaseModel):
    """How many rows of the file do the same."""

    what: CellText
    rows: int


class StageAnswer(Answer):
    """What was written for a person to upload."""

    applied: Literal[False] = Field(
        default=False, description="Always false: nothing in the account was changed."
    )
    files: list[StagedFile]
    rows: int = Field(description="Changes in the file to upload.")
    kinds: list[KindCount]
    refused: Sentences = Field(description="Changes that are not in the file, with the reason.")
    next_step: Sentence


def stage_bulk_file(
    call: Call,
    result: Annotated[str, Field(description="The result of recommend whose set is written.")],
    folder: Annotated[
        str, Field(description="A new folder for the files, relative to the root.", min_length=1)
    ],
) -> StageAnswer:
    """Write the proposed set as an Amazon bulk file, with the file that undoes it.

    Nothing is uploaded or applied, and no file is overwritten. A person uploads it in Amazon's bulk
    operations; until they say so, nothing has changed in the account.
    """
    held = call.results.named(result, "recommend")
    if not held.is_current:
        raise InputError(say("agents.changed", name=held.name))
    analysis: Analysis = held.value
    if analysis.account is None:
        raise InputError(say("agents.no_account"))
    target = call.root.new_folder(folder)
    done = _staged(call, analysis, target)
    upload = done.upload
    assert upload is not None
    file, inverse, manifest = (
        call.root.shown(target / one.name) for one in (upload.file, upload.inverse, upload.manifest)
    )
    files = [
        StagedFile(path=file, what="to upload"),
        StagedFile(path=inverse, what="undoes it"),
        StagedFile(path=manifest, what="manifest of both"),
    ]
    return StageAnswer(
        result=result,
        files=files,
        rows=len(upload.written),
        kinds=_kinds(done),
        refused=sentences([one.message for one in upload.refused]),
        next_step=sentence(say("agents.staged", file=file, inverse=inverse)),
    )


def _staged(call: Call, analysis: "Analysis", target: Path) -> "Written":
    """Write everything or nothing: a folder appears once all of its files are in it."""
    from admatch.pipeline.results import Outputs

    outputs = Outputs(csv=False, parquet=False, html=False, matches=False)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".staging-", dir=target.parent))
    try:
        call.progress("writing", 0, 2)
        done = analysis.write(draft, outputs, sources=analysis.report.sources)
        if done.upload is None:
            raise InputError(say("agents.withheld", why="; ".join(done.withheld)))
        if not done.upload.written:
            raise InputError(say("agents.not_staged"))
        call.progress("writing", 1, 2)  # the last moment at which a cancelled call writes nothing
        draft.chmod(0o755)
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return done


def _kinds(done: "Written") -> list[KindCount]:
    counts: dict[str, int] = {}
    for entry in done.entries:
        one = entry.change
        kind = f"{one.operation.value} {one.entity.value} {one.match_type or ''}".strip().lower()
        counts[kind] = counts.get(kind, 0) + 1
    return [KindCount(what=cell(kind), rows=many) for kind, many in counts.items()]
