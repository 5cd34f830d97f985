"""Evidence → one decision a term, with its reason; and the set of them that pays best.

The room has the name of its one verb. ``admatch.recommend`` is the function until the room is
first imported and the room from then on, so the room can be called like the function.
"""

import sys
from types import ModuleType
from typing import Any


class _Room(ModuleType):
    def __call__(self, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as the verb has it
        """Return what ``recommend.recommend.recommend`` returns."""
        from admatch.recommend.recommend import recommend

        return recommend(*arguments, **named)


sys.modules[__name__].__class__ = _Room
