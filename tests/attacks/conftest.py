"""Servers as the tests of the page have them, and shops as those of jobs have them."""

from tests.jobs.conftest import shop  # noqa: F401
from tests.web.conftest import served, start, two  # noqa: F401
