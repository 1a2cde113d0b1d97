"""The colors of every figure, for light and for dark pages.

The series colors keep a contrast of at least 4.5 : 1 to the page, because lines are labeled in their own
color, and stay apart under the three dichromacies (the tests simulate them). The first four
differ in lightness too, for readers and printers without color.
"""

INK = "#1f2328"
MUTED = "#59626d"
GRID = "#dde1e6"
PALETTE = ("#0a4a85", "#cb4709", "#0f6e4c", "#3f1268", "#6b4a12", "#6a7480")

LIGHT = {
    "fig-ink": INK,
    "fig-muted": MUTED,
    "fig-grid": GRID,
    **{f"c{number}": color for number, color in enumerate(PALETTE, start=1)},
}
DARK = {
    "fig-ink": "#e6e8eb",
    "fig-muted": "#a5afba",
    "fig-grid": "#343b44",
    "c1": "#84c6fb",
    "c2": "#d78966",
    "c3": "#b7ebd2",
    "c4": "#b866c4",
    "c5": "#f3d48f",
    "c6": "#a8b4c0",
}


def css_variables(colors: dict[str, str]) -> str:
    """LIGHT or DARK as CSS declarations, to stand inside a rule such as ``:root { ... }``."""
    return " ".join(f"--{name}: {color};" for name, color in colors.items())


def css_rules() -> str:
    """CSS rules that give the variables' values to the elements of an SVG by `octrepro.plotting.saving`."""
    return "\n".join(
        f'svg [{part}="{color}"], svg[{part}="{color}"] {{ {part}: var(--{name}); }}'
        for name, color in LIGHT.items()
        for part in ("fill", "stroke")
    )
