"""The claims of the source report, each tested on our runs: holds, fails or inconclusive."""

from octrepro.claims.claim import Case, Claim, Effect, Finding, Need, Verdict, judge
from octrepro.claims.ledger import ledger

__all__ = ["Case", "Claim", "Effect", "Finding", "Need", "Verdict", "judge", "ledger"]
