"""Draw a sheet of sample scans: ``python -m octrepro.datasets.phantom.sheet docs/phantom.png``."""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from octrepro.core.files import atomic_path
from octrepro.datasets.phantom.anatomy import draw_anatomy
from octrepro.datasets.phantom.randomness import Stream
from octrepro.datasets.phantom.rendering import FACTOR, SIDE, render, shrink

_EACH = 5
_MARGIN = 6
_CAPTION = 16
_SEED = 8
_NAMES = (
    "0 choroidal neovascularization: a lesion lifts and breaks the bright band",
    "1 diabetic macular edema: dark cysts swell the retina",
    "2 drusen: small bumps of the bright band",
    "3 normal",
)


def draw_sheet(seed: int, zoom: int = 4) -> NDArray[np.uint8]:
    """Draw a few scans of each class, each as drawn and at 28x28.

    Parameters
    ----------
    seed : int
        Which scans.
    zoom : int
        Pixels of the sheet for a pixel of the 28x28 image; a multiple of the drawing's own factor looks best.

    Returns
    -------
    NDArray[np.uint8]
        Shape (height, width): two rows of pictures for each class, under a strip left free for its name.
    """
    side = SIDE * zoom
    height, width = _CAPTION + 2 * (side + _MARGIN), _EACH * (side + _MARGIN) + _MARGIN
    sheet = np.full((len(_NAMES) * height, width), 255, np.uint8)
    for label in range(len(_NAMES)):
        anatomy = draw_anatomy(Stream(seed, label), np.full(_EACH, label), SIDE * FACTOR)
        pictures = render(anatomy, Stream(seed, label, 1))
        for row, scans in enumerate((pictures, shrink(pictures))):
            pick = np.arange(side) * scans.shape[1] // side
            top = label * height + _CAPTION + row * (side + _MARGIN)
            for i, scan in enumerate(scans):
                left = _MARGIN + i * (side + _MARGIN)
                sheet[top : top + side, left : left + side] = scan[np.ix_(pick, pick)]
    return sheet


def main(path: Path) -> None:
    """Write the sheet as a PNG, the classes named."""
    from PIL import Image, ImageDraw

    picture = Image.fromarray(draw_sheet(_SEED, zoom=2 * FACTOR))
    pen = ImageDraw.Draw(picture)
    for label, name in enumerate(_NAMES):
        pen.text((_MARGIN, label * picture.height // len(_NAMES) + 2), name, fill=0)
    with atomic_path(path) as temporary:
        picture.save(temporary, "PNG", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
