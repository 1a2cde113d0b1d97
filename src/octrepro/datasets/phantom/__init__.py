"""The embedded data set: synthetic scans of the retina, in OCTMNIST's format, from a seed.

They are drawn, not photographed: no patient's data enters them, and no conclusion on patients can leave them.

How the likeness was chosen: by eye, beside real scans, and by how known models rank on OCTMNIST, never by a
verdict of the report. Layers vary in depth, tilt and brightness, lesions in place, size and shape; classes
are as frequent as OCTMNIST's, and about one scan in seven does not show what its label says.

One contrast of OCTMNIST is missing: trained on 6,000 images, the MLP from scratch does not beat logistic
regression. On OCTMNIST it sees 16 times as many. Lesions that vary more in place, and less speckle, did not
change that at 6,000 images; with 24,000 of them the MLP was ahead, by 0.584 to 0.552 on the test images.
"""

from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from octrepro.core.progress import progress
from octrepro.datasets.phantom.anatomy import CYSTS, Anatomy, draw_anatomy
from octrepro.datasets.phantom.portable import Floats, Stream, bump, step

CLASS_SHARES = (33484, 10213, 7754, 46026)
"""Images of each class in OCTMNIST's training set: the proportions of the phantom's training and validation
sets. Its test set has as many of each class, as OCTMNIST's has."""

_AT_ONCE = 50
"""Scans drawn together: few enough that the arrays stay in the processor's cache."""

SIDE = 28
FACTOR = 3
"""Scans are drawn at 28 * FACTOR pixels a side, then averaged over squares of FACTOR by FACTOR."""
SPECKLE_ONE = 4096
"""The integer that stands for 1 in the table of `speckle_quantiles`."""

_LAYERS = (
    # Depth (0 inner surface, 1 bright band) and reflectivity, interpolated between.
    (0.00, 0.62),  # nerve fiber layer
    (0.12, 0.58),
    (0.22, 0.40),  # ganglion cells, inner plexiform layer
    (0.38, 0.44),
    (0.46, 0.24),  # inner nuclear layer
    (0.54, 0.40),  # outer plexiform layer
    (0.62, 0.20),  # outer nuclear layer
    (0.86, 0.20),
    (0.93, 0.45),  # ellipsoid zone
    (1.00, 0.55),
)
_STEPS = 128


def generate(seed: int, train: int, val: int, test: int) -> dict[str, NDArray[np.uint8]]:
    """Draw the phantom with so many scans in each split; other seeds give other scans of the same kind.

    Gives ``<split>_images`` of shape (n, 28, 28) and ``<split>_labels`` of shape (n, 1), the same everywhere.
    """
    arrays: dict[str, NDArray[np.uint8]] = {}
    for number, (split, count) in enumerate({"train": train, "val": val, "test": test}.items()):
        labels = _labels(Stream(seed, number, 0), count, (1, 1, 1, 1) if split == "test" else CLASS_SHARES)
        anatomy = draw_anatomy(Stream(seed, number, 1), labels, SIDE * FACTOR)
        noise = Stream(seed, number, 2)
        images = np.empty((count, SIDE, SIDE), np.uint8)
        starts = range(0, count, _AT_ONCE)
        for start in progress(starts, len(starts), f"draw {split} scans", "batch"):
            rows = slice(start, start + _AT_ONCE)
            images[rows] = shrink(render(anatomy.part(rows), noise))
        arrays[f"{split}_images"] = images
        arrays[f"{split}_labels"] = labels.astype(np.uint8)[:, None]
    return arrays


def _labels(stream: Stream, count: int, shares: tuple[int, ...]) -> NDArray[np.int64]:
    """Draw classes in exact proportion (largest remainders get the odd ones), in random order."""
    total = sum(shares)
    counts = [count * share // total for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda c: -(count * shares[c] % total))
    for c in by_remainder[: count - sum(counts)]:
        counts[c] += 1
    return np.repeat(np.arange(len(shares)), counts)[stream.permutation(count)]


def _profile() -> Floats:
    """Tabulate the reflectivity of the layers at `_STEPS` + 1 depths."""
    depth = np.arange(_STEPS + 1, dtype=np.float32) / _STEPS
    reflectivity = np.zeros_like(depth)
    for (start, here), (end, there) in pairwise(_LAYERS):
        share = (depth - start) / (end - start)
        np.copyto(reflectivity, here + share * (there - here), where=depth >= start)
    return reflectivity


_PROFILE = _profile()


def render(anatomy: Anatomy, stream: Stream) -> NDArray[np.uint8]:
    """Draw n scans at high resolution, shape (n, 28 * FACTOR, 28 * FACTOR); the speckle is from `stream`."""
    side = SIDE * FACTOR
    centers = np.arange(side, dtype=np.float32) + 0.5
    x, y = centers * (2 / side) - 1, (centers / side)[None, :, None]
    light = _tissue(anatomy, y)
    _add_spots(light, anatomy.cysts, x, y, target=0.06)
    _add_spots(light, anatomy.exudates, x, y, target=0.95)
    light *= (anatomy.contrast * anatomy.illumination)[:, None, :]
    light += anatomy.background[:, None, :]
    light *= _speckle(stream, len(light), side)
    # The detector saturates softly: bright layers keep their texture instead of turning flat white.
    light /= 1 + 0.35 * light
    # What lies outside the rotated scan is white.
    top, bottom = anatomy.wedge_top[:, None, :], anatomy.wedge_bottom[:, None, :]
    np.copyto(light, 1, where=(y < top) | (y > bottom))
    pixels: NDArray[np.uint8] = np.clip(light * 255.5, 0, 255).astype(np.uint8)
    return pixels


def shrink(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Average FACTOR by FACTOR pixels, in integers: (n, 28 * FACTOR, 28 * FACTOR) to (n, 28, 28)."""
    blocks = pictures.reshape(len(pictures), SIDE, FACTOR, SIDE, FACTOR)
    sums = blocks.sum(axis=(2, 4), dtype=np.uint32)
    area = FACTOR * FACTOR
    means: NDArray[np.uint8] = ((sums + area // 2) // area).astype(np.uint8)
    return means


def _tissue(anatomy: Anatomy, y: Floats) -> Floats:
    """Reflectivity of vitreous, retina, lesion, band and choroid, shape (n, side, side)."""
    surface, band, membrane = (a[:, None, :] for a in (anatomy.surface, anatomy.band, anatomy.membrane))
    depth = (y - surface) / (band - surface)
    light = np.take(_PROFILE, (np.clip(depth, 0, 1) * _STEPS).astype(np.intp))
    light *= step((y - surface) * 60 + 0.5)

    below = y - membrane
    reach = below / anatomy.choroid_depth[:, None, :]
    np.copyto(light, anatomy.choroid[:, None, :] / (1 + np.maximum(reach, 0) ** 2), where=y > band)
    np.copyto(light, anatomy.lesion_brightness[:, None, :], where=(y > band) & (below < 0))

    fluid = anatomy.fluid[:, None, :]
    np.copyto(light, 0.07, where=(y < band - 0.01) & (y > band - fluid))
    width = anatomy.band_width[:, None, :]
    light += anatomy.band_brightness[:, None, :] * 0.6 * bump((y - band) / width)
    return light


def _add_spots(light: Floats, spots: Floats, x: Floats, y: Floats, target: float) -> None:
    """Draw ellipses of a given reflectivity into `light`, only in the scans that have any."""
    for i in range(CYSTS):
        chosen = np.flatnonzero(spots[:, i, 4] > 0)
        cx, cy, rx, ry, strength = (spots[chosen, i, k][:, None, None] for k in range(5))
        u, v = (x - cx) / rx, (y - cy) / ry
        share = strength * step((1.15 - u * u - v * v) * 2)
        here = light[chosen]
        light[chosen] = here + share * (target - here)


def _speckle(stream: Stream, n: int, side: int) -> Floats:
    """Multiplicative noise of mean 1, shape (n, side, side): fine grains on coarse ones."""
    fine = np.take(speckle_quantiles(2), stream.bytes(n, side, side))
    coarse = np.take(speckle_quantiles(16), stream.bytes(n, side // 3, side // 6))
    fine *= np.repeat(np.repeat(coarse, 3, axis=1), 6, axis=2)
    return fine


@cache
def speckle_quantiles(looks: int) -> Floats:
    """Tabulate the gamma distribution of multiplicative speckle, mean 1, for look-up by a random byte.

    Entry i is the quantile at probability (i + 1/2) / 256 of the mean of `looks` exponential variates, the
    intensity of fully developed speckle averaged over that many looks; its standard deviation is
    ``looks ** -0.5`` (J. W. Goodman, "Some fundamental properties of speckle", J. Opt. Soc. Am. 66, 1145,
    1976). Rounding to 1 / `SPECKLE_ONE` hides the last-bit differences between machines.
    """
    exact = gammaincinv(looks, (np.arange(256) + 0.5) / 256) / looks
    table: Floats = np.rint(exact * SPECKLE_ONE).astype(np.float32) / SPECKLE_ONE
    return table
