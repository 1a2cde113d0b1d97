"""The registry of claims: each module declares those of one question of the source report."""

from octrepro.claims.claim import Claim
from octrepro.claims.ledger import question_1, question_2, question_3


def ledger() -> tuple[Claim, ...]:
    """All claims, in the order declared; those that the source does not make come last."""
    claims = (*question_1.CLAIMS, *question_2.CLAIMS, *question_3.CLAIMS)
    return tuple(sorted(claims, key=lambda claim: not claim.source))
