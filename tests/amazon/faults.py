"""What goes wrong, drawn from a seed: ``Faults``."""

# before: nothing was done. after: all was done, without an answer. Others say it by name.
ANY = ("throttled", "throttled-date", "error-before", "reset-before", "unauthorized")
LIST = ("garbled-after", "reset-after", "stale", "stale")
WRITE = (
    *("error-after", "reset-after", "garbled-after", "late", "partial-before", "partial-after"),
    *("rows-unsaid", "throttled-rows"),
)
REPORT = ("error-after", "reset-after", "garbled-after")
STATE = ("garbled-after", "failed", "unknown")
DOWNLOAD = ("expired", "truncated", "reset-after", "error-before")
TOKEN = ("throttled", "error-before", "reset-before", "garbled-after")
SLOW = {"list": "slow-after", "write": "slow-after", "report": "slow-after"}
_KINDS = {
    "list": ANY + LIST,
    "write": ANY + WRITE + WRITE,
    "report": ANY + REPORT,
    "state": ANY + STATE,
    "download": DOWNLOAD,
    "token": TOKEN,
}


class Faults:
    """At most ``most`` faults, each request having one with the chance ``share``."""

    def __init__(self, rng, share=0.35, most=14, slow=False):
        self.rng, self.share, self.left, self.slow = rng, share, most, slow
        self.happened = []

    def draw(self, kind):
        if self.left == 0 or self.rng.random() > self.share:
            return None
        self.left -= 1
        fault = self.rng.choice(_KINDS[kind])
        if self.slow and kind in SLOW and self.rng.random() < 0.3:
            fault = SLOW[kind]
        self.happened.append((kind, fault))
        return fault


class NoFaults:
    happened = ()

    def draw(self, kind):
        return None
