"""Claims that pictures can support: colours, the one kind of attribute seen well enough."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

from admatch.audit.material import Material
from admatch.audit.records import Aspect, Finding, Floats, Judged, Severity

_TABLE = Path(__file__).with_name("colours.toml")
# Softmax over cosines: with 40, half of the probabilities above .9 are of the right colour's.
SHARPNESS = 40.0
# A claim is doubted where a picture gives its colour less than one and another more than the other:
# measured on fashion, see tests/benchmarks/results/audit_claims.json.
DOUBTED, SURE = 0.03, 0.5
SHOWN = 0.8
WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Colours:
    """Families of colour: ``names``, words that claim one, and those that only an attribute may."""

    names: tuple[str, ...]
    prompt: str
    words: dict[str, int]
    unsure: dict[str, int]


@cache
def colours() -> Colours:
    """Return the lexicon."""
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    names = tuple(table["families"])

    def places(part: str) -> dict[str, int]:
        rows = table[part].items()
        return {word: names.index(name) for name, words in rows for word in words}

    return Colours(names, table["prompt"], places("families"), places("unsure"))


def image_claims(material: Material) -> Judged:
    """Return how well pictures support the colour that each listing claims, by title or attribute.

    The signal is the log-odds that zero-shot colour prompts give to the claimed one in the
    picture that supports it most; the score its standing among reference listings. Told are a
    claim that every picture contradicts, and a plain colour that no word names. Materials, rooms
    and uses are left out: pictures do not tell them well enough.
    """
    scores = np.full(len(material), np.nan)
    if not (material.english and len(material.pictures)):
        return Judged(scores, ())
    seen = colour_shares(material)
    best = np.maximum.reduceat(seen, material.pictures.main, axis=0)
    places = material.pictures.products[material.pictures.main]
    claimed = [claimed_colour(*row) for row in _texts(material.frame)]
    signal = np.full(len(material), np.nan)
    found = []
    for row, place in enumerate(places.tolist()):
        colour, silent = claimed[place]
        if colour is not None:
            share = best[row, colour]
            signal[place] = np.log(share / (1 - share))
            if share < DOUBTED and best[row].max() > SURE:
                found.append(_doubted(place, colour, best[row]))
        elif silent and best[row].max() > SHOWN:
            found.append(_unsaid(place, int(best[row].argmax())))
    scores = material.reference.standing("image_claims", signal, seen=True)
    told = [one._replace(score=float(scores[one.place])) if np.isfinite(scores[one.place]) else one
            for one in found]  # fmt: skip
    return Judged(scores, told)


def colour_shares(material: Material) -> Floats:
    """Return the probability of each colour in each picture, (m, colours)."""
    known = colours()
    prompts = material.encode(
        [known.prompt.format(name) for name in known.names], "encoding colours"
    )
    likeness = SHARPNESS * (material.pictures.vectors @ prompts.T).astype(np.float64)
    likeness -= likeness.max(axis=1, keepdims=True)
    weight = np.exp(likeness)
    return np.asarray(np.clip(weight / weight.sum(axis=1, keepdims=True), 1e-9, 1 - 1e-9))


def claimed_colour(title: str, attribute: str, rest: str) -> tuple[int | None, bool]:
    """Return the one colour that a listing claims, if one, and whether it names none at all."""
    known = colours()
    surely = {known.words[word] for word in WORD.findall(title.lower()) if word in known.words}
    either = known.words | known.unsure
    stated = {either[word] for word in WORD.findall(attribute.lower()) if word in either}
    claims = stated or surely
    named = claims or any(word in either for word in WORD.findall(f"{title} {rest}".lower()))
    return (claims.pop() if len(claims) == 1 else None), not named


def _texts(frame: pl.DataFrame) -> "list[tuple[str, str, str]]":
    pair = pl.element()
    colour = pair.struct["value"].filter(pair.struct["name"] == "color")
    said = pl.concat_str(
        pl.col("bullets").list.join(" ").fill_null(""),
        pl.col("description").fill_null(""),
        separator=" ",
    )
    attribute = pl.col("attributes").list.eval(colour).list.join(" ").fill_null("")
    return frame.select("title", attribute, said).rows()


def _doubted(place: int, colour: int, shares: Floats) -> Finding:
    names = colours().names
    return Finding(
        place,
        Aspect.IMAGE_CLAIMS,
        Severity.MEDIUM,
        None,
        f"The listing says {names[colour]}; its pictures look {names[int(shares.argmax())]}",
        "Show the colour that is sold, or correct the text",
    )


def _unsaid(place: int, colour: int) -> Finding:
    name = colours().names[colour]
    return Finding(
        place,
        Aspect.IMAGE_CLAIMS,
        Severity.LOW,
        None,
        f"The picture looks {name}; no text of the listing names a colour",
        f"Say “{name}”, if shoppers look for it by colour",
    )
