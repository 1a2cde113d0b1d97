"""What a claim is: a statement about runs, what is measured for it, and where that lies when it is true."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from octrepro.claims.effect import Effect, Region
from octrepro.core.records import RunRecord
from octrepro.study.runs import RUNS


@dataclass(frozen=True)
class Subject:
    """A run that a claim speaks of, and how a sentence calls it."""

    run: str
    phrase: str


@dataclass(frozen=True)
class Build:
    """What claims are judged on: the records of one data set's runs, and the Boolean verification."""

    records: Mapping[str, RunRecord]
    verification: Mapping[str, Any]

    def record(self, subject: Subject) -> RunRecord:
        """The record of a claim's run."""
        return self.records[subject.run]


@dataclass(frozen=True)
class Claim:
    """One claim, declared.

    Attributes
    ----------
    id, question
        Its name, and the question of the source report it belongs to.
    statement
        What is claimed, as one testable sentence.
    source, pages
        What the source report says, in our words, and where; empty for a claim that it does not make.
    definition
        How we measure it, with our threshold and the reason for it; empty where the statement says it all.
    measure
        The effect of a build's runs.
    region
        Where the effect lies when the claim is true.
    subjects
        The runs it speaks of.
    fixed
        Parameters that must be the source report's, or the claim is about other runs; its runs' models always
        must. A run that the source report does not have may have any.
    """

    id: str
    question: str
    statement: str
    measure: Callable[[Build], Effect]
    region: Region
    source: str = ""
    pages: str = ""
    definition: str = ""
    subjects: tuple[Subject, ...] = ()
    fixed: tuple[str, ...] = ()

    def unmet(self, build: Build) -> str | None:
        """Why the runs of a build cannot serve, as a clause; None when they can."""
        for subject in self.subjects:
            run = subject.run
            if run not in build.records:
                return f"`{run}` is not among the runs"
            record = build.records[run]
            protocol = RUNS[run].parameters if run in RUNS else record.experiment
            for name in ("model", *self.fixed):
                ours, theirs = record.experiment.get(name), protocol.get(name)
                if ours != theirs:
                    return f"`{run}` was run with {name.replace('_', ' ')} {ours}, not {theirs}"
            if record.metrics["diverged"]:
                return f"`{run}` diverged in epoch {record.metrics['diverged_epoch']}"
        return None
