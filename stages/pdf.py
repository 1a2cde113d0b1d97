"""Typeset the report of one data set."""

from octrepro.stage import Stage, main


def run(stage: Stage) -> None:
    """Compile report.tex to report.pdf; note what it was typeset with."""
    from octrepro.core import paths
    from octrepro.core.files import write_bytes, write_json
    from octrepro.reporting.pdf import compile_pdf

    folder = paths.report(stage.dataset)
    pdf, tools = compile_pdf(folder, paths.boolean_figures)
    write_bytes(folder / "report.pdf", pdf)
    write_json(paths.typeset(stage.dataset), tools)


if __name__ == "__main__":
    main("pdf", run)
