"""What an index is made of, and its folder on disk: ``Parts``."""

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from admatch.catalog.mapped import read_mapped, write_mapped
from admatch.catalog.records import Catalog
from admatch.encode.product_pictures import Pictured, product_pictures
from admatch.encode.protocol import Encoder, Vectors
from admatch.errors import InputError
from admatch.generate.decoder import Decoder
from admatch.generate.generator import Generator
from admatch.ids.codebooks import Codes
from admatch.index.shipped import complete_pair, pair_named
from admatch.match.universal import UniversalModel
from admatch.match.words import WordEvidence
from admatch.tables.atomic import replacing

FORMAT = 3
MANIFEST, ARRAYS = "manifest.json", "index.safetensors"
# In an index's folder where it has its own: a model that does not ship with admatch, a decoder
# tuned to its catalog, the vectors of its pictures.
MODEL, TUNED, PICTURES = "model", "decoder.safetensors", "pictures.safetensors"


@dataclass(frozen=True)
class Parts:
    """What an index is made of; ``vectors`` (n, dim) are the products', by title and text.

    ``pictured`` is what its pictures show, ``words`` what its texts say word by word, ``tuned`` a
    decoder trained on this very catalog.
    """

    catalog: Catalog
    encoder: Encoder
    model: UniversalModel
    vectors: Vectors
    generator: Generator
    pictured: Pictured
    words: WordEvidence
    tuned: Decoder | None = None

    def save(self, folder: Path) -> None:
        """Write all parts into ``folder``, whole or not at all."""
        codes, ids = self.generator.codes, self.generator.ids
        own = {
            "vectors": self.vectors,
            "modality": ids[:, 0].copy(),
            "tree": codes.tree,
            "detail": codes.detail,
        }
        arrays = {name: torch.from_numpy(array) for name, array in own.items()}
        arrays |= self.words.tables() | self.generator.tables()
        manifest = _expected(self.encoder, self.model)
        manifest |= {"catalog": self.catalog.content_hash, "eyes": self.encoder.image_model}
        with replacing(folder) as draft:
            draft.mkdir()
            if self.model.release is None:
                (draft / MODEL).mkdir()
                self.model.save(draft / MODEL)
            self.pictured.save(draft / PICTURES)
            if self.tuned:
                self.tuned.save(draft / TUNED)
            save_file({name: array.contiguous() for name, array in arrays.items()}, draft / ARRAYS)
            write_mapped(self.catalog, draft)
            (draft / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n")

    @classmethod
    def load(cls, folder: Path, encoder: Encoder | None, model: UniversalModel | None) -> "Parts":
        """Return the parts saved in ``folder``; raises InputError where they cannot be used.

        Vectors, words, trie and catalog stay on disk until they are asked for: a million products
        are opened at once, and pages of them that several processes read are in memory once.
        Without ``encoder`` and ``model``, those that they were built with are taken.
        """
        manifest = _read_manifest(folder)
        if model is None and (folder / MODEL).is_dir():
            model = UniversalModel.load(folder / MODEL)
        pair = complete_pair(encoder, model, lambda: pair_named(manifest.get("encoder")))
        for name, value in _expected(pair.encoder, pair.model).items():
            if manifest.get(name) != value:
                raise InputError(
                    f"the index in {folder} was built with {name} {manifest.get(name)}, "
                    f"now it is {value}; build it again with `admatch index`"
                )
        try:
            parts = _read(folder, pair.encoder, pair.model, manifest)
        except (OSError, KeyError, RuntimeError, ValueError, SafetensorError):
            parts = None
        if parts is None:
            raise InputError(f"the index in {folder} is damaged; build it again")
        return parts


def _read(
    folder: Path, encoder: Encoder, model: UniversalModel, manifest: dict[str, object]
) -> Parts | None:
    """Return the parts, or None where files are there that do not belong together."""
    catalog = read_mapped(folder, str(manifest["catalog"]))
    with safe_open(folder / ARRAYS, framework="pt") as held:
        arrays = {name: held.get_tensor(name) for name in held.keys()}  # noqa: SIM118
    if len(arrays["vectors"]) != len(catalog):
        return None
    modality, tree, detail = (arrays[name].numpy() for name in ("modality", "tree", "detail"))
    generator = Generator(model.codebooks, modality, Codes(tree, detail), arrays)
    tuned = folder / TUNED
    seen_by_these = manifest["eyes"] == encoder.image_model
    return Parts(
        catalog,
        encoder,
        model,
        arrays["vectors"].numpy(),
        generator,
        Pictured.load(folder / PICTURES)
        if seen_by_these
        else product_pictures(catalog.frame, encoder),
        WordEvidence.from_tables(arrays),
        Decoder.load(tuned, model.codebooks) if tuned.exists() else None,
    )


def _expected(encoder: Encoder, model: UniversalModel) -> dict[str, object]:
    """Return what the manifest of an index has to say for these to read it."""
    return {"format": FORMAT, "encoder": encoder.name, "codebooks": model.codebooks.hash}


def _read_manifest(folder: Path) -> dict[str, object]:
    try:
        manifest: dict[str, object] = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError):
        raise InputError(
            f"{folder} holds no index (no readable manifest.json); make one with `admatch index`"
        ) from None
    return manifest
