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
_OF_PRODUCTS = ("encoding products", "encoding pictures")


def share_done(progress: Progress, products: int, terms: int) -> float:
    """Return how much of a run is done, 0 … 1, by the time that its stages usually take."""
    times = _times(products, terms)
    done = 0.0
    for stage, seconds in times.items():
        if stage == progress.stage:
            part = progress.done / progress.total if progress.total else 0.0
            return min(0.99, (done + part * seconds) / sum(times.values()))
        done += seconds
    return 0.0


def seconds_left(progress: Progress, now: float, products: int, terms: int) -> float | None:
    """Return the seconds that are left, at the speed of the run so far; None where unknown."""
    total = sum(_times(products, terms).values())
    done = share_done(progress, products, terms)
    elapsed = now - progress.started
    if done < 0.02:
        return round(total - elapsed) if elapsed < total else None
    # at first the usual time counts most, later the run's own speed
    own = elapsed * (1 - done) / done
    return max(1.0, round((1 - done) * total * (1 - done) + own * done))


def _times(products: int, terms: int) -> dict[str, float]:
    return {
        stage: seconds + each * (products if stage in _OF_PRODUCTS else terms)
        for stage, (seconds, each) in STAGES.items()
    }
