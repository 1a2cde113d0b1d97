"""The Coq file with a proof for each verdict: definitions and lemmas of `preamble.v`, then the constructions.

Coq is not needed to write it. ``make prove`` has it checked.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from octrepro.boolean.networks import Example, Family
from octrepro.boolean.response import response, slopes
from octrepro.boolean.verification import Verdict

__all__ = ["certificate"]


def certificate(verdicts: Sequence[Verdict]) -> str:
    """The text of the Coq file: whether each construction computes f and is robust, and its margin.

    A construction that was not decided for all D is defined, without a theorem.
    """
    preamble = (Path(__file__).parent / "preamble.v").read_text(encoding="utf-8")
    return preamble + "".join(f"\n{line}\n" for verdict in verdicts for line in _section(verdict))


def _section(verdict: Verdict) -> Iterator[str]:
    name = re.sub(r"[^A-Za-z0-9_]", "_", verdict.family.name)
    network = f"network_{name}"
    yield f"(** *** {name}: {_comment(verdict.family.title)} *)"
    if not verdict.family.linear and verdict.proof != "refuted":
        yield f"(** Not decided for all D: {verdict.reason}. *)"
        return
    yield _definition(network, verdict.family)
    if wrong := verdict.first_counterexample:
        yield _theorem(f"fails_{name} : ~ computes {network}", f"by_example {_place(wrong)}")
        return
    if verdict.proof == "not decided" or verdict.tightest is None:
        yield f"(** Not decided for all D: {verdict.reason}. *)"
        return
    margin, tightest = verdict.margin, verdict.tightest
    L = math.lcm(margin.denominator, *slopes(tightest.network))
    e, o = _wrong_side(tightest, margin)
    yield _theorem(f"computes_{name} : computes {network}", f"by_all_sums {network} {L}")
    scaled = f"{L} {margin * L}"
    if margin:
        yield _theorem(
            f"radius_{name} : keeps {network} {_q(margin)}", f"by_all_near_sums {network} {scaled}"
        )
        yield _theorem(
            f"robust_{name} : robust {network}",
            f"apply (robust_by_keeps _ {_q(margin)}); [reflexivity | exact radius_{name}]",
        )
        bound = f"by_bound {scaled} {_q(margin)} {_place(tightest)} {_z(e)} {o}"
        yield _theorem(f"no_more_{name} : forall r, ({_q(margin)} < r)%Q -> ~ keeps {network} r", bound)
    else:
        step = f"by_step {L} {_place(tightest)} {_z(e)}"
        yield _theorem(f"not_robust_{name} : ~ robust {network}", step)


def _definition(network: str, family: Family) -> str:
    (w1, b1), (w2, b2) = family.hidden
    v1, v2, c = family.output
    activation = {"sign": "Sign", "relu": "Relu"}[family.activation]
    biases = [f"fun A B D => {bias.coq}" for bias in (b1, b2, c)]
    return (
        f"Definition {network} : network := {{|\n  hidden := {activation};\n"
        f"  weight_1 := {w1.coq}; bias_1 := {biases[0]};\n"
        f"  weight_2 := {w2.coq}; bias_2 := {biases[1]};\n"
        f"  output_1 := {v1.coq}; output_2 := {v2.coq}; output_bias := {biases[2]} |}}."
    )


def _wrong_side(example: Example, margin: Fraction) -> tuple[int, int]:
    """The side on which h goes wrong at the margin's distance, and 0 if at it, 1 if only beyond."""
    sides = [(e, example.s + e * margin) for e in (1, -1)]
    if at := [e for e, edge in sides if example.network(edge) != example.f]:
        return at[0], 0
    answer = response(example.network)
    return next(e for e, edge in sides if answer.limits(edge)[(e + 1) // 2] != example.f), 1


def _theorem(statement: str, proof: str) -> str:
    return f"Theorem {statement}.\nProof. {proof}. Qed."


def _place(example: Example) -> str:
    return f"{_z(example.A)} {_z(example.B)} [{'; '.join(map(str, example.x))}]"


def _z(value: int) -> str:
    return str(value) if value >= 0 else f"({value})"


def _q(value: Fraction) -> str:
    return f"({value.numerator} # {value.denominator})"


def _comment(text: str) -> str:
    """Text that cannot end or open a Coq comment, nor a string in one."""
    return re.sub(r"[^\w .,:;+=/-]", " ", text)
