"""Which shards of a plan stand in a folder already, and the manifest once all do."""

import json
import re

from admatch.distributed.places import names_in, remove_files, try_writing, write_file
from admatch.distributed.shards import Shard, ShardPlan
from admatch.errors import InputError

MANIFEST = "manifest.json"
# What earlier runs may have left: shards of another input or index, and drafts of killed workers.
_OURS = re.compile(r"-[0-9a-f]{12}-\d{5}\.parquet$")


def unfinished(plan: ShardPlan, folder: str) -> list[Shard]:
    """Return the shards that are not there yet; those of other inputs or indexes are removed.

    Until ``finish`` there is no manifest, so that nobody takes the folder for whole. Raises
    InputError where an input lies in it, or where it cannot be written to.
    """
    inside = [source for source in plan.inputs if source.startswith(folder.rstrip("/") + "/")]
    if inside:
        raise InputError(f"{inside[0]} lies in the folder for the result; give --out another one")
    names = set(names_in(folder))
    planned = {shard.name for shard in plan.shards}
    old = [name for name in names if _OURS.search(name) and name not in planned]
    todo = [shard for shard in plan.shards if shard.name not in names]
    if todo:
        try_writing(folder)
    remove_files(folder, [*old, *(names & {MANIFEST} if todo or old else ())])
    return todo


def finish(plan: ShardPlan, folder: str, asked: dict[str, object]) -> None:
    """Write the manifest: what was asked, the content of each input, the shards in input order.

    Raises InputError where a shard is missing.
    """
    missing = {shard.name for shard in plan.shards} - set(names_in(folder))
    if missing:
        raise InputError(
            f"{len(missing)} shards that were written are not in {folder}, {min(missing)} among "
            "them; give a folder that all machines see, or an address, and run the command again"
        )
    told = {
        **asked,
        "rows": plan.rows,
        "inputs": dict(plan.inputs),
        "shards": [
            {"file": one.name, "source": one.source, "start": one.start, "rows": one.rows}
            for one in plan.shards
        ],
    }
    write_file(folder, MANIFEST, (json.dumps(told, indent=1) + "\n").encode())
