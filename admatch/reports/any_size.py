"""``read_any_size``, under its old path."""

from admatch.reports.aggregate import is_large as is_large
from admatch.reports.aggregate import read_any_size as read_any_size
