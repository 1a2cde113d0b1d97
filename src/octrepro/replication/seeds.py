"""The seeds of replicates."""

from __future__ import annotations

import numpy as np


def replicate_seeds(seed: int, count: int) -> list[int]:
    """Draw seeds for further runs from the seed of params.yaml.

    They are the first `count` words of ``numpy.random.SeedSequence(seed)``, whose algorithm NumPy keeps
    fixed; a word that is `seed` itself or came before is passed over. So they are distinct, more of them
    begin with the same ones, and every run of every data set gets the same, which pairs the runs by seed.

    Parameters
    ----------
    seed
        ``seed`` of params.yaml.
    count
        How many.

    Examples
    --------
    >>> replicate_seeds(42, 3)
    [3444837047, 2669555309, 2046530742]
    """
    # A word repeats about once in four billion pairs: twice as many are more than enough.
    words = np.random.SeedSequence(seed).generate_state(2 * count + 8, np.uint32).tolist()
    return [word for word in dict.fromkeys(words) if word != seed][:count]
