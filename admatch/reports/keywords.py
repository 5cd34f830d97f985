"""``shopper_terms``, under its old path."""

from admatch.reports.terms import shopper_terms as shopper_terms
