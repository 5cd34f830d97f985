"""Waiting for a page, whose own policy forbids Playwright to poll an expression there."""

import time


def until(page, expression, seconds=20):
    """Wait until an expression holds on the page."""
    end = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < end, expression
        time.sleep(0.05)


def until_all(page, selector, holds):
    """Wait until there are rows of decisions, and something holds of all of them."""
    found = f"[...document.querySelectorAll('.decisions {selector}')]"
    until(page, f"{found}.length > 0 && {found}.every((one) => {holds})")
