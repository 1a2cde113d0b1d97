"""report.tex compiles cleanly, with hostile data too; failures are told in one message."""

import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter

from octrepro.core import UserError
from octrepro.reporting import latex, pdf
from octrepro.reporting.compose import build_report
from octrepro.reporting.inputs import Inputs
from tests.reporting.conftest import HOSTILE, hostile_inputs, row_of

ONE_PAGE = r"\documentclass{article}\begin{document}%s x\end{document}"


def lay_out(root: Path, document: str, pictures: Iterable[str] = ()) -> Path:
    """report.tex and its figures as they lie under report/build/."""
    folder = root / "phantom"
    for place in (folder, root / "boolean"):
        (place / "figures").mkdir(parents=True)
    picture = PdfWriter()
    picture.add_blank_page(width=220, height=165)
    for path in pictures:
        picture.write(folder / path)
    (folder / "report.tex").write_text(document, encoding="utf-8")
    return folder


def lay_out_report(root: Path, inputs: Inputs) -> Path:
    pictures = [figure["path"] for figure in inputs.figures.values()]
    return lay_out(root, latex.document(build_report(inputs)), pictures)


def typeset(folder: Path) -> tuple[bytes, dict[str, Any]]:
    return pdf.compile_pdf(folder, folder.parent / "boolean" / "figures")


@pytest.mark.latex
@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")
class TestPdf:
    """The PDF of the report, with other pictures."""

    def test_compiles_without_a_complaint_and_holds_the_text_and_every_figure(
        self, tmp_path: Path, inputs: Inputs
    ) -> None:
        # That place, time and settings change no byte is tests/pipeline/test_same_bytes.py's matter.
        folder = lay_out_report(tmp_path, inputs)
        command = ["pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "report.tex"]
        for _ in range(pdf.PASSES):
            subprocess.run(command, cwd=folder, capture_output=True, check=True)
        log = (folder / "report.log").read_text(encoding="utf-8", errors="replace")
        assert not re.findall(r"Missing character.*|.*undefined.*|LaTeX Warning: .*", log)
        wide = [float(points) for points in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log)]
        assert not [points for points in wide if points > 10]
        reader = PdfReader(folder / "report.pdf")
        pages = [page.extract_text() for page in reader.pages]
        text = re.sub(r"\s+", " ", " ".join(pages))
        found = row_of(inputs, "perceptron")["test"]
        assert f"{found['correct']} of {found['total']} test images are classified correctly" in text
        for label in [*range(1, 15), "S1", "S2", "S3"]:
            assert f"Figure{label}:" in text.replace(" ", "")
        assert all("Synthetic data: drawn by a program" in page for page in pages)
        drawn = sum(len(page.get("/Resources", {}).get("/XObject", {})) for page in reader.pages)
        assert drawn == len(inputs.figures)
        assert reader.metadata is not None
        assert reader.metadata.title == build_report(inputs).title

    def test_hostile_data_compile_cleanly(self, tmp_path: Path) -> None:
        text = " ".join([*HOSTILE, latex.AS_THEY_ARE])
        written, tools = typeset(lay_out_report(tmp_path, hostile_inputs(text, list(HOSTILE[:4]))))
        assert written.startswith(b"%PDF")
        assert str(tmp_path).encode() not in written
        assert "pdfTeX" in tools["engine"]
        assert not list(tmp_path.rglob("owned"))

    def test_no_shell_command_runs_and_an_error_is_told_with_its_line(self, tmp_path: Path) -> None:
        ran = tmp_path / "ran"
        document = ONE_PAGE % rf"\immediate\write18{{touch {ran}}} \nonsense"
        with pytest.raises(UserError, match=r"report.tex:1: Undefined control sequence"):
            typeset(lay_out(tmp_path, document))
        assert not ran.exists()


def test_a_missing_engine_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="texlive"):
        typeset(tmp_path)
