"""report.tex compiles cleanly, with hostile data too, to the same bytes; failures are told in one message."""

import io
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from octrepro.core import UserError
from octrepro.reporting import latex, pdf
from octrepro.reporting.compose import build_report
from octrepro.reporting.inputs import Inputs
from tests.reporting.conftest import HOSTILE, hostile_inputs, make_inputs, row_of

Typeset = tuple[bytes, dict[str, Any]]
ONE_PAGE = r"\documentclass{article}\begin{document}%s x\end{document}"


def lay_out(root: Path, document: str, figures: list[str] | None = None) -> Path:
    """report.tex and its figures as they lie under report/build/."""
    from matplotlib.figure import Figure

    folder = root / "phantom"
    for place in (folder, root / "boolean"):
        (place / "figures").mkdir(parents=True)
    for path in figures or ():
        drawing = Figure(figsize=(3.1, 2.3))
        drawing.add_subplot().plot([1, 2, 3])
        drawing.savefig(folder / path, metadata={"CreationDate": None})
    (folder / "report.tex").write_text(document, encoding="utf-8")
    return folder


def lay_out_report(root: Path, inputs: Inputs) -> Path:
    paths = [figure["path"] for figure in inputs.figures.values()]
    return lay_out(root, latex.document(build_report(inputs)), paths)


def typeset(folder: Path) -> Typeset:
    return pdf.compile_pdf(folder, folder.parent / "boolean" / "figures")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_out_report(tmp_path_factory.mktemp("one"), make_inputs())


@pytest.fixture(scope="module")
def compiled(folder: Path) -> Typeset:
    return typeset(folder)


@pytest.mark.latex
@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")
class TestPdf:
    """The PDF of the report, with other pictures."""

    def test_holds_the_text_and_every_figure(self, compiled: Typeset, inputs: Inputs) -> None:
        reader = PdfReader(io.BytesIO(compiled[0]))
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

    def test_can_be_compiled_in_place_without_a_complaint(self, folder: Path) -> None:
        command = ["pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "report.tex"]
        for _ in range(pdf.PASSES):
            subprocess.run(command, cwd=folder, capture_output=True, check=True)
        log = (folder / "report.log").read_text(encoding="utf-8", errors="replace")
        assert not re.findall(r"Missing character.*|.*undefined.*|LaTeX Warning: .*", log)
        wide = [float(points) for points in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log)]
        assert not [points for points in wide if points > 10]

    def test_bytes_and_tools_ignore_place_and_time(
        self, compiled: Typeset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TZ", "Asia/Tokyo")
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
        monkeypatch.setenv("TMPDIR", str(tmp_path))
        assert typeset(lay_out_report(tmp_path / "elsewhere", make_inputs())) == compiled
        written, tools = compiled
        assert str(tmp_path).encode() not in written
        assert "pdfTeX" in tools["engine"]
        assert tools["format"].startswith("LaTeX2e <")
        assert any(line.startswith("geometry ") for line in tools["packages"])

    def test_hostile_data_compile_cleanly(self, tmp_path: Path) -> None:
        folder = lay_out_report(tmp_path, hostile_inputs(" ".join(HOSTILE), list(HOSTILE[:4])))
        assert typeset(folder)[0].startswith(b"%PDF")
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
