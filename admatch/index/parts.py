"""The parts of an index, and its folder on disk: ``Parts``."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import save_file

from admatch.arrays import AnyArray, Vectors
from admatch.catalog.mapped import read_mapped, write_mapped
from admatch.catalog.records import Catalog
from admatch.encode.image import current_name
from admatch.encode.product_pictures import Pictured, product_pictures
from admatch.encode.product_text import product_texts
from admatch.encode.protocol import Encoder
from admatch.errors import InputError
from admatch.generate.decoder import Decoder
from admatch.generate.generator import Generator
from admatch.ids.codebooks import Codes
from admatch.index.checksum import checksums, fit
from admatch.index.shipped import complete_pair, pair_named
from admatch.match.universal import UniversalModel
from admatch.match.words import WordEvidence
from admatch.messages import say
from admatch.tables.atomic import replacing
from admatch.tables.mapped_arrays import read_mapped_arrays

# Format 3 has the image model's name as "eyes", formats up to 4 no attributes and up to 5 other
# words for plurals: their words are read from the catalog.
FORMAT, FORMER = 6, (3, 4, 5)
MANIFEST, ARRAYS = "manifest.json", "index.safetensors"
# Optional in an index's folder: a model that does not ship with admatch, a decoder tuned to its
# catalog, the vectors of its pictures.
MODEL, TUNED, PICTURES = "model", "decoder.safetensors", "pictures.safetensors"


@dataclass(frozen=True)
class Parts:
    """The parts of an index; ``vectors`` (n, dim) are the products', from title and text.

    ``pictured`` holds the vectors of their pictures, ``words`` the words of their texts; ``tuned``
    is a decoder trained on this catalog.
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
        arrays: dict[str, AnyArray] = {
            "vectors": self.vectors,
            "modality": ids[:, 0],
            "tree": codes.tree,
            "detail": codes.detail,
        }
        arrays |= self.words.tables() | self.generator.tables()
        manifest = _expected(self.encoder, self.model)
        manifest |= {
            "catalog": self.catalog.content_hash,
            "image_model": self.encoder.image_model,
        }
        with replacing(folder) as draft:
            draft.mkdir()
            if self.model.release is None:
                (draft / MODEL).mkdir()
                self.model.save(draft / MODEL)
            self.pictured.save(draft / PICTURES)
            if self.tuned:
                self.tuned.save(draft / TUNED)
            whole = {name: np.asarray(array, order="C") for name, array in arrays.items()}
            save_file(whole, draft / ARRAYS)
            write_mapped(self.catalog, draft)
            manifest["files"] = checksums(draft)
            (draft / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n")

    @classmethod
    def load(cls, folder: Path, encoder: Encoder | None, model: UniversalModel | None) -> "Parts":
        """Return the parts saved in ``folder``; raises InputError where they cannot be used.

        Vectors, words, trie and catalog stay on disk until they are needed: an index of a million
        products opens at once, and pages that several processes read are in memory once. Without
        ``encoder`` and ``model``, those that the index was built with are used.
        """
        manifest = _read_manifest(folder)
        if model is None and (folder / MODEL).is_dir():
            model = UniversalModel.load(folder / MODEL)
        pair = complete_pair(encoder, model, lambda: pair_named(manifest.get("encoder")))
        for name, value in _expected(pair.encoder, pair.model).items():
            if manifest.get(name) != value:
                raise InputError(
                    say(
                        "index.folder.built_otherwise",
                        folder=str(folder),
                        name=name,
                        before=str(manifest.get(name)),
                        now=str(value),
                    )
                )
        try:
            parts = _read(folder, pair.encoder, pair.model, manifest)
        except (OSError, KeyError, RuntimeError, ValueError, SafetensorError):
            parts = None
        if parts is None:
            raise InputError(say("index.folder.damaged", folder=str(folder)))
        return parts


def _read(
    folder: Path, encoder: Encoder, model: UniversalModel, manifest: dict[str, object]
) -> Parts | None:
    """Return the parts, or None where the files do not belong together or were changed."""
    files = manifest.get("files", {})  # which indexes of earlier versions lack
    if not isinstance(files, dict) or not fit(folder, files):
        return None
    catalog = read_mapped(folder, str(manifest["catalog"]))
    arrays = read_mapped_arrays(folder / ARRAYS)
    if len(arrays["vectors"]) != len(catalog):
        return None
    codes = Codes(arrays["tree"], arrays["detail"])
    generator = Generator(model.codebooks, arrays["modality"], codes, arrays)
    tuned = folder / TUNED
    same_image_model = manifest["image_model"] == encoder.image_model
    return Parts(
        catalog,
        encoder,
        model,
        arrays["vectors"],
        generator,
        Pictured.load(folder / PICTURES)
        if same_image_model
        else product_pictures(catalog.frame, encoder),
        _former_words(catalog)
        if "former_words" in manifest
        else WordEvidence.from_tables(arrays, catalog.frame["title"]),
        Decoder.load(tuned, model.codebooks) if tuned.exists() else None,
    )


def _former_words(catalog: Catalog) -> WordEvidence:
    return WordEvidence.build(product_texts(catalog.frame), catalog.frame["title"].to_list())


def _expected(encoder: Encoder, model: UniversalModel) -> dict[str, object]:
    """Return what an index's manifest must hold to be read with these."""
    return {"format": FORMAT, "encoder": encoder.name, "codebooks": model.codebooks.hash}


def _read_manifest(folder: Path) -> dict[str, object]:
    try:
        manifest: dict[str, object] = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError):
        raise InputError(say("index.folder.none", folder=str(folder))) from None
    if manifest.get("format") not in FORMER:
        return manifest
    if "eyes" in manifest:
        name = manifest["eyes"]
        manifest |= {"image_model": name and current_name(str(name))}
    return manifest | {"format": FORMAT, "former_words": True}
