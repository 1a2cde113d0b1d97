"""The report: one context, one Markdown prose, two renderings (HTML and LaTeX), and the PDF.

The way through: `inputs` reads what earlier stages wrote, `compose` turns it into plain data, with the
`tables` and the filled prose; `html` and `latex` have `rendering` walk over the parsed Markdown, each with
its templates. `pdf` compiles the LaTeX.
"""
