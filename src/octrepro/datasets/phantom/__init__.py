"""The embedded data set: synthetic scans of the retina, in OCTMNIST's format, from a seed.

They are drawn, not photographed: no patient's data enters them, and no conclusion on patients can leave them.
"""

from octrepro.datasets.phantom.generation import generate

__all__ = ["generate"]
