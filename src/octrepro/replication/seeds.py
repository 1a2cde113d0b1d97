"""The seeds of replicates."""

import numpy as np


def replicate_seeds(seed: int, count: int) -> list[int]:
    """Draw seeds for further runs from the seed of params.yaml.

    They are the first `count` words of ``numpy.random.SeedSequence(seed)``, whose algorithm NumPy keeps
    fixed; a word that is `seed` itself or came before is passed over. So they are distinct, more of them
    begin with the same ones, and every run of every data set gets the same, which pairs the runs by seed.
    """
    # A word repeats about once in four billion pairs: twice as many are more than enough.
    words = np.random.SeedSequence(seed).generate_state(2 * count + 8, np.uint32).tolist()
    return [word for word in dict.fromkeys(words) if word != seed][:count]
