"""The retina of each scan, drawn at random: its surfaces, its lesions, and how the scan was taken.

Lengths are fractions of the image: x runs from -1 (left) to 1 (right), y from 0 (top) to 1 (bottom). Every
quantity of a column is an array of shape (n, width), every quantity of a scan one of shape (n, 1).
"""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from octrepro.datasets.phantom.portable import Floats, Stream, bump, step

CNV, DME, DRUSEN, NORMAL = range(4)

DISPUTED = 0.14
"""Share of scans that do not show what their label says, as graders of real ones disagree. It bounds the
accuracy that can be reached, and gives long training something to memorize."""

CYSTS = 6
"""The largest number of cysts in a scan."""


@dataclass(frozen=True)
class Anatomy:
    """What `render` needs to know of n scans, all float32."""

    # Of each column, shape (n, width).
    surface: Floats  # depth of the retina's inner surface
    band: Floats  # depth of the retinal pigment epithelium, the bright band
    membrane: Floats  # depth of Bruch's membrane, where the band would lie in health
    fluid: Floats  # thickness of the fluid just above the band
    wedge_top: Floats  # where the scan's white border ends at the top
    wedge_bottom: Floats  # and begins at the bottom
    band_brightness: Floats
    illumination: Floats  # of the whole column
    # Of each spot, shape (n, CYSTS, 5): center x and y, half-width, half-height, and strength, 0 for none.
    cysts: Floats  # dark
    exudates: Floats  # bright
    # Of each scan, shape (n, 1).
    contrast: Floats  # brightness of the layers
    background: Floats  # brightness of the vitreous
    choroid: Floats  # its brightness
    choroid_depth: Floats  # how deep it is seen
    band_width: Floats
    lesion_brightness: Floats  # of what lies between band and membrane

    def part(self, rows: slice) -> Self:
        """Take some of the scans."""
        return type(self)(*(getattr(self, field.name)[rows] for field in fields(self)))


def draw_anatomy(stream: Stream, labels: NDArray[np.int64], width: int) -> Anatomy:
    """Draw a scan, `width` columns wide, of each class in `labels`: shape (n,), 0 to 3."""
    n = len(labels)
    columns = (np.arange(width, dtype=np.float32) + 0.5) * (2 / width)
    x: Floats = columns[None] - 1
    tilt = _centered(stream, 0.12, n)
    membrane: Floats = (
        stream.uniform(0.54, 0.63, n, 1)
        + tilt * x
        + _centered(stream, 0.06, n) * (x * x - 0.3)
        + _waves(stream, x, n, count=3, height=0.015, narrow=0.25, wide=0.7)
    )
    fovea = _centered(stream, 0.7, n)
    thickness = _thickness(stream, x, fovea, n)
    severity = stream.uniform(0.9, 1.7, n, 1)
    seen = _seen(stream, labels)
    is_cnv, is_dme, is_drusen = ((seen == c).astype(np.float32)[:, None] for c in (CNV, DME, DRUSEN))

    lift, fluid, broken, lesion = _neovascular_membrane(stream, x, fovea, severity * is_cnv)
    bumps = _drusen(stream, x, fovea, severity * is_drusen)
    # Old age roughens any band a little, so that a small bump alone does not tell drusen.
    roughness = _waves(stream, x, n, count=5, height=0.008, narrow=0.06, wide=0.2)
    band: Floats = membrane - lift - bumps - np.abs(roughness)

    swelling, cysts, exudates = _oedema(stream, x, fovea, severity * is_dme)
    surface = membrane - thickness - 0.6 * lift - 0.3 * bumps - swelling - 0.7 * fluid
    surface = np.minimum(surface, band - 0.06)
    cysts = _placed(cysts, surface, band)
    exudates = _placed(exudates, surface, band)

    tops, bottoms = _wedges(stream, x, tilt, n)
    return Anatomy(
        surface=surface,
        band=band,
        membrane=membrane,
        fluid=fluid,
        band_brightness=stream.uniform(0.75, 1.1, n, 1) * (1 - broken),
        lesion_brightness=np.maximum(lesion, 0.42 * is_drusen),
        illumination=_illumination(stream, x, n),
        cysts=cysts,
        exudates=exudates,
        contrast=stream.uniform(1.0, 1.5, n, 1),
        background=stream.uniform(0.03, 0.07, n, 1),
        choroid=stream.uniform(0.3, 0.5, n, 1),
        choroid_depth=stream.uniform(0.08, 0.16, n, 1),
        band_width=stream.uniform(0.022, 0.04, n, 1),
        wedge_top=tops,
        wedge_bottom=bottoms,
    )


def _seen(stream: Stream, labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Choose what each scan shows: its class; in disputed scans no lesion, or one that its label denies."""
    n = len(labels)
    disputed = stream.chance(DISPUTED, n)
    lesion = np.minimum(stream.uniform(0.0, 3.0, n).astype(np.int64), DRUSEN)
    return np.where(disputed, np.where(labels == NORMAL, lesion, NORMAL), labels)


def _centered(stream: Stream, half_range: float, n: int) -> Floats:
    """Draw (n, 1) numbers between -half_range and half_range, those near 0 likelier."""
    both = stream.uniform(-0.5, 0.5, n, 1) + stream.uniform(-0.5, 0.5, n, 1)
    return both * half_range


def _waves(
    stream: Stream, x: Floats, n: int, *, count: int, height: float, narrow: float, wide: float
) -> Floats:
    """Add `count` bumps up or down at random places: a smooth irregular line of shape (n, width)."""
    line = np.zeros((n, x.shape[1]), np.float32)
    for _ in range(count):
        center = stream.uniform(-1.1, 1.1, n, 1)
        half_width = stream.uniform(narrow, wide, n, 1)
        line += stream.uniform(-height, height, n, 1) * bump((x - center) / half_width)
    return line


def _thickness(stream: Stream, x: Floats, fovea: Floats, n: int) -> Floats:
    """Thickness of a healthy retina: thinner at the sides, with the dip of the fovea if the scan meets it."""
    base = stream.uniform(0.17, 0.23, n, 1)
    dip = stream.uniform(0.25, 0.6, n, 1) * ~stream.chance(0.25, n, 1)
    half_width = stream.uniform(0.16, 0.38, n, 1)
    offset = x - fovea
    rim = 0.14 * bump(offset / 1.1)
    distance = offset / half_width
    pit = 1 / (1 + distance * distance)
    waves = _waves(stream, x, n, count=2, height=0.015, narrow=0.2, wide=0.6)
    return base * (0.92 + rim - dip * pit * pit) + waves


def _neovascular_membrane(
    stream: Stream, x: Floats, fovea: Floats, severity: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Draw a lesion under the retina: lift of the band, fluid above it, loss of the band, brightness."""
    n = len(severity)
    center = np.clip(fovea + _centered(stream, 0.6, n), -0.75, 0.75)
    extent = stream.uniform(0.25, 0.6, n, 1)
    lift = severity * stream.uniform(0.06, 0.14, n, 1) * bump((x - center) / extent)
    broken = np.zeros_like(lift)
    for _ in range(3):
        place = center + stream.uniform(-0.8, 0.8, n, 1) * extent
        half_width = stream.uniform(0.06, 0.2, n, 1)
        lift += severity * stream.uniform(-0.01, 0.045, n, 1) * bump((x - place) / half_width)
        broken = np.maximum(broken, stream.uniform(0.0, 0.8, n, 1) * bump((x - place) / half_width))
    side = center + stream.uniform(-0.7, 0.7, n, 1)
    with_fluid = stream.chance(0.6, n, 1)
    thickness = with_fluid * severity * stream.uniform(0.0, 0.09, n, 1)
    fluid = thickness * bump((x - side) / stream.uniform(0.2, 0.5, n, 1))
    present = step(severity * 8)
    brightness = present * stream.uniform(0.35, 0.85, n, 1)
    return np.maximum(lift, 0), fluid, broken * present, brightness


def _drusen(stream: Stream, x: Floats, fovea: Floats, severity: Floats) -> Floats:
    """Draw two to eight small bumps of the band, shape (n, width)."""
    n = len(severity)
    bumps = np.zeros((n, x.shape[1]), np.float32)
    for i in range(8):
        there = stream.chance(1.0 if i < 2 else 0.55, n, 1)
        center = np.clip(fovea + _centered(stream, 1.2, n), -0.95, 0.95)
        half_width = stream.uniform(0.05, 0.15, n, 1)
        height = severity * stream.uniform(0.03, 0.075, n, 1)
        bumps = np.maximum(bumps, there * height * bump((x - center) / half_width))
    return bumps


def _oedema(stream: Stream, x: Floats, fovea: Floats, severity: Floats) -> tuple[Floats, Floats, Floats]:
    """Draw a swollen retina: thickening, dark cysts, bright exudates (depths relative to the retina)."""
    n = len(severity)
    center = np.clip(fovea + _centered(stream, 0.4, n), -0.7, 0.7)
    extent = stream.uniform(0.3, 0.8, n, 1)
    swelling = severity * stream.uniform(0.05, 0.15, n, 1) * bump((x - center) / extent)
    present = step(severity * 8)
    cysts = np.zeros((n, CYSTS, 5), np.float32)
    exudates = np.zeros((n, CYSTS, 5), np.float32)
    for i in range(CYSTS):
        for spots, size, chance in ((cysts, 1.0, 1.0 if i < 2 else 0.6), (exudates, 0.35, 0.25)):
            there = present * stream.chance(chance, n, 1)
            spots[:, i : i + 1, 0] = center + _centered(stream, 1.0, n) * extent
            spots[:, i : i + 1, 1] = stream.uniform(0.3, 0.75, n, 1)
            spots[:, i : i + 1, 2] = size * stream.uniform(0.06, 0.17, n, 1)
            spots[:, i : i + 1, 3] = size * stream.uniform(0.03, 0.075, n, 1)
            spots[:, i : i + 1, 4] = there * np.minimum(0.4 + 0.5 * severity, 1)
    return swelling, cysts, exudates


def _placed(spots: Floats, surface: Floats, band: Floats) -> Floats:
    """Turn the depth of spots from a fraction of the retina's thickness there into a depth in the image."""
    n, width = surface.shape
    columns = np.clip((spots[:, :, 0] + 1) * (width / 2), 0, width - 1).astype(np.int64)
    rows = np.arange(n)[:, None]
    top, bottom = surface[rows, columns], band[rows, columns]
    placed = spots.copy()
    placed[:, :, 1] = top + spots[:, :, 1] * (bottom - top)
    # A copy side by side in memory: emulators of AVX2 have been seen to misread strided columns here.
    half_height = np.ascontiguousarray(spots[:, :, 3])
    placed[:, :, 3] = np.minimum(half_height, 0.36 * (bottom - top))
    return placed


def _illumination(stream: Stream, x: Floats, n: int) -> Floats:
    """Draw the light of each column: brighter around some place, with the shadows of vessels."""
    falloff = stream.uniform(0.0, 0.35, n, 1)
    light = 1 - falloff * step(np.abs(x - stream.uniform(-0.6, 0.6, n, 1)) * 0.8)
    for _ in range(4):
        there = stream.chance(0.45, n, 1)
        center = stream.uniform(-1.0, 1.0, n, 1)
        depth = there * stream.uniform(0.15, 0.6, n, 1)
        light = light * (1 - depth * bump((x - center) / stream.uniform(0.04, 0.12, n, 1)))
    return light


def _wedges(stream: Stream, x: Floats, tilt: Floats, n: int) -> tuple[Floats, Floats]:
    """Draw the white borders that a rotated scan leaves, parallel to its tilt; most scans have none."""
    slope = tilt * 0.5 + _centered(stream, 0.06, n)
    curve = _centered(stream, 0.05, n) * (1 - x * x)
    has_top = stream.chance(0.1, n, 1).astype(np.float32)
    has_bottom = stream.chance(0.18, n, 1).astype(np.float32)
    top = stream.uniform(-0.05, 0.12, n, 1) + slope * x
    bottom = stream.uniform(0.88, 1.05, n, 1) + slope * x + curve
    far = 2
    return top * has_top - far * (1 - has_top), bottom * has_bottom + far * (1 - has_bottom)
