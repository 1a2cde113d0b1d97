"""The embedded data set: synthetic scans of the retina, in OCTMNIST's format, from a seed.

They are drawn, not photographed: no patient's data enters them, and no conclusion on patients can leave them.

How the likeness was chosen: by eye, beside real scans, and by how known models rank on OCTMNIST, never by a
verdict of the report. Layers vary in depth, tilt and brightness, lesions in place, size and shape; classes
are as frequent as OCTMNIST's, and about one scan in seven does not show what its label says.

One contrast of OCTMNIST is missing: trained on 6,000 images, the MLP from scratch does not beat logistic
regression. On OCTMNIST it sees 16 times as many. Lesions that vary more in place, and less speckle, did not
change that at 6,000 images; with 24,000 of them the MLP was ahead, by 0.584 to 0.552 on the test images.
"""

from octrepro.datasets.phantom.generation import generate

__all__ = ["generate"]
