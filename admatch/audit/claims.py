"""Claims that pictures can support: colours, the one attribute that they show well enough."""

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
from admatch.messages import Message, say

_TABLE = Path(__file__).with_name("colours.toml")
# Of softmax over cosines: with 40, half of the probabilities above .9 belong to the right colour.
SHARPNESS = 40.0
# A claim is doubted where both the encoder and the pixels give its colour less than this. Of wrong
# colours in fashion titles that finds three in ten, of right ones one in 120
# (tests/benchmarks/results/audit_claims.json). A colour counts as shown where both give it more.
DOUBTED, DOUBTED_TINT = 0.1, 0.05
SHOWN, SHOWN_TINT = 0.8, 0.5
WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Colours:
    """Colour families: ``names``, the words that claim one, and words that may mean another thing.

    ``unsure`` words claim a colour in an attribute only.
    """

    names: tuple[str, ...]
    prompt: str
    words: dict[str, int]
    unsure: dict[str, int]


@cache
def colours() -> Colours:
    """Return the colours of the data file."""
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    names = tuple(table["families"])

    def numbers(part: str) -> dict[str, int]:
        families = table[part].items()
        return {word: names.index(name) for name, words in families for word in words}

    return Colours(names, table["prompt"], numbers("families"), numbers("unsure"))


def image_claims(material: Material) -> Judged:
    """Return how well pictures support the colour that each listing claims, by title or attribute.

    The signal is the log-odds that zero-shot colour prompts give to the claimed colour in the
    picture that supports it most; the score is its standing among reference listings, NaN where
    the encoder doubts a colour that the pixels do have. Findings are a claim that encoder and
    pixels contradict in every picture, and a plain colour that no word names. Materials, rooms and
    uses are left out: pictures do not show them well enough.
    """
    scores = np.full(len(material), np.nan)
    if not (material.english and len(material.pictures)):
        return Judged(scores, ())
    best = np.maximum.reduceat(colour_shares(material), material.pictures.main, axis=0)
    claims = [claimed_colour(*texts) for texts in _texts(material.frame)]
    signal, found, unsure = scores.copy(), list[Finding](), list[int]()
    for at, row in enumerate(material.pictures.products[material.pictures.main].tolist()):
        (colour, silent), shares = claims[row], best[at]
        if colour is not None:
            signal[row] = np.log(shares[colour] / (1 - shares[colour]))
            if shares[colour] < DOUBTED:
                tints = _tints(material, at)
                lacks = tints[colour] < DOUBTED_TINT
                found += [_doubted(row, colour, shares * tints)] if lacks else []
                unsure += [] if lacks else [row]
        elif silent and shares.max() > SHOWN:
            seen = int(shares.argmax())
            found += [_unnamed(row, seen)] if _tints(material, at)[seen] > SHOWN_TINT else []
    scores = material.reference.standing("image_claims", signal, seen=True)
    scores[unsure] = np.nan
    return Judged(scores, [_scored(one, scores[one.row]) for one in found])


def _tints(material: Material, at: int) -> Floats:
    """Return the largest share (colours,) of each colour in any picture of one product.

    ``at`` counts the products that have a picture.
    """
    starts = material.pictures.starts
    tints: Floats = tint_shares(material.pictures.files[starts[at] : starts[at + 1]]).max(axis=0)
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
    """Return the colour that a listing claims, None unless it is one, and whether it names none."""
    known = colours()
    titled = {known.words[word] for word in WORD.findall(title.lower()) if word in known.words}
    every = known.words | known.unsure
    stated = {every[word] for word in WORD.findall(attribute.lower()) if word in every}
    claims = stated or titled
    silent = not claims and not any(
        word in every for word in WORD.findall(f"{title} {rest}".lower())
    )
    return (next(iter(claims)) if len(claims) == 1 else None), silent


def _texts(frame: pl.DataFrame) -> "list[tuple[str, str, str]]":
    """Return each product's title, its colour attribute, and its bullets and description."""
    pair = pl.element()
    colour = pair.struct["value"].filter(pair.struct["name"] == "color")
    rest = pl.concat_str(
        pl.col("bullets").list.join(" ").fill_null(""),
        pl.col("description").fill_null(""),
        separator=" ",
    )
    attribute = pl.col("attributes").list.eval(colour).list.join(" ").fill_null("")
    return frame.select("title", attribute, rest).rows()


def _doubted(row: int, colour: int, shares: Floats) -> Finding:
    names = colours().names
    claimed, seen = _colour(names[colour]), _colour(names[int(shares.argmax())])
    return Finding(
        row,
        Aspect.IMAGE_CLAIMS,
        Severity.MEDIUM,
        None,
        say("audit.image_claims.contradicted", claimed=claimed, seen=seen),
        say("audit.image_claims.contradicted_remedy"),
    )


def _unnamed(row: int, colour: int) -> Finding:
    name = _colour(colours().names[colour])
    return Finding(
        row,
        Aspect.IMAGE_CLAIMS,
        Severity.LOW,
        None,
        say("audit.image_claims.unnamed", colour=name),
        say("audit.image_claims.unnamed_remedy", colour=name),
    )


def _colour(name: str) -> Message:
    """Return the name of a colour family of the data file, as a message."""
    return {
        "black": say("audit.colour.black"),
        "white": say("audit.colour.white"),
        "blue": say("audit.colour.blue"),
        "brown": say("audit.colour.brown"),
        "grey": say("audit.colour.grey"),
        "red": say("audit.colour.red"),
        "green": say("audit.colour.green"),
        "pink": say("audit.colour.pink"),
        "purple": say("audit.colour.purple"),
        "yellow": say("audit.colour.yellow"),
        "orange": say("audit.colour.orange"),
        "beige": say("audit.colour.beige"),
        "silver": say("audit.colour.silver"),
        "gold": say("audit.colour.gold"),
    }[name]
