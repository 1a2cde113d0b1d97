"""The colors of every figure, for light and for dark pages.

The series colors keep a contrast of at least 4.5 : 1 to the page, because lines are labeled in their own
color, and stay apart under the three dichromacies (the tests simulate them), mostly by their lightness.
"""

INK = "#1f2328"
MUTED = "#59626d"
GRID = "#dde1e6"
PALETTE = ("#0b62a4", "#c2410c", "#0b5540", "#4a1a75", "#62430f", "#6a7480")

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
    "c1": "#6cb6f5",
    "c2": "#ff9665",
    "c3": "#4fa37c",
    "c4": "#c283b4",
    "c5": "#f2c849",
    "c6": "#a9b4bf",
}


def css_variables(scheme: str) -> str:
    """CSS declarations of the figures' colors, to stand inside a rule such as ``:root { ... }``.

    Parameters
    ----------
    scheme : {"light", "dark"}
        The color scheme of the page.

    Returns
    -------
    str
        Declarations such as ``--fig-ink: #1f2328; --c1: #0b62a4;`` on one line. An SVG written by
        `octrepro.plotting.save` uses the light ones where the page declares none.
    """
    colors = {"light": LIGHT, "dark": DARK}[scheme]
    return " ".join(f"--{name}: {color};" for name, color in colors.items())
