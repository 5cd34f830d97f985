"""How long a run still takes: ``seconds_left``."""

from admatch.web.work.queues import Progress

# The stages of a run in order, and how long each takes on two cores: seconds, and seconds for each
# product or term (measured on the sample and on 10,000 products).
STAGES: dict[str, tuple[float, float]] = {
    "starting": (0.5, 0.0),
    "reading": (0.5, 0.0),
    "loading models": (6.0, 0.0),
    "encoding products": (0.5, 1 / 300),
    "encoding pictures": (0.2, 1 / 40),
    "encoding terms": (0.3, 1 / 1200),
    "generating and ranking": (0.5, 1 / 800),
    "learning what terms are worth": (3.0, 1 / 2000),
    "deciding": (1.0, 1 / 5000),
    "writing": (3.0, 1 / 3000),
}
_SLOWEST = 0.2  # seconds by which the time left falls in a second, at least
_OF_PRODUCTS = ("encoding products", "encoding pictures")


def share_done(progress: Progress, products: int, terms: int, now: float) -> float:
    """Return how much of a run is done, 0 … 1, by the time that its stages usually take.

    A stage that does not say how far it is moves on by the clock, ever more slowly. What was once
    shown is never taken back.
    """
    times = _times(products, terms)
    names = [*times]
    at = names.index(progress.stage) if progress.stage in times else 0
    counted = progress.done / progress.total if progress.total and not progress.over else 0.0
    at = min(at + progress.over, len(names) - 1)  # the next one has begun, though it is silent yet
    seconds = times[names[at]]
    waited = max(0.0, now - progress.entered)
    part = max(counted, 0.95 * waited / (waited + seconds))
    done = sum(times[name] for name in names[:at]) + seconds * part
    progress.shown = max(progress.shown, min(0.99, done / sum(times.values())))
    return progress.shown


def seconds_left(progress: Progress, now: float, products: int, terms: int) -> float | None:
    """Return the seconds that are left, at the speed of the run so far; they only ever fall.

    A run that is slower than it looked falls more slowly than the clock.
    """
    total = sum(_times(products, terms).values())
    done = share_done(progress, products, terms, now)
    elapsed = now - progress.started
    own = elapsed * (1 - done) / max(done, 0.02)
    # at first the usual time counts most, later the run's own speed
    left = (1 - done) * total * (1 - done) + own * done
    if progress.left is not None:
        left = min(left, progress.left - _SLOWEST * (now - progress.asked))
    progress.left, progress.asked = max(1.0, left), now
    return round(progress.left)


def _times(products: int, terms: int) -> dict[str, float]:
    return {
        stage: seconds + each * (products if stage in _OF_PRODUCTS else terms)
        for stage, (seconds, each) in STAGES.items()
    }
