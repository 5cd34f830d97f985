"""What a user would otherwise write: ``python user_script.py CATALOG REPORT OUT [texts]``.

sentence-transformers as it comes, faiss's exact index, pandas, a workbook by openpyxl. Distinct
terms are encoded once. Products are their titles, with ``texts`` also what else is said of them.
"""

import sys

import faiss
import pandas as pd

from admatch.encode.sentence import SentenceEncoder
from admatch.encode.torchvision_repair import import_torchvision

import_torchvision()
from sentence_transformers import SentenceTransformer  # noqa: E402

K, SURE = 5, 0.5


def main(catalog: str, report: str, out: str, told_by: str = "titles") -> None:
    products, rows = pd.read_csv(catalog), pd.read_csv(report)
    model = SentenceTransformer(str(SentenceEncoder()._folder), device="cpu")
    told = products["title"]
    if told_by == "texts":
        told = told + ". " + products["description"].fillna("")
    vectors = model.encode(told.tolist(), normalize_embeddings=True)
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    terms = rows["Customer Search Term"].drop_duplicates().tolist()
    scores, found = index.search(model.encode(terms, normalize_embeddings=True), K)
    told = pd.DataFrame(
        {
            "Customer Search Term": terms,
            "outcome": ["match" if best >= SURE else "none" for best in scores[:, 0]],
            "similarity": scores[:, 0],
            **{
                f"product {rank + 1}": products["product_id"].to_numpy()[found[:, rank]]
                for rank in range(K)
            },
        }
    )
    rows.merge(told, on="Customer Search Term", how="left").to_excel(out, index=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
