"""The versions of the Ads API that admatch speaks: ``ApiVersion``."""

from enum import StrEnum


class ApiVersion(StrEnum):
    """A version of the Ads API, as a job names it."""

    V3 = "v3"  # one API an ad product, with a resource for each kind of keyword and target
    V1 = "v1"  # one API for all ad products, with one resource for all targets
