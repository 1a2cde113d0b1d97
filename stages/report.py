"""Render the report of one data set as HTML and LaTeX."""

from octrepro.stage import Stage, main


def run(stage: Stage) -> None:
    """Read what the other stages wrote; write report.html and report.tex."""
    from octrepro.core import paths
    from octrepro.core.files import write_text
    from octrepro.reporting import html, latex
    from octrepro.reporting.compose import build_report
    from octrepro.reporting.inputs import load

    dataset = stage.dataset
    report = build_report(load(dataset, stage.params))
    page, document = html.page(report), latex.document(report)
    write_text(paths.report(dataset) / "report.html", page)
    write_text(paths.report(dataset) / "report.tex", document)


if __name__ == "__main__":
    main("report", run)
