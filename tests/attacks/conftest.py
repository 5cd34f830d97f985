"""Servers as the tests of the page have them."""

from tests.web.conftest import start, two  # noqa: F401
