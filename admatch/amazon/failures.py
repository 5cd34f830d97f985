"""How a call to Amazon may fail, told apart by what is known of the change that it asked for."""

from admatch.errors import AdmatchError


class AmazonError(AdmatchError):
    """Amazon could not be asked, or said no; its text says what to do. Nothing secret is in it."""


class Declined(Exception):
    """Amazon took nothing of a request; its text is Amazon's reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Throttled(AmazonError):
    """Amazon asked to come back later too often; it took nothing of the request."""


class Unsure(Exception):
    """A request went out, and no answer says whether it was carried out."""


class Untouched(Unsure):
    """A failure before anything went out."""


class Later(Exception):
    """Amazon throttles, and has taken nothing. ``wait`` is in seconds, None if it named none."""

    def __init__(self, wait: float | None) -> None:
        super().__init__("throttled")
        self.wait = wait
