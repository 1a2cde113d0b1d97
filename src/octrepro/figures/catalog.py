"""The list of figures, and drawing all of them."""

from collections.abc import Callable
from pathlib import Path

from octrepro.core.files import write_json
from octrepro.core.progress import progress
from octrepro.figures import principles
from octrepro.figures.context import Context, OmittedFigureError
from octrepro.figures.overview import accuracies, sweep_figures
from octrepro.figures.pictures import class_examples, confusion_matrix, learned_weights
from octrepro.figures.run_curves import NUMBERED, learning_rates, regularization
from octrepro.plotting.saving import Drawing, save

FIGURES: dict[str, Callable[[Context], Drawing]] = {
    **NUMBERED,
    "class_examples": class_examples,
    "learned_weights": learned_weights,
    "test_accuracies": accuracies,
    "confusion_matrix": confusion_matrix,
    "learning_rates": learning_rates,
    "regularization": regularization,
    "convexity": principles.convexity,
    "expressiveness": principles.expressiveness,
}
# In the source report.
NUMBERS = {id: number for number, id in enumerate(NUMBERED, start=1)}


def draw_all(context: Context, folder: Path) -> dict[str, str]:
    """Draw every figure that the runs allow into `folder`, with the index; why not the others, by id."""
    figures = FIGURES | sweep_figures(context.results["sweeps"])
    synthetic = bool(context.prepared.summary["synthetic"])
    stage = f"figures@{context.dataset}"
    entries, omitted = [], {}
    for id, draw in progress(
        figures.items(), total=len(figures), what=f"figures of {context.dataset}", unit="figure"
    ):
        try:
            drawing = draw(context)
        except OmittedFigureError as reason:
            omitted[id] = str(reason)
        else:
            number = NUMBERS.get(id)
            entries.append(save(drawing, folder, id, stage=stage, number=number, synthetic=synthetic))
    write_json(folder / "figures.json", entries)
    write_json(folder / "omitted.json", omitted)
    return omitted
