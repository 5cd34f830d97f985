"""A model's card, ``MODEL_CARD.md``: what it is, what it was trained on, how good it is."""

from pathlib import Path
from typing import Any

from admatch.encode.image import FOLDER
from admatch.match.universal import UniversalModel

NAME = "MODEL_CARD.md"
_FILES = """| file | what |
|---|---|
| `codebooks.safetensors` | residual codebooks of {sizes} codes (RK-means), and {subspaces} detail codebooks of 256 codes (product quantization of the remainder) |
| `decoder.safetensors` | the decoder's corrections of a query, {trained} |
| `universe.safetensors` | the IDs, and nothing else, of {universe:,} products: what a term could be about if not about yours |
| `manifest.json` | format, encoder, calibration of "about mine, related, or neither", sources, seeds, SHA-256 of each file |"""  # noqa: E501
_SEED = "| {seed} | {dense:.3f} | {untrained:.3f} | {trained:.3f} | {error:.3f} |"


def write_card(model: UniversalModel, notes: str, folder: Path) -> None:
    """Write the card into ``folder``; ``notes`` are added as they are: licences, limits."""
    about = model.about
    chosen = next(one for one in about["seeds"] if one["seed"] == about["seed"])
    helped = chosen["trained"] > chosen["untrained"]
    files = _FILES.format(
        sizes=", ".join(str(len(book)) for book in model.codebooks.levels),
        subspaces=len(model.codebooks.detail),
        trained="trained" if helped else "untrained: training found no more held-out products",
        universe=len(model.universe),
    )
    parts = [
        "# A model of admatch",
        "One ID space for every catalog: products are indexed with it without any training.",
        files,
        f"**Encoder:** {model.encoder}, {model.codebooks.dim} dimensions.",
        _sources(about),
        _seeds(about),
        _pictures(about.get("pictures")),
        notes.strip(),
        "**Made by** `admatch train`.",
    ]
    text = "\n\n".join(filter(None, parts)) + "\n"
    (folder / NAME).write_text(text, encoding="utf-8")


def _sources(about: dict[str, Any]) -> str:
    products = "\n".join(f"- {count:,} products of {name}" for name, count in sorted_by_size(about))
    judged = f", {about['pairs']:,} judged pairs" if about["pairs"] else ""
    return (
        f"**Trained on** titles and the first 200 characters of descriptions of\n{products}\n\n"
        f"and pseudo-queries made of them{judged}. The calibration also used {about['terms']:,} "
        "real search terms, as terms about nothing that a simulated advertiser sells. The files "
        "hold none of these texts, only code vectors and code numbers."
    )


def sorted_by_size(about: dict[str, Any]) -> list[tuple[str, int]]:
    """Return the catalogs' names and sizes, largest first."""
    products: dict[str, int] = about["products"]
    return sorted(products.items(), key=lambda item: -item[1])


def _seeds(about: dict[str, Any]) -> str:
    lines = "\n".join(_SEED.format(**one) for one in about["seeds"])
    return (
        "**Seeds compared:** mean reciprocal rank of the products of held-out pseudo-queries among "
        "the held-out products: by exact search with the encoder's vectors, then from IDs alone "
        "with the decoder before and after its training. The error is the mean squared distance "
        "of held-out vectors to what their codes stand for.\n\n"
        "| seed | exact search | untrained | trained | error |\n|---|---|---|---|---|\n"
        f"{lines}\n\nSeed {about['seed']} is in this folder."
    )


def _pictures(figures: dict[str, Any] | None) -> str:
    if figures is None:
        return ""
    fate = f"`{FOLDER}/` holds it" if figures["kept"] else "it is not part of this model"
    return (
        "**Pictures:** mean reciprocal rank at which pictures of held-out products find their own "
        f"text: {figures['before']:.3f} before, {figures['after']:.3f} with an image model fitted "
        f"to these catalogs; {fate}."
    )
