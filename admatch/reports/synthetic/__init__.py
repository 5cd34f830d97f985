"""An invented advertising account whose every truth is known, in Amazon's own file format."""

from admatch.reports.synthetic.account import SyntheticAccount, synthesize_account
from admatch.reports.synthetic.bulk import write_bulk_xlsx
from admatch.reports.synthetic.console import write_console_csv, write_console_xlsx

__all__ = [
    "SyntheticAccount",
    "synthesize_account",
    "write_bulk_xlsx",
    "write_console_csv",
    "write_console_xlsx",
]
