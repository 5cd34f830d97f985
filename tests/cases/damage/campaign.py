"""Many damaged reports, each judged: ``python -m tests.cases.damage.campaign --count 20000``."""

import argparse
import random
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.cases.damage import kinds
from tests.cases.damage.judge import Verdict, judge, judge_in_parts
from tests.cases.damage.tables import base
from tests.cases.damage.writing import TEXTS, WORKBOOKS, load, write

_IN_PARTS = 5  # one in so many is also read as large files are


def variant(seed):
    """Return the damaged report of a seed, always the same one."""
    chance = random.Random(seed)
    made = base(seed, chance, load("headers.toml"))
    made.kind = chance.choice((*TEXTS, *WORKBOOKS, "csv", "xlsx", "xlsx"))
    chosen = [kinds.locale] if chance.random() < 0.7 else []
    for group, share in ((kinds.COLUMNS, 0.35), (kinds.ROWS, 0.5), (kinds.CELLS, 0.4),
                         (kinds.AROUND, 0.7)):  # fmt: skip
        if chance.random() < share:
            chosen.append(chance.choice(group))
    if chance.random() < 0.3:
        chosen.append(chance.choice(kinds.AROUND))
    # what stands below comes below all rows; the end of a file is cut off when all else is done
    last = (kinds.pivot_below, kinds.cut_off)
    for kind in sorted(dict.fromkeys(chosen), key=lambda one: one in last and last.index(one) + 1):
        made.damages.append(kind.__name__)
        kind(made, chance)
    return made


def run(seeds, folder):
    """Yield the seed, the variant and the verdict of each; some are read as large files, too."""
    for seed in seeds:
        made = variant(seed)
        path = write(made, folder / "report")
        verdict = judge(made, path)
        if made.kind in TEXTS and seed % _IN_PARTS == 0 and not verdict.is_fault:
            parts = judge_in_parts(made, path)
            if parts != verdict:
                verdict = Verdict("in parts", f"{parts.what}; whole: {verdict.kind} {verdict.what}")
        yield seed, made, verdict
        path.unlink()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--show", type=int, default=30, help="failures to show")
    arguments = parser.parse_args()
    verdicts, refused, shown = Counter(), Counter(), 0
    seeds = range(arguments.start, arguments.start + arguments.count)
    with tempfile.TemporaryDirectory() as folder:
        for seed, made, verdict in run(seeds, Path(folder)):
            verdicts[verdict.kind] += 1
            if sum(verdicts.values()) % 500 == 0:
                sys.stdout.write(f"after {seed}: {dict(verdicts)}\n")
            if verdict.kind == "refused":
                refused.update([re.sub(r"[^:]*: ?|'[^']*'|\[[^]]*\]", "", verdict.what)[:60]])
            if verdict.is_fault and shown < arguments.show:
                shown += 1
                facts = (made.schema, made.kind, made.locale, made.date, made.money, made.damages)
                sys.stdout.write(f"{seed} {facts}: {verdict.what}"[:700] + "\n")
                sys.stdout.flush()
    sys.stdout.write(f"{dict(verdicts)}\n")
    for what, count in refused.most_common(12):
        sys.stdout.write(f"  refused {count}: {what}\n")


if __name__ == "__main__":
    main()
