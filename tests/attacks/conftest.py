"""Servers as the tests of the page have them, and shops as those of jobs have them."""

import pytest

from tests.jobs.conftest import shop  # noqa: F401
from tests.web.conftest import CATALOG, served, start, two  # noqa: F401


@pytest.fixture
def secret(two):  # noqa: F811
    """What Anna has: a catalog, a report, and a run that waits."""
    two.anna.client.app.state.server.runs.look = lambda: None
    two.catalog = two.anna.upload_catalog(CATALOG.replace(b"Oat", b"SECRET")).json()["id"]
    two.report = two.anna.upload_report().json()["id"]
    for path in (f"/catalogs/{two.catalog}", f"/reports/{two.report}"):
        assert two.anna.ended(path)["state"] == "done"
    asked = {"catalog_id": two.catalog, "report_id": two.report, "settings": {"target_acos": 0.3}}
    two.asked, two.run = asked, two.anna.post("/runs", json=asked).json()["id"]
    return two
