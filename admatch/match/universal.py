"""The universal model: one ID space, decoder, universe and calibration for every catalog."""

import hashlib
import json
import shutil
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save_file

from admatch.arrays import Array, Vectors
from admatch.encode.device import device
from admatch.encode.image import FOLDER, FORMER_FOLDER
from admatch.errors import InputError
from admatch.generate.decoder import CodeScores, Decoder
from admatch.generate.generator import Generator
from admatch.generate.search import SearchBudget
from admatch.ids.codebooks import Codebooks, Codes
from admatch.match.alignment import Alignment
from admatch.match.ranking import Ranking
from admatch.match.relevance import FEATURES, Logistic, RelevanceModel
from admatch.messages import say
from admatch.operations import CPU, normalized

# Format 2 has the relevance model as "belonging" with "own" and "akin", and the folder "eyes".
FORMAT, FORMER = 3, 2
SHIPPED = "universal-1"

# For the best generic product alone. Of 116,000 this finds the best one in 81 % of cases, and else
# one that is nearly as good; a beam of 16 prefixes, which takes as long, in 37 %. The calibration
# was fitted with this budget.
FREE = SearchBudget(nodes=32, leaves=256, products=64)
RELEVANCE = ("own", "related")  # the parts of a ``RelevanceModel``
GENERIC = 512  # generic products that stand for queries about anything


@dataclass(frozen=True)
class UniversalModel:
    """Codebooks, decoder, a universe of generic products, ranking weights and relevance model.

    ``encoder`` names the encoder whose vectors the codebooks were fitted to; ``about`` is the
    manifest's record of its training (sources, seed, figures). ``release`` is the name under which
    admatch ships it, None for a user's own model; ``image_model`` is the folder of the projection
    that puts pictures into its space, if it has one. ``alignment`` turns terms towards products; an
    encoder of short English queries needs none.
    """

    encoder: str
    codebooks: Codebooks
    decoder: Decoder
    universe: Generator
    relevance: RelevanceModel
    about: dict[str, Any]
    ranking: Ranking = field(default_factory=Ranking)
    release: str | None = None
    image_model: Path | None = None
    alignment: Alignment | None = None

    @classmethod
    def shipped(cls, release: str = SHIPPED) -> "UniversalModel":
        """Return a model that ships with admatch."""
        return replace(cls.load(shipped_folder(release)), release=release)

    @classmethod
    def load(cls, folder: Path) -> "UniversalModel":
        """Return the model saved in ``folder``; raises InputError where there is none."""
        manifest = _read_manifest(folder)
        _check_files(folder, manifest["files"])
        codebooks = Codebooks.load(folder / "codebooks.safetensors")
        rows = load_file(folder / "universe.safetensors")
        universe = Generator(codebooks, rows["modality"], Codes(rows["tree"], rows["detail"]))
        return cls(
            manifest["encoder"],
            codebooks,
            Decoder.load(folder / "decoder.safetensors", codebooks),
            universe,
            RelevanceModel(*(_logistic(manifest["relevance"][name]) for name in RELEVANCE)),
            manifest["about"],
            Ranking(**manifest["ranking"]),
            image_model=image_model_in(folder),
            alignment=Alignment.load(folder),
        )

    def save(self, folder: Path) -> None:
        """Write manifest and weights into an existing folder; no pickle."""
        self.codebooks.save(folder / "codebooks.safetensors")
        self.decoder.save(folder / "decoder.safetensors")
        codes, ids = self.universe.codes, self.universe.ids
        rows: dict[str, npt.NDArray[Any]] = {
            "modality": ids[:, 0].copy(),
            "tree": codes.tree,
            "detail": codes.detail,
        }
        save_file(rows, folder / "universe.safetensors")
        if self.alignment:
            self.alignment.save(folder)
        manifest = {
            "format": FORMAT,
            "encoder": self.encoder,
            "relevance": {name: _written(getattr(self.relevance, name)) for name in RELEVANCE},
            "ranking": asdict(self.ranking),
            "about": self.about,
            "files": {path.name: _sha256(path) for path in sorted(folder.glob("*.safetensors"))},
        }
        (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
        if self.image_model and self.image_model != folder / FOLDER:
            shutil.copytree(self.image_model, folder / FOLDER)

    def to(self, device: str) -> "UniversalModel":
        """Return the model on a device: itself where that is the CPU."""
        return self if device == CPU else self._on_device

    @cached_property
    def _on_device(self) -> "UniversalModel":
        # Copied once, however many catalogs use the model.
        here = device()
        alignment = self.alignment.to(here) if self.alignment else None
        return replace(
            self,
            decoder=self.decoder.to(here),
            universe=self.universe.to(here),
            alignment=alignment,
        )

    def aligned(self, queries: Array) -> Array:
        """Return the unit vectors (n, dim) of queries, to be compared with products."""
        return self.alignment(queries) if self.alignment else queries

    def decode_freely(self, codes: CodeScores) -> tuple[Array, Array]:
        """Return the score (n,) and the ID (n, depth) of the best generic product of n queries."""
        generated = self.universe.generate(codes, 1, budget=FREE)
        return generated.scores[:, 0], self.universe.paths(generated.items[:, 0])

    def generic(self) -> Vectors:
        """Return the unit vectors (m, dim) of some generic products, of all kinds."""
        rows = slice(None, None, max(1, len(self.universe) // GENERIC))
        codes = self.universe.codes.rows(np.arange(len(self.universe))[rows])
        books = self.codebooks
        decoded = books.decode_tree(codes.tree) + books.decode_detail(codes.detail)
        vectors: Vectors = normalized(decoded)
        return vectors


def shipped_folder(release: str) -> Path:
    """Return the folder of a model that ships with admatch."""
    return Path(str(files("admatch.models"))) / release


def image_model_in(folder: Path) -> Path | None:
    """Return the folder of a model's image model, None where it has none."""
    for name in (FOLDER, FORMER_FOLDER):
        if (folder / name).is_dir():
            return folder / name
    return None


def _written(logistic: Logistic) -> dict[str, Any]:
    weights = dict(zip(FEATURES, logistic.weights, strict=True))
    return {"weights": weights, "bias": logistic.bias}


def _logistic(written: dict[str, Any]) -> Logistic:
    # A model that was fitted before a feature was there does without it.
    weights = (float(written["weights"].get(name, 0.0)) for name in FEATURES)
    return Logistic(tuple(weights), written["bias"])


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    except (OSError, ValueError):
        raise InputError(say("match.model.none", folder=str(folder))) from None
    found = manifest.get("format")
    if found == FORMER:
        former = manifest["belonging"]
        return manifest | {"relevance": {"own": former["own"], "related": former["akin"]}}
    if found != FORMAT:
        raise InputError(
            say("match.model.other_format", folder=str(folder), found=str(found), known=FORMAT)
        )
    return manifest


def _check_files(folder: Path, expected: dict[str, str]) -> None:
    for name, digest in expected.items():
        if not (folder / name).is_file() or _sha256(folder / name) != digest:
            raise InputError(say("match.model.damaged", file=str(folder / name)))


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
