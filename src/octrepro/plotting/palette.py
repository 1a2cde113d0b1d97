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


def css() -> str:
    """The rules that color a page and the SVGs in it: light or dark as the reader's system or page asks."""
    light, dark = (
        " ".join(f"--{name}: {each};" for name, each in colors.items()) for colors in (LIGHT, DARK)
    )
    elements = [
        f'svg [{part}="{color}"], svg[{part}="{color}"] {{ {part}: var(--{name}); }}'
        for name, color in LIGHT.items()
        for part in ("fill", "stroke")
    ]
    schemes = [
        f":root {{ {light} }}",
        f'@media (prefers-color-scheme: dark) {{ :root:not([data-theme="light"]) {{ {dark} }} }}',
        f':root[data-theme="dark"] {{ {dark} }}',
        f"@media print {{ :root, :root[data-theme] {{ {light} }} }}",
    ]
    return "\n".join([*elements, *schemes])
