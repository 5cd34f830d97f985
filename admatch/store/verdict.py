"""What a person may say of a decision: ``Verdict``."""

from enum import StrEnum


class Verdict(StrEnum):
    """What a person said."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNDECIDED = "undecided"
