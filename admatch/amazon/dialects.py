"""A version of the API → its ``Dialect``."""

from admatch.amazon.dialect import Dialect
from admatch.amazon.dialect_v1 import DialectV1
from admatch.amazon.dialect_v3 import DialectV3
from admatch.amazon.versions import ApiVersion

_DIALECTS: dict[ApiVersion, Dialect] = {ApiVersion.V1: DialectV1(), ApiVersion.V3: DialectV3()}


def find_dialect(version: ApiVersion) -> Dialect:
    """Return how a version writes entities, changes and answers."""
    return _DIALECTS[version]
