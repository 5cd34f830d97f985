"""How fast the text encoder runs, and at what loss: ``python -m tests.benchmarks.encoders``.

all-MiniLM-L6-v2 by sentence-transformers, by ``MiniLM``, by its three layers that ship
(``EnglishEncoder``), by ONNX in float32 and in 8 bits (dynamic, by channel), and a static encoder
(wordllama), each by one thread. Terms and products (title and text) a second are medians of rounds
in which all take turns, over real shopper terms and judged products. nDCG@10 is that of exact
search and of admatch end to end on 60 judged queries, among the products that any of them was
judged with; vectors equal to those by ``MiniLM`` are not judged again. The last rows use the three
layers for terms or for products alone. Needs the packages onnx and wordllama==0.4.0.post1.

"settled" is what the static encoder could spare: the share of terms that are farther from every
product than the nearest that admatch finds anything for (but one in 200), and so need no other.
"""

import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file

from admatch.encode.english import TOKENIZER, EnglishEncoder
from admatch.encode.minilm import DIM, TOGETHER, MiniLM
from admatch.encode.product_text import product_texts, product_vectors, product_views
from admatch.encode.protocol import Vectors
from admatch.encode.sentence import SentenceEncoder, default_folder
from admatch.encode.torchvision_repair import import_torchvision
from admatch.encode.wordpieces import WordPieces, of_one_length
from admatch.generate.generator import Generator
from admatch.match.retriever import Retriever
from admatch.match.universal import UniversalModel
from admatch.match.words import WordEvidence
from tests.benchmarks.record import record
from tests.benchmarks.retrieval import K, ndcg, top
from tests.benchmarks.shared_data import Judged, crowdflower, shopper_terms

SEED, QUERIES, TERMS, PRODUCTS, ROUNDS = 7, 60, 512, 128, 3
SAME = 0.99999  # cosine from which on vectors rank alike, so that quality is not measured again
SMALL = "three layers, for everything"
MISSED = 0.005  # share of the terms that admatch finds something for that triage may lose
Encode = Callable[[Sequence[str]], Vectors]


def sample(rng: np.random.Generator) -> Judged:
    """Return some judged queries, and the products that any of them was judged with."""
    every = crowdflower()
    chosen = np.sort(rng.permutation(len(every.queries))[:QUERIES])
    grades = [every.grades[i] for i in chosen]
    products = sorted({product for judged in grades for product in judged})
    place = {product: row for row, product in enumerate(products)}
    return Judged(
        every.products[products],
        [every.queries[i] for i in chosen],
        [{place[product]: grade for product, grade in judged.items()} for judged in grades],
    )


def onnx_encoders(network: MiniLM, folder: Path) -> dict[str, Encode]:
    """Return the network by onnxruntime, in float32 and quantized."""
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Read(torch.nn.Module):
        def forward(self, ids: torch.Tensor) -> torch.Tensor:
            return network._network.read(ids)

    exact, folded, small = (folder / f"{name}.onnx" for name in ("exact", "folded", "small"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Read(),
            (torch.ones(2, 5, dtype=torch.int64),),
            str(exact),
            input_names=["ids"],
            output_names=["vectors"],
            dynamic_axes={"ids": {0: "n", 1: "length"}, "vectors": {0: "n"}},
            opset_version=17,
            dynamo=False,
        )
    quant_pre_process(exact, folded, skip_symbolic_shape=True)  # weights become constants
    quantize_dynamic(
        folded,
        small,
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        weight_type=QuantType.QInt8,
    )
    return {
        "ONNX, float32": by_onnx(network, exact),
        "ONNX, 8 bits": by_onnx(network, small),
    }


def by_onnx(network: MiniLM, path: Path) -> Encode:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    session = onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])

    pieces = WordPieces(default_folder() / TOKENIZER)

    def encode(texts: Sequence[str]) -> Vectors:
        tokens = pieces.tokens(texts)
        vectors = np.empty((len(texts), DIM), np.float32)
        for rows in of_one_length(tokens, TOGETHER):
            ids = np.array([tokens[row] for row in rows], np.int64)
            vectors[rows] = session.run(None, {"ids": ids})[0]
        return vectors

    return encode


def encoders(folder: Path) -> dict[str, Encode]:
    import_torchvision()
    from sentence_transformers import SentenceTransformer
    from wordllama import WordLlama

    package = default_folder()
    plain = SentenceTransformer(str(package), device="cpu")
    exact = MiniLM(load_file(package / "model.safetensors"))
    import wordllama

    static = WordLlama.load(cache_dir=Path(wordllama.__file__).parent, disable_download=True)
    return {
        "sentence-transformers, float32": lambda texts: plain.encode(
            list(texts), normalize_embeddings=True, show_progress_bar=False
        ),
        "MiniLM, float32": SentenceEncoder().encode_text,
        SMALL: EnglishEncoder().encode_text,
        **onnx_encoders(exact, folder),
        "static (wordllama)": lambda texts: static.embed(list(texts), norm=True),
    }


def timed(systems: dict[str, Encode], terms: list[str]) -> dict[str, float]:
    """Return texts a second of each."""
    taken: dict[str, list[float]] = {name: [] for name in systems}
    for _ in range(ROUNDS):
        for name, encode in systems.items():
            start = time.perf_counter()
            encode(terms)
            taken[name].append(time.perf_counter() - start)
    return {name: len(terms) / statistics.median(each) for name, each in taken.items()}


def quality(judged: Judged, products: Encode, terms: Encode) -> tuple[Vectors, Vectors, float]:
    """Return the vectors of products and queries, and nDCG@10 of exact search."""
    vectors = product_vectors(judged.products, products)
    queries = np.asarray(terms(judged.queries), np.float32)
    return vectors, queries, float(np.nanmean(ndcg(top(queries @ vectors.T), judged)))


def whole(judged: Judged, model: UniversalModel, vectors: Vectors, encode: Encode) -> Retriever:
    codes = model.codebooks.encode(vectors)
    generator = Generator(model.codebooks, np.zeros(len(vectors), np.int16), codes)
    titles = judged.products["title"].to_list()
    words = WordEvidence.build(product_texts(judged.products), titles)
    return Retriever(model, generator, vectors, words, encode)


def settled(static: Encode, catalog: Vectors, terms: list[str], found: np.ndarray) -> float:
    """Return the share of terms that lie farther than all but a few of those with a product."""
    nearest = (np.asarray(static(terms), np.float32) @ catalog.T).max(axis=1)
    limit = np.quantile(nearest[found], MISSED)
    return float((nearest < limit).mean())


def main() -> None:
    rng, model = np.random.default_rng(SEED), UniversalModel.shipped()
    torch.set_num_threads(1)
    judged, terms = sample(rng), rng.choice(shopper_terms(), TERMS, replace=False).tolist()
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        systems = encoders(Path(folder))
        speed, exact = timed(systems, terms), systems["MiniLM, float32"]
        some = product_views(judged.products[:PRODUCTS])
        products = {
            name: each * PRODUCTS / len(some) for name, each in timed(systems, some).items()
        }
        expected = exact(terms)
        for name, encode in systems.items():
            row: dict[str, object] = {"system": name, "terms a second": speed[name]}
            row["products a second"] = products[name]
            row["x sentence-transformers"] = speed[name] / speed["sentence-transformers, float32"]
            row |= dict.fromkeys(("least cosine", "nDCG@10, exact", "end to end", "settled"), "-")
            rows.append(row)
            read = np.asarray(encode(terms), np.float32)
            if read.shape[1] == DIM:
                row["least cosine"] = float((read * expected).sum(1).min())
            same = encode is not exact and row["least cosine"] != "-" and row["least cosine"] > SAME
            if same:
                continue
            vectors, queries, row["nDCG@10, exact"] = quality(judged, encode, encode)
            if read.shape[1] == DIM:
                retriever = whole(judged, model, vectors, encode)
                found = retriever.retrieve(judged.queries, queries, K).items
                row["end to end"] = float(np.nanmean(ndcg(found, judged)))
                if encode is exact:
                    asked = [*judged.queries, *terms]
                    answer = retriever.retrieve(asked, np.concatenate([queries, expected]), 1)
                    own = answer.related_probability >= 0.5
            else:
                row["settled"] = settled(encode, vectors, asked, own)
        small, none = (
            systems[SMALL],
            dict.fromkeys([name for name in rows[0] if name != "system"], "-"),
        )
        for name, products_by, terms_by in (("terms", exact, small), ("products", small, exact)):
            vectors, queries, alone = quality(judged, products_by, terms_by)
            retriever = whole(judged, model, vectors, terms_by)
            found = retriever.retrieve(judged.queries, queries, K).items
            reached = {
                "nDCG@10, exact": alone,
                "end to end": float(np.nanmean(ndcg(found, judged))),
            }
            rows.append({"system": f"three layers for {name}"} | none | reached)
    shown = f"{QUERIES} judged queries, {judged.products.height:,} products, one thread"
    record("encoders", shown, rows, SEED)


if __name__ == "__main__":
    main()
