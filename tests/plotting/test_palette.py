"""Contrast after WCAG 2; dichromacy after Machado, Oliveira and Fernandes (IEEE TVCG 15, 2009)."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from octrepro.plotting.palette import DARK, LIGHT, PALETTE

PAGES = {"light": (LIGHT, "#ffffff"), "dark": (DARK, "#15181c")}
SIGHT = {
    "full": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
RGB_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def linear(color: str) -> np.ndarray:
    values = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(first: str, second: str) -> float:
    dark, light = sorted(float(linear(color) @ RGB_TO_XYZ[1]) for color in (first, second))
    return (light + 0.05) / (dark + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    scaled = RGB_TO_XYZ @ np.clip(rgb, 0, 1) / [0.95047, 1, 1.08883]
    f = np.where(scaled > 0.008856, np.cbrt(scaled), 7.787 * scaled + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("scheme", PAGES)
def test_text_and_lines_stand_out_from_the_page(scheme):
    colors, page = PAGES[scheme]
    assert colors.keys() == LIGHT.keys()
    faint = {name for name, color in colors.items() if contrast(color, page) < 4.5}
    assert faint == {"fig-grid"}


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("scheme", PAGES)
def test_series_are_told_apart_and_the_first_ones_by_lightness(scheme, sight):
    colors, _ = PAGES[scheme]
    seen = [lab(SIGHT[sight] @ linear(colors[f"c{number}"])) for number in range(1, len(PALETTE) + 1)]
    assert min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2)) > 10
    if sight == "full":
        lightness = sorted(float(color[0]) for color in seen[:4])
        assert min(after - before for before, after in pairwise(lightness)) > 7
