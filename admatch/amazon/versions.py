"""The versions of the Ads API that admatch speaks: ``ApiVersion``."""

from enum import StrEnum


class ApiVersion(StrEnum):
    """A version of the Ads API, as a job names it."""

    V3 = "v3"  # one API an ad product, with a resource for each kind of keyword and target
    V1 = "v1"  # one API for all ad products, with one resource for all targets

    @property
    def assumed_window(self) -> int | None:
        """The days of attribution to assume, as reports name none; None where they name it.

        Amazon counts orders of sellers' Sponsored Products for 7 days and of vendors' for 14, and
        does not say what version 1 does. With the longer one, recent clicks are judged later.
        """
        return 14 if self is ApiVersion.V1 else None
