"""What is slow and the same for a whole run is worked out once."""

from pathlib import Path

import admatch as am
from admatch.encode import language

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


def test_the_language_of_terms_and_of_titles_is_determined_once():
    """Encoder, warnings and keys ask for it, each of the same texts."""
    language._shares.cache_clear()
    files = (SAMPLE / "search_terms.csv", SAMPLE / "catalog.csv", None)
    am.analyse(*files, am.AnalysisOptions(target_acos=0.3), cache=am.FolderCache())
    asked = language._shares.cache_info()
    assert asked.hits > 0
    assert asked.misses <= 2
