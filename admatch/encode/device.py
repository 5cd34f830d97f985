"""Where networks run: the one place that asks for a graphics card."""

import torch


def device() -> torch.device:
    """Return the first graphics card where there is one, else the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
