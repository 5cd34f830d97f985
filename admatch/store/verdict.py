"""What a person may say about a decision: ``Verdict``."""

from enum import StrEnum


class Verdict(StrEnum):
    """A person's answer to a decision."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNDECIDED = "undecided"
