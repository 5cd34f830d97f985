"""Product texts → the universal model that admatch ships."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from admatch.encode.protocol import Encoder, Vectors
from admatch.generate.decoder import Decoder
from admatch.generate.generator import Generator
from admatch.ids.codebooks import Codebooks, Codes
from admatch.ids.fit import fit_codebooks
from admatch.match.belonging import FEATURES, Belonging
from admatch.match.calibrate import Listings, calibrate
from admatch.match.universal import UniversalModel

# The first code pools conversion evidence of whole accounts, so it stays coarse (32); with a
# detail byte for eight dimensions the sizes of the finer levels hardly change what is found.
SIZES = (32, 256, 256)
DETAIL_WIDTH = 8
FITTED_TO = 60_000  # vectors: more change no code vector noticeably
UNFITTED = Belonging((0.0,) * len(FEATURES), 0.0)


def train_universal(
    titles: Sequence[str],
    texts: Sequence[str],
    vectors: Vectors,
    shopper_terms: Sequence[str],
    encoder: Encoder,
    seed: int,
    about: dict[str, Any],
) -> UniversalModel:
    """Return the model fitted to products: codebooks, untrained decoder, universe, calibration.

    ``vectors`` (n, dim) are the encoder's for ``texts``; ``shopper_terms`` are real search terms.
    Half of the products serve as universe while calibrating on advertisers made of the others;
    the model returned has all of them as its universe.
    """
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(vectors))[:FITTED_TO]
    codebooks = fit_codebooks(vectors[chosen], SIZES, encoder.dim // DETAIL_WIDTH, seed)
    codes = codebooks.encode(vectors)
    half = rng.random(len(vectors)) < 0.5
    draft = _model(encoder, codebooks, _rows(codes, half), UNFITTED, about)
    others = np.flatnonzero(~half).tolist()
    listings = Listings(
        [titles[i] for i in others], [texts[i] for i in others], vectors[~half], _rows(codes, ~half)
    )
    belonging = calibrate(draft, listings, shopper_terms, encoder, rng)
    return _model(encoder, codebooks, codes, belonging, about | {"seed": seed})


def _rows(codes: Codes, chosen: np.ndarray[Any, np.dtype[np.bool_]]) -> Codes:
    return Codes(codes.tree[chosen], codes.detail[chosen])


def _model(
    encoder: Encoder,
    codebooks: Codebooks,
    universe: Codes,
    belonging: Belonging,
    about: dict[str, Any],
) -> UniversalModel:
    modalities = np.zeros(len(universe.tree), np.int16)
    return UniversalModel(
        encoder.name,
        codebooks,
        Decoder(codebooks).eval(),
        Generator(codebooks, modalities, universe),
        belonging,
        about,
    )
