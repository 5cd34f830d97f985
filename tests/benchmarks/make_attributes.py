"""Makes the words of the matcher: ``python -m tests.benchmarks.make_attributes``.

Colours and materials in thirteen languages and names of things, from Shopify's product taxonomy
(MIT, 2025-08-unstable). And English words that are no misspelling: those of the taxonomy, of three
titles of toys or of two queries of Amazon's shoppers (both Apache-2.0).
"""

import csv
import gzip
import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from admatch.match.spelling import SHORTEST
from admatch.match.tokens import words
from tests.benchmarks.shared_data import SHARED, shopper_terms, training_products

TAXONOMY = SHARED / "taxonomy" / "shopify"
LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt-BR", "pl", "sv", "tr", "ja", "zh-CN", "ko")
OUT = Path(__file__).parents[2] / "admatch" / "match" / "attributes"
ATTRIBUTES = {"Color": "color", "Material": "material"}
# What is no colour or material by itself, or means something else in most titles.
LEFT_OUT = {
    "multicolor", "other", "synthetic", "biodegradable-materials", "mesh", "carbon", "paper",
    "clay", "medium-density-fiberboard", "thermoplastic-elastomer", "graphite", "modal", "stone",
}  # fmt: skip
# In one language a colour or a material, in another, or in most titles, something else.
AMBIGUOUS = {
    "or", "ton", "mor", "cord", "fell", "marine", "marin", "fur", "iron", "apelsin", "kol", "tela",
    "stoff", "net", "tyg", "red wine", "红酒", "蓝酒", "橙酒", "白", "茶色", "白髪", "netz", "lana",
    "harz", "resin", "resina", "grisalho", "beyazlamış",
}  # fmt: skip
NO_THING = {"accessories", "supplies", "others", "other", "care", "parts", "sets", "kits"}
TITLES, QUERIES = 3, 2  # that a word has to be in
VALUE = re.compile(r"gid://shopify/TaxonomyValue/(\d+)\s*: (.*?)(?: \[(.*)\])?$")


def values(language: str) -> dict[str, tuple[str, str]]:
    """Return each value's name and its attribute's, by number."""
    text = gzip.decompress((TAXONOMY / language / "attribute_values.txt.gz").read_bytes()).decode()
    found = (VALUE.match(line) for line in text.splitlines())
    return {m[1]: (m[2].strip(), m[3]) for m in found if m}


def things() -> list[str]:
    """Return the English names of the kinds of things, in the singular."""
    text = gzip.decompress((TAXONOMY / "en" / "categories.txt.gz").read_bytes()).decode()
    gids = [line for line in text.splitlines() if line.startswith("gid:")]
    leaves = [line.split(" : ", 1)[1].split(" > ")[-1] for line in gids]
    names = set()
    for leaf in leaves:
        for part in re.split(r"\s*[&,/()]\s*", leaf.strip().lower()):
            words = re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", part)
            if words and words[-1] not in NO_THING and len(single := _single(words[-1])) > 2:
                names.add(" ".join([*words[:-1], single]))
    return sorted(names)


def _single(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if re.search(r"(ch|sh|ss|x)es$", word):
        return word[:-2]
    return word[:-1] if re.search(r"[^sui]s$", word) else word


def known_words() -> list[str]:
    """Return English words of five letters and more, as ``tokens.words`` has them."""
    toys = training_products()["catalogs/amazon_toys_24k"]["title"]
    found = _held_by(toys, TITLES) | _held_by(shopper_terms(), QUERIES)
    for name in ("categories", "attribute_values"):
        text = gzip.decompress((TAXONOMY / "en" / f"{name}.txt.gz").read_bytes()).decode()
        found |= _held_by([x.split(" : ", 1)[1] for x in text.splitlines() if x[:4] == "gid:"], 1)
    return sorted(found)


def _held_by(texts: Iterable[str], least: int) -> set[str]:
    counts = Counter(word for text in texts for word in set(words(text)))
    sound = {word for word, count in counts.items() if count >= least and word.isascii()}
    return {word for word in sound if len(word) >= SHORTEST and word.isalpha()}


def _plain(name: str) -> str:
    return re.sub(r"\s*[(（].*", "", name.lower())


def main() -> None:
    tables = {language: values(language) for language in LANGUAGES}
    known = tomllib.loads((OUT / "words.toml").read_text(encoding="utf-8"))
    rows = []
    for number, (name, attribute) in tables["en"].items():
        handle = re.sub(r"[^a-z]+", "-", _plain(name)).strip("-")
        if attribute not in ATTRIBUTES or handle in LEFT_OUT:
            continue
        words = [_plain(tables[one].get(number, ("", ""))[0]) for one in LANGUAGES]
        words = ["" if word in AMBIGUOUS else word for word in words]
        rows.append([ATTRIBUTES[attribute], handle, *words])
    unknown = {*known["material"], *known["kinds"]["material"]} - {row[1] for row in rows}
    print(f"{len(rows)} values; only in words.toml: {sorted(unknown)}")
    with (OUT / "values.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(
            [["attribute", "value", *LANGUAGES], *sorted(rows)]
        )
    packed = gzip.compress("\n".join(things()).encode(), mtime=0)
    (OUT.parent / "things.txt.gz").write_bytes(packed)
    packed = gzip.compress("\n".join(known_words()).encode(), mtime=0)
    (OUT.parent / "known_words.txt.gz").write_bytes(packed)


if __name__ == "__main__":
    main()
