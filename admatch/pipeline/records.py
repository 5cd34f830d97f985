"""The records that doors hold, from the rooms that they do not enter.

A door (``cli``, ``web``, ``jobs``) composes nothing: it calls ``pipeline`` and shows or stores what
comes back. What it stores is made of these. Each is loaded when first used.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from admatch.decisions.actions import CHANGING as CHANGING
    from admatch.decisions.actions import LEVERS as LEVERS
    from admatch.decisions.actions import NEGATIONS as NEGATIONS
    from admatch.decisions.actions import Action as Action
    from admatch.decisions.guard_rails import FRESH_DAYS as FRESH_DAYS
    from admatch.decisions.guard_rails import GuardRails as GuardRails
    from admatch.decisions.holdout import Name as Name
    from admatch.decisions.holdout import name_of as name_of
    from admatch.decisions.outcomes import AFTER as AFTER
    from admatch.decisions.outcomes import AppliedChanges as AppliedChanges
    from admatch.decisions.outcomes import reaches as reaches
    from admatch.decisions.recommendations import Recommendations as Recommendations
    from admatch.decisions.ruled_out import REJECTED as REJECTED
    from admatch.decisions.ruled_out import subject as subject
    from admatch.export.bulk.directory import Directory as Directory
    from admatch.export.bulk.directory import key_of as key_of
    from admatch.export.bulk.manifest import change_from_dict as change_from_dict
    from admatch.export.bulk.manifest import manifest_bytes as manifest_bytes
    from admatch.export.bulk.manifest import read_manifest as read_manifest
    from admatch.export.bulk.marketplace import find_marketplace as find_marketplace
    from admatch.export.bulk.marketplace import marketplace_of as marketplace_of
    from admatch.export.bulk.read import read_changes as read_changes
    from admatch.export.bulk.records import BulkExport as BulkExport
    from admatch.export.bulk.records import Entry as Entry
    from admatch.export.bulk.settings import setting_of as setting_of
    from admatch.export.bulk.upload_results import UploadResults as UploadResults
    from admatch.export.bulk.upload_results import read_upload_results as read_upload_results
    from admatch.export.bulk.write import complete_inverse as complete_inverse
    from admatch.export.summary import Summary as Summary
    from admatch.export.summary import summarise as summarise
    from admatch.export.table import flat as flat
    from admatch.export.table import matches_frame as matches_frame
    from admatch.export.table import spreadsheet_safe as spreadsheet_safe
    from admatch.export.terms import term_lines as term_lines
    from admatch.impact.changes import Change as Change
    from admatch.impact.changes import ChangeSet as ChangeSet
    from admatch.impact.changes import Operation as Operation
    from admatch.impact.changes import Place as Place
    from admatch.impact.interval import Interval as Interval
    from admatch.impact.what_if import WhatIf as WhatIf

_HOMES = {
    "Action": "decisions.actions",
    "CHANGING": "decisions.actions",
    "LEVERS": "decisions.actions",
    "NEGATIONS": "decisions.actions",
    "FRESH_DAYS": "decisions.guard_rails",
    "GuardRails": "decisions.guard_rails",
    "Name": "decisions.holdout",
    "name_of": "decisions.holdout",
    "AFTER": "decisions.outcomes",
    "AppliedChanges": "decisions.outcomes",
    "reaches": "decisions.outcomes",
    "Recommendations": "decisions.recommendations",
    "REJECTED": "decisions.ruled_out",
    "subject": "decisions.ruled_out",
    "Directory": "export.bulk.directory",
    "key_of": "export.bulk.directory",
    "change_from_dict": "export.bulk.manifest",
    "manifest_bytes": "export.bulk.manifest",
    "read_manifest": "export.bulk.manifest",
    "find_marketplace": "export.bulk.marketplace",
    "marketplace_of": "export.bulk.marketplace",
    "read_changes": "export.bulk.read",
    "BulkExport": "export.bulk.records",
    "Entry": "export.bulk.records",
    "setting_of": "export.bulk.settings",
    "UploadResults": "export.bulk.upload_results",
    "read_upload_results": "export.bulk.upload_results",
    "complete_inverse": "export.bulk.write",
    "Summary": "export.summary",
    "summarise": "export.summary",
    "flat": "export.table",
    "matches_frame": "export.table",
    "spreadsheet_safe": "export.table",
    "term_lines": "export.terms",
    "Change": "impact.changes",
    "ChangeSet": "impact.changes",
    "Operation": "impact.changes",
    "Place": "impact.changes",
    "Interval": "impact.interval",
    "WhatIf": "impact.what_if",
}
__all__ = [*_HOMES]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'admatch.pipeline.records' has no attribute '{name}'")
    return getattr(importlib.import_module(f"admatch.{_HOMES[name]}"), name)
