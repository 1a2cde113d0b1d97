"""The claims of the source report, each tested on our runs: holds, fails or inconclusive."""

from octrepro.claims.claim import Claim
from octrepro.claims.judge import judge_all
from octrepro.claims.ledger import question_1, question_2, question_3

__all__ = ["judge_all", "ledger"]


def ledger() -> tuple[Claim, ...]:
    """All claims, in the order declared; those that the source does not make come last."""
    claims = (*question_1.CLAIMS, *question_2.CLAIMS, *question_3.CLAIMS)
    return tuple(sorted(claims, key=lambda claim: not claim.source))
