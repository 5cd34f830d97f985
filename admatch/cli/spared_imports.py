"""What libraries load without need: ``spare_imports``."""

import sys
from types import ModuleType

# lightgbm.compat loads them for interfaces that admatch does not use: half the time until a report
# is read. In a notebook they may be wanted, hence only the command line spares them.
_OF_COMPAT = ("pandas", "sklearn")


def spare_imports() -> None:
    """Let LightGBM load without pandas and scikit-learn; everything else may still import them."""
    sys.meta_path.insert(0, _Spared())


class _Spared:
    """A finder that finds nothing, and refuses those modules to ``lightgbm.compat``."""

    @staticmethod
    def find_spec(name: str, _path: object = None, _target: ModuleType | None = None) -> None:
        compat = sys.modules.get("lightgbm.compat")
        loading = compat and getattr(compat.__spec__, "_initializing", False)
        if loading and name in _OF_COMPAT:
            raise ModuleNotFoundError(name=name)
