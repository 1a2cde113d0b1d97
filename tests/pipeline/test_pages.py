"""A built report keeps to the pages of paper and the bytes that a reader was promised."""

import pytest
from pypdf import PdfReader

from tests.pipeline.project import ROOT, Project


@pytest.mark.slow
def test_report_is_no_longer_and_no_heavier_than_promised(built_once: Project) -> None:
    # The small project has every part of the report; where the whole one is built, it is measured too.
    for project in (built_once.folder, ROOT):
        folder = project / "report/build/phantom"
        if (folder / "report.html").is_file():
            assert (folder / "report.html").stat().st_size < 1_000_000
        if (folder / "report.pdf").is_file():
            assert len(PdfReader(folder / "report.pdf").pages) <= 24
