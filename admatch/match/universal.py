"""The shipped model: one ID space, decoder, universe and calibration for every catalog."""

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
import torch
from safetensors.numpy import load_file, save_file
from torch import Tensor

from admatch.encode.device import device
from admatch.encode.protocol import Vectors
from admatch.errors import InputError
from admatch.generate.decoder import CodeScores, Decoder
from admatch.generate.generator import Generator
from admatch.generate.search import SearchBudget
from admatch.ids.codebooks import Codebooks, Codes
from admatch.match.ranking import Ranking
from admatch.match.relevance import FEATURES, Logistic, RelevanceModel

FORMAT = 2
SHIPPED = "universal-1"
EYES = "eyes"
# Only the best generic product is asked for: of 116,000 this finds 81 % of those that are, and else
# one nearly as near; a beam of 16 prefixes, which takes as long, 37 %. The calibration was fitted
# with it.
FREE = SearchBudget(nodes=32, leaves=256, products=64)
GENERIC = 512  # generic products that stand for queries about anything


@dataclass(frozen=True)
class UniversalModel:
    """Codebooks, decoder, a universe of generic products, ranking and belonging weights.

    ``encoder`` names the encoder whose vectors the codebooks were fitted to; ``about`` is what
    the manifest says of its making (sources, seed, figures). ``release`` is the name under which
    admatch ships it, None for a model of one's own; ``eyes`` is the folder of the projection that
    puts pictures into its space, where it has one.
    """

    encoder: str
    codebooks: Codebooks
    decoder: Decoder
    universe: Generator
    belonging: RelevanceModel
    about: dict[str, Any]
    ranking: Ranking = field(default_factory=Ranking)
    release: str | None = None
    eyes: Path | None = None

    @classmethod
    def shipped(cls, release: str = SHIPPED) -> "UniversalModel":
        """Return a model that comes with admatch."""
        folder = Path(str(files("admatch.models"))) / release
        return replace(cls.load(folder), release=release)

    @classmethod
    def load(cls, folder: Path) -> "UniversalModel":
        """Return the model saved in ``folder``; raises InputError where it is none."""
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
            RelevanceModel(*(_logistic(manifest["belonging"][name]) for name in ("own", "akin"))),
            manifest["about"],
            Ranking(**manifest["ranking"]),
            eyes=folder / EYES if (folder / EYES).is_dir() else None,
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
        manifest = {
            "format": FORMAT,
            "encoder": self.encoder,
            "belonging": {
                "own": _written(self.belonging.own),
                "akin": _written(self.belonging.akin),
            },
            "ranking": asdict(self.ranking),
            "about": self.about,
            "files": {path.name: _sha256(path) for path in sorted(folder.glob("*.safetensors"))},
        }
        (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
        if self.eyes and self.eyes != folder / EYES:
            shutil.copytree(self.eyes, folder / EYES)

    def on(self, place: torch.device) -> "UniversalModel":
        """Return the model on a device: itself where that is the processor."""
        return self if place.type == "cpu" else self._moved

    @cached_property
    def _moved(self) -> "UniversalModel":
        # once, however many catalogs are asked by the model
        place = device()
        return replace(self, decoder=self.decoder.copy_to(place), universe=self.universe.to(place))

    def decode_freely(self, codes: CodeScores) -> tuple[Tensor, Tensor]:
        """Return the score (n,) and the ID (n, depth) of the best generic product of n queries."""
        found = self.universe.generate(codes, 1, budget=FREE)
        return found.scores[:, 0], self.universe.paths(found.items[:, 0])

    def generic(self) -> Vectors:
        """Return the unit vectors (m, dim) of some generic products, of all kinds."""
        rows = slice(None, None, max(1, len(self.universe) // GENERIC))
        codes = self.universe.codes.rows(np.arange(len(self.universe))[rows])
        books = self.codebooks
        meant = books.decode_tree(codes.tree) + books.decode_detail(codes.detail)
        return torch.nn.functional.normalize(meant, dim=1).numpy()


def _written(logistic: Logistic) -> dict[str, Any]:
    weights = dict(zip(FEATURES, logistic.weights, strict=True))
    return {"weights": weights, "bias": logistic.bias}


def _logistic(written: dict[str, Any]) -> Logistic:
    return Logistic(tuple(written["weights"][name] for name in FEATURES), written["bias"])


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    except (OSError, ValueError):
        raise InputError(f"{folder} holds no admatch model (no readable manifest.json)") from None
    if manifest.get("format") != FORMAT:
        raise InputError(
            f"{folder} is a model of format {manifest.get('format')}, this admatch reads "
            f"{FORMAT}; install the version of admatch that made it"
        )
    return manifest


def _check_files(folder: Path, expected: dict[str, str]) -> None:
    for name, digest in expected.items():
        if not (folder / name).is_file() or _sha256(folder / name) != digest:
            raise InputError(f"{folder / name} is missing or damaged; install admatch again")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
