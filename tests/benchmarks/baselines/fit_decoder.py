"""Trains a ``PrefixDecoder`` on (query, ID) pairs for a fixed number of optimizer steps."""

from collections.abc import Callable

import torch
from torch import Tensor

from admatch.encode.precision import training_format
from tests.benchmarks.baselines.prefix_decoder import PrefixDecoder

STEPS, BATCH, RATE, WARM_UP = 500, 256, 1e-3, 50


def fit_decoder(
    decoder: PrefixDecoder,
    queries: Tensor,
    ids: Tensor,
    augment: Callable[[Tensor, Tensor], Tensor],
    seed: int,
) -> PrefixDecoder:
    """Return the decoder, trained; ``augment`` changes a batch's queries, given its rows.

    ``queries`` (n, dim) float32 or float16, ``ids`` (n, depth) int64.
    """
    draws = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(decoder.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, RATE, total_steps=STEPS, pct_start=WARM_UP / STEPS
    )
    order = torch.randperm(len(queries), generator=draws)
    for step in range(STEPS):
        rows = order[torch.arange(step * BATCH, (step + 1) * BATCH) % len(order)]
        with torch.autocast("cpu", torch.bfloat16, enabled=training_format() == torch.bfloat16):
            loss = decoder.loss(augment(queries[rows].float(), rows), ids[rows])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(decoder.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 50 == 0 or step + 1 == STEPS:
            print(f"step {step}: loss {loss.item():.3f}", flush=True)
    return decoder.eval()
