"""report.tex compiles cleanly, with hostile data too, to the same bytes; failures are told in one message."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from octrepro.core import UserError
from octrepro.reporting import latex, pdf
from octrepro.reporting.compose import build_report
from octrepro.reporting.inputs import Inputs
from tests.reporting.conftest import make_inputs
from tests.reporting.hostile import STRINGS

needs_latex = [
    pytest.mark.latex,
    pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed"),
]


def _lay_out(inputs: Inputs, root: Path) -> Path:
    """report.tex and its figures as they lie under report/build/."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    folder = root / "sample"
    (folder / "figures").mkdir(parents=True)
    (root / "boolean" / "figures").mkdir(parents=True)
    for figure in inputs.figures.values():
        drawing = Figure(figsize=(3.1, 2.3))
        drawing.add_subplot().plot([1, 2, 3])
        drawing.savefig(folder / figure.path, metadata={"CreationDate": None})
    (folder / "report.tex").write_text(latex.document(build_report(inputs)), encoding="utf-8")
    return folder


def _compile(folder: Path) -> bytes:
    return pdf.compile_pdf(folder, folder.parent / "boolean" / "figures").pdf


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    if not shutil.which("pdflatex"):
        pytest.skip("pdflatex is not installed")
    folder = _lay_out(make_inputs(), tmp_path_factory.mktemp("one"))
    return folder, _compile(folder)


class TestPdf:
    """The PDF of test data."""

    pytestmark = needs_latex

    def test_holds_the_text_and_every_figure(self, compiled: tuple[Path, bytes], inputs: Inputs) -> None:
        import io

        from pypdf import PdfReader

        reader = PdfReader(io.BytesIO(compiled[1]))
        pages = [page.extract_text() for page in reader.pages]
        text = re.sub(r"\s+", " ", " ".join(pages))
        assert "181 of 529 test images are classified correctly" in text
        for label in [*range(1, 15), "S1", "S2", "S3"]:
            assert f"Figure{label}:" in text.replace(" ", "")
        assert all("Synthetic data: drawn by a program" in page for page in pages)
        drawn = sum(len(page.get("/Resources", {}).get("/XObject", {})) for page in reader.pages)
        assert drawn == len(inputs.figures)
        assert reader.metadata is not None
        assert reader.metadata.title == build_report(inputs).title

    def test_can_be_compiled_in_place_without_a_complaint(self, compiled: tuple[Path, bytes]) -> None:
        folder = compiled[0]
        for _ in range(pdf.PASSES):
            command = ["pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "report.tex"]
            subprocess.run(command, cwd=folder, capture_output=True, check=True)
        _assert_clean((folder / "report.log").read_text(encoding="utf-8", errors="replace"))

    def test_archive_bytes_ignore_place_and_time_zone(
        self, compiled: tuple[Path, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TZ", "Asia/Tokyo")
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
        monkeypatch.setenv("TMPDIR", str(tmp_path))
        other = _lay_out(make_inputs(), tmp_path / "elsewhere")
        assert _compile(other) == compiled[1]
        assert str(tmp_path).encode() not in compiled[1]

    def test_names_its_tools_the_same_from_every_place(self, compiled: tuple[Path, bytes]) -> None:
        folder = compiled[0]
        tools = pdf.compile_pdf(folder, folder.parent / "boolean" / "figures").tools
        assert "pdfTeX" in tools["engine"]
        assert tools["format"].startswith("LaTeX2e <")
        assert any(line.startswith("geometry ") for line in tools["packages"])
        assert str(folder) not in str(tools)
        assert "figures/" not in str(tools)

    def test_hostile_data_compile_cleanly(self, tmp_path: Path) -> None:
        everything = " ".join(STRINGS)
        inputs = make_inputs(title=everything, classes=list(STRINGS[:4]), license=everything, note=everything)
        words = inputs.params.report.model_copy(update={"title": everything, "authors": list(STRINGS)})
        inputs = Inputs(**{**vars(inputs), "params": inputs.params.model_copy(update={"report": words})})
        folder = _lay_out(inputs, tmp_path)
        assert _compile(folder).startswith(b"%PDF")
        assert not list(tmp_path.rglob("owned"))

    def test_an_error_is_told_with_its_line(self, tmp_path: Path) -> None:
        folder = _lay_out(make_inputs(), tmp_path)
        (folder / "report.tex").write_text(
            "\\documentclass{article}\\begin{document}\\nonsense\\end{document}"
        )
        with pytest.raises(UserError, match="Undefined control sequence"):
            _compile(folder)

    def test_no_shell_command_runs(self, tmp_path: Path) -> None:
        folder = _lay_out(make_inputs(), tmp_path)
        text = "\\documentclass{article}\\begin{document}\\immediate\\write18{touch ran}x\\end{document}"
        (folder / "report.tex").write_text(text)
        (folder / "ran").unlink(missing_ok=True)
        assert _compile(folder).startswith(b"%PDF")
        assert not list(tmp_path.rglob("ran"))


def test_missing_engine_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError) as told:
        pdf.find_engine()
    assert "texlive" in str(told.value)


def test_an_engine_that_fails_is_no_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = tmp_path / "bin" / "pdflatex"
    engine.parent.mkdir()
    engine.write_text("#!/bin/sh\necho 'report.tex:7: Something is wrong'\nexit 1\n")
    engine.chmod(0o755)
    monkeypatch.setenv("PATH", f"{engine.parent}{os.pathsep}{os.environ['PATH']}")
    folder = tmp_path / "sample"
    (folder / "figures").mkdir(parents=True)
    (tmp_path / "boolean" / "figures").mkdir(parents=True)
    (folder / "report.tex").write_text("x")
    with pytest.raises(UserError, match="Something is wrong"):
        _compile(folder)


def _assert_clean(log: str) -> None:
    assert not re.findall(r"Missing character.*", log)
    assert not re.findall(r".*undefined.*", log)
    assert not re.findall(r"LaTeX Warning: .*", log)
    wide = [float(points) for points in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log)]
    assert not [points for points in wide if points > 10]
