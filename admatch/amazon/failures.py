"""How a request to Amazon may fail, by what is known about the change that it asked for."""

from admatch.errors import AdmatchError


class AmazonError(AdmatchError):
    """Amazon could not be reached or refused; the text says what to do and holds no secret."""


class Declined(Exception):
    """Amazon carried out nothing of a request; the text is Amazon's reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Throttled(AmazonError):
    """Amazon throttled every attempt; nothing of the request was carried out."""


class NotMade(AmazonError):
    """A report that Amazon did not make, or not deliver; others may come all the same."""


class Unsure(Exception):
    """A request went out, and no answer says whether it was carried out; the text says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Untouched(Unsure):
    """A failure before anything went out."""


class Later(Exception):
    """Amazon throttled one attempt; ``wait`` is in seconds, None where Amazon named no time."""

    def __init__(self, wait: float | None) -> None:
        super().__init__("throttled")
        self.wait = wait
