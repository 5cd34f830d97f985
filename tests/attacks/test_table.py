from tests.attacks.record import RESULTS
from tests.attacks.table import CAMPAIGNS, SECURITY, with_table


def test_the_table_in_the_document_is_that_of_the_results():
    document = SECURITY.read_text(encoding="utf-8")
    assert with_table(document) == document  # else: python -m tests.attacks.table


def test_every_result_has_its_row():
    assert {one.stem for one in RESULTS.glob("*.json")} <= set(CAMPAIGNS)
