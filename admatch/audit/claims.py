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
from admatch.audit.tints import tint_shares

_TABLE = Path(__file__).with_name("colours.toml")
# Softmax over cosines: with 40, half of the probabilities above .9 are of the right colour's.
SHARPNESS = 40.0
# A claim is doubted where each witness gives its colour less: the encoder, and the points of the
# picture. Of wrong colours in fashion titles that tells three in ten, of right ones one in 120
# (tests/benchmarks/results/audit_claims.json). A colour is shown where both give it more.
DOUBTED, DOUBTED_TINT = 0.1, 0.05
SHOWN, SHOWN_TINT = 0.8, 0.5
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
    picture that supports it most; the score its standing among reference listings, NaN where
    the encoder doubts a colour that the picture's points do have. Told are a claim that both
    witnesses contradict in every picture, and a plain colour that no word names. Materials, rooms
    and uses are left out: pictures do not tell them well enough.
    """
    scores = np.full(len(material), np.nan)
    if not (material.english and len(material.pictures)):
        return Judged(scores, ())
    best = np.maximum.reduceat(colour_shares(material), material.pictures.main, axis=0)
    said = [claimed_colour(*row) for row in _texts(material.frame)]
    signal, found, unsure = scores.copy(), list[Finding](), list[int]()
    for row, place in enumerate(material.pictures.products[material.pictures.main].tolist()):
        (colour, silent), shares = said[place], best[row]
        if colour is not None:
            signal[place] = np.log(shares[colour] / (1 - shares[colour]))
            if shares[colour] < DOUBTED:
                tints = _tints(material, row)
                lacks = tints[colour] < DOUBTED_TINT
                found += [_doubted(place, colour, shares * tints)] if lacks else []
                unsure += [] if lacks else [place]
        elif silent and shares.max() > SHOWN:
            looks = int(shares.argmax())
            found += [_unsaid(place, looks)] if _tints(material, row)[looks] > SHOWN_TINT else []
    scores = material.reference.standing("image_claims", signal, seen=True)
    scores[unsure] = np.nan
    return Judged(scores, [_scored(one, scores[one.place]) for one in found])


def _tints(material: Material, row: int) -> Floats:
    """Return the tints (colours,) of the picture of a product that has most of each."""
    starts = material.pictures.starts
    tints: Floats = tint_shares(material.pictures.files[starts[row] : starts[row + 1]]).max(axis=0)
    return tints


def _scored(finding: Finding, score: float) -> Finding:
    return finding._replace(score=float(score)) if np.isfinite(score) else finding


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
    silent = not claims and not any(
        word in either for word in WORD.findall(f"{title} {rest}".lower())
    )
    return (next(iter(claims)) if len(claims) == 1 else None), silent


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
