"""The verdict on a construction of the reader's own, in words."""

from collections.abc import Iterator
from pathlib import Path

from octrepro.boolean.certificate import certificate
from octrepro.boolean.networks import LONGEST_VECTOR, family
from octrepro.boolean.verification import Verdict, verify
from octrepro.config.loading import load_construction, load_params
from octrepro.core.errors import UserError, printable
from octrepro.core.files import write_text


def answer_file(file: str, max_dimension: int, proof_file: str | None) -> bool:
    """Print the verdict on the construction in `file`; whether it computes f robustly for every D.

    The file has the keys of one construction of params.yaml, whose constants (k1, k2) it may use beside its
    own. Every D up to `max_dimension` is enumerated. A Coq proof of the verdict is written to `proof_file`,
    if there is one. A `UserError` is raised when the file cannot be used.
    """
    if not file:
        raise UserError("no construction was named", expected="make verify CONSTRUCTION=file.yaml")
    construction = load_construction(file)
    shared = load_params().boolean.constants if Path("params.yaml").exists() else {}
    verdict = verify(family(Path(file).stem, construction, shared, f"{file}: "), max_dimension)
    if proof_file:
        write_text(proof_file, certificate([verdict]))
    print(printable("\n".join(_lines(verdict))))
    return verdict.robust and verdict.proof == "proved"


def _lines(verdict: Verdict) -> Iterator[str]:
    known = f"every D up to {verdict.max_dimension}" if verdict.reason else "every D"
    yield f"{verdict.family.name}: {verdict.family.title}"
    yield ""
    if not verdict.computes:
        yield "Verdict: it does NOT compute f"
        what = "smallest counterexample"
    elif not verdict.robust:
        yield f"Verdict: it computes f for {known}, but it is NOT robust"
        what = "a place where it breaks"
    else:
        yield f"Verdict: it computes f robustly for {known}"
        what = (
            f"guaranteed radius: h(x + d) = f(x) whenever every |d_i| < ({verdict.margin}) / D, for "
            f"{known}; not for a larger one\n  it is tightest at"
        )
    yield (
        f"  enumerated: every D up to {verdict.max_dimension}, every -D <= A <= B <= D, every x: "
        f"{verdict.evaluated:,} evaluations, {verdict.mismatches:,} of them wrong"
    )
    if verdict.reason:
        yield f"  NOT DECIDED for larger D: {verdict.reason}"
    elif verdict.proof == "proved":
        yield "  proved by z3 for every D, A, B and x (a proof to check: --certificate FILE.v, make prove)"
    example = verdict.example
    z1, z2 = example.network.hidden(example.s)
    vector = f"({', '.join(f'{v:+d}' for v in example.x)})" if example.D <= LONGEST_VECTOR else "any vertex"
    yield f"  {what}:"
    yield f"    D = {example.D}, A = {example.A}, B = {example.B}"
    yield f"    x = {vector} with sum {example.s}"
    yield f"    pre-activations: hidden 1: {z1}, hidden 2: {z2}, output: {example.network.output(z1, z2)}"
    yield f"    h(x) = {example.h:+d}, f(x) = {example.f:+d}"
    if verdict.breaking_step:
        e1 = "e_1" if verdict.breaking_step > 0 else "-e_1"
        yield f"    along v = {e1}: h(x + t v) = {-example.f:+d} for small t > 0"
