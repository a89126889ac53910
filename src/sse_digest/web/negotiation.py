"""In which coding a reader wants a document (RFC 9110 section 12.5.3); pure."""

import re
from functools import lru_cache

from sse_digest.feeds.output.compression import PACKINGS

PLAIN = "identity"  # the coding that is none
_OURS = (*(packing.coding for packing in PACKINGS), PLAIN)
_WEIGHT = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")
_LEAST = 0.0005  # less than any weight that can be written


@lru_cache(maxsize=256)  # readers send a handful of values, over and over
def codings_for(accept_encoding: str) -> tuple[str, ...]:
    """Give the codings a reader takes, the one it likes best first; the plain one is always among them.

    Of codings it likes equally the one that packs best comes first. What is malformed is taken for a no.
    """
    weights: dict[str, float] = {}
    for part in accept_encoding.lower().split(","):
        coding, _, weight = (word.strip() for word in part.partition(";"))
        told = _WEIGHT.fullmatch(weight or "q=1")
        weights[coding] = float(told[1]) if told else 0.0
    others = weights.get("*", 0.0)
    liked = {coding: weights.get(coding, others) for coding in _OURS}
    liked[PLAIN] = liked[PLAIN] or _LEAST  # who refuses even that gets it rather than nothing
    return tuple(coding for coding in sorted(_OURS, key=lambda coding: -liked[coding]) if liked[coding])
