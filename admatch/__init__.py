"""Tells which of your products a shopper's search term is about, or that it is none of them.

>>> import admatch as am
>>> catalog = am.read_catalog("data/sample/catalog.csv")
>>> index = am.Index.build(catalog)
>>> report = am.read_report("data/sample/search_terms.csv")
>>> matches = index.match(report)
"""

import importlib
import os
from typing import TYPE_CHECKING

__version__ = "0.2.0"

# Idle OpenMP threads spin for milliseconds by default, which on a busy machine takes the cores from
# threads with work to do. libgomp reads this when torch or LightGBM loads it
# (``python -m tests.benchmarks.spinning``).
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")

if TYPE_CHECKING:
    from admatch.audit.audit import audit_listings as audit_listings
    from admatch.audit.page import write_audit_html as write_audit_html
    from admatch.audit.records import Audit as Audit
    from admatch.audit.trial import Trial as Trial
    from admatch.audit.trial import try_listing as try_listing
    from admatch.audit.write import write_audit_csv as write_audit_csv
    from admatch.audit.write import write_audit_json as write_audit_json
    from admatch.audit.write import write_audit_parquet as write_audit_parquet
    from admatch.catalog.reader import read_catalog as read_catalog
    from admatch.catalog.records import Catalog as Catalog
    from admatch.catalog.records import Product as Product
    from admatch.decisions.actions import Action as Action
    from admatch.decisions.backtest import backtest as backtest
    from admatch.decisions.guard_rails import GuardRails as GuardRails
    from admatch.decisions.new_campaigns import NewCampaigns as NewCampaigns
    from admatch.decisions.recommend import recommend as recommend
    from admatch.decisions.recommendations import Recommendations as Recommendations
    from admatch.encode.english import EnglishEncoder as EnglishEncoder
    from admatch.encode.protocol import Encoder as Encoder
    from admatch.encode.sentence import SentenceEncoder as SentenceEncoder
    from admatch.errors import AdmatchError as AdmatchError
    from admatch.export.bulk.write import complete_inverse as complete_inverse
    from admatch.export.bulk.write import write_bulksheet as write_bulksheet
    from admatch.export.google_editor import write_google_editor as write_google_editor
    from admatch.impact.changes import Change as Change
    from admatch.impact.changes import ChangeSet as ChangeSet
    from admatch.impact.changes import Operation as Operation
    from admatch.impact.changes import Place as Place
    from admatch.impact.model import ImpactModel as ImpactModel
    from admatch.impact.what_if import WhatIf as WhatIf
    from admatch.index.index import Index as Index
    from admatch.jobs.read import read_job as read_job
    from admatch.jobs.run import run_job as run_job
    from admatch.match.records import Match as Match
    from admatch.match.records import Matches as Matches
    from admatch.match.records import Outcome as Outcome
    from admatch.match.universal import UniversalModel as UniversalModel
    from admatch.pipeline.analyse import Analysis as Analysis
    from admatch.pipeline.analyse import analyse as analyse
    from admatch.pipeline.cache import FolderCache as FolderCache
    from admatch.pipeline.history import ChangeHistory as ChangeHistory
    from admatch.pipeline.options import AnalysisOptions as AnalysisOptions
    from admatch.pipeline.replay import Replay as Replay
    from admatch.pipeline.replay import ReplaySchedule as ReplaySchedule
    from admatch.pipeline.replay import replay as replay
    from admatch.pipeline.results import Outputs as Outputs
    from admatch.reports.account.reader import read_account as read_account
    from admatch.reports.account.records import Account as Account
    from admatch.reports.account.records import Entity as Entity
    from admatch.reports.account.records import MatchType as MatchType
    from admatch.reports.aggregate import aggregate_report as aggregate_report
    from admatch.reports.insights.reader import read_insights as read_insights
    from admatch.reports.insights.records import Insights as Insights
    from admatch.reports.reader import read_report as read_report
    from admatch.reports.records import Granularity as Granularity
    from admatch.reports.records import SearchTermReport as SearchTermReport
    from admatch.reports.records import TermKind as TermKind
    from admatch.training.train import Material as Material
    from admatch.training.train import train as train

# Loaded when first used: torch takes seconds, and reading a catalog does not need it.
_HOMES = {
    "audit_listings": "audit.audit",
    "write_audit_html": "audit.page",
    "Audit": "audit.records",
    "Trial": "audit.trial",
    "try_listing": "audit.trial",
    "write_audit_csv": "audit.write",
    "write_audit_json": "audit.write",
    "write_audit_parquet": "audit.write",
    "read_catalog": "catalog.reader",
    "Catalog": "catalog.records",
    "Product": "catalog.records",
    "Action": "decisions.actions",
    "backtest": "decisions.backtest",
    "recommend": "decisions.recommend",
    "Recommendations": "decisions.recommendations",
    "GuardRails": "decisions.guard_rails",
    "NewCampaigns": "decisions.new_campaigns",
    "EnglishEncoder": "encode.english",
    "Encoder": "encode.protocol",
    "SentenceEncoder": "encode.sentence",
    "AdmatchError": "errors",
    "complete_inverse": "export.bulk.write",
    "write_bulksheet": "export.bulk.write",
    "write_google_editor": "export.google_editor",
    "Change": "impact.changes",
    "ChangeSet": "impact.changes",
    "Operation": "impact.changes",
    "Place": "impact.changes",
    "ImpactModel": "impact.model",
    "WhatIf": "impact.what_if",
    "Index": "index.index",
    "read_job": "jobs.read",
    "run_job": "jobs.run",
    "Match": "match.records",
    "Matches": "match.records",
    "Outcome": "match.records",
    "UniversalModel": "match.universal",
    "Analysis": "pipeline.analyse",
    "analyse": "pipeline.analyse",
    "FolderCache": "pipeline.cache",
    "ChangeHistory": "pipeline.history",
    "AnalysisOptions": "pipeline.options",
    "Replay": "pipeline.replay",
    "ReplaySchedule": "pipeline.replay",
    "replay": "pipeline.replay",
    "Outputs": "pipeline.results",
    "read_account": "reports.account.reader",
    "Account": "reports.account.records",
    "Entity": "reports.account.records",
    "MatchType": "reports.account.records",
    "aggregate_report": "reports.aggregate",
    "read_insights": "reports.insights.reader",
    "Insights": "reports.insights.records",
    "read_report": "reports.reader",
    "Granularity": "reports.records",
    "SearchTermReport": "reports.records",
    "TermKind": "reports.records",
    "Material": "training.train",
    "train": "training.train",
}
__all__ = [*_HOMES]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'admatch' has no attribute '{name}'")
    return getattr(importlib.import_module(f"admatch.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
