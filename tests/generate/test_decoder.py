import torch

from admatch.generate.decoder import Decoder
from tests.conftest import DIM, random_unit


def test_untrained_it_is_additive_quantization_search(codebooks):
    vectors = random_unit(50, seed=1)
    queries = torch.from_numpy(random_unit(6, seed=2))
    codes = codebooks.encode(vectors)
    with torch.inference_mode():
        scores = Decoder(codebooks)(queries)
    decoded = codebooks.decode_tree(codes.tree)
    added = sum(
        level[:, codes.tree[:, depth].astype("int64")] for depth, level in enumerate(scores.tree)
    )
    torch.testing.assert_close(added, queries @ decoded.T)
    torch.testing.assert_close(scores.query, queries)
    items = torch.arange(50).expand(6, 50)
    found = scores.detail.gather(2, torch.from_numpy(codes.detail)[items].long().mT).sum(1)
    torch.testing.assert_close(found, queries @ codebooks.decode_detail(codes.detail).T)


def test_it_learns_a_correction_that_additive_search_lacks(codebooks):
    torch.manual_seed(0)
    queries = torch.from_numpy(random_unit(32, seed=3))
    wanted = torch.arange(32) % len(codebooks.levels[0])
    decoder = Decoder(codebooks)
    optimizer = torch.optim.Adam(decoder.parameters(), lr=0.01)
    losses = []
    for _ in range(60):
        loss = torch.nn.functional.cross_entropy(decoder(queries).tree[0], wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]


def test_codebooks_are_no_weights_of_the_decoder(codebooks):
    names = Decoder(codebooks).state_dict()
    assert all(name.startswith("corrections.") for name in names)
    assert names["corrections.0.down.weight"].shape[1] == DIM
