"""Keywords in disorder, counted: ``hygiene_lines``."""

from collections.abc import Mapping

from admatch.messages import Message, say


def hygiene_lines(counts: Mapping[str, int]) -> list[Message]:
    """Return a sentence for each issue that keywords have (``decisions.hygiene``)."""
    duplicate, competing, blocked, never = (
        counts.get(issue, 0) for issue in ("duplicate", "competing", "blocked", "never-serves")
    )
    said = (
        (duplicate, say("cli.hygiene.duplicate", n=duplicate)),
        (competing, say("cli.hygiene.competing", n=competing)),
        (blocked, say("cli.hygiene.blocked", n=blocked)),
        (never, say("cli.hygiene.never", n=never)),
    )
    return [sentence for count, sentence in said if count]
