"""The claims of the source report, each tested on our runs: holds, fails or inconclusive."""

from octrepro.claims.judge import judge_all
from octrepro.claims.ledger import ledger

__all__ = ["judge_all", "ledger"]
