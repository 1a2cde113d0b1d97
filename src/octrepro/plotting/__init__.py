"""One style for every figure, and one way to save it: SVG for the page, PDF for paper, CSV for the reader.

>>> from octrepro.plotting.saving import Drawing, save
>>> from octrepro.plotting.style import figure
>>> fig, ax = figure("half", 2.4)
>>> ax.plot([1, 2, 3], [0.2, 0.4, 0.5])
>>> drawing = Drawing(fig, title="...", caption="...", alt="...", data={"epoch": [1, 2, 3]}, sources=["..."])
>>> entry = save(drawing, folder, "example", stage="figures@phantom")

`palette` and `text` import no Matplotlib, so that a page can ask for them without paying for it.
"""
