"""Split a bulk write into requests that Cloudflare accepts and that fit into one write timeout."""

from collections.abc import Iterator, Mapping

MOST_PAIRS = 10_000
MOST_BYTES = 5_000_000
"""Well under the 100 MB that one request may have: a batch must go through within one write timeout."""


def batches(
    values: Mapping[str, bytes], most_pairs: int = MOST_PAIRS, most_bytes: int = MOST_BYTES
) -> Iterator[dict[str, bytes]]:
    """Yield ``values`` in order, each batch within both limits; a value larger than a batch is sent alone.

    Bytes are counted in base64, as they are sent.
    """
    batch: dict[str, bytes] = {}
    size = 0
    for key, value in values.items():
        travels = (len(value) + 2) // 3 * 4
        if batch and (len(batch) == most_pairs or size + travels > most_bytes):
            yield batch
            batch, size = {}, 0
        batch[key] = value
        size += travels
    if batch:
        yield batch
