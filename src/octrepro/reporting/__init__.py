"""The report: one context, one Markdown prose, two renderings (HTML and LaTeX), and the PDF.

The way through: `inputs` reads what earlier stages wrote, `context` turns it into plain data, `prose`
fills the Markdown of report/prose with it, `markdown` parses that into one tree, and `html` and `latex`
render the tree. `pdf` compiles the LaTeX.
"""
