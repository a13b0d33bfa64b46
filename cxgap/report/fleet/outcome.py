"""How a job ended, and how a whole run did."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cxgap.report.job import Job
from cxgap.report.wording import listing, many

STATES: Final = ("delivered", "unchanged", "kept", "failed", "killed", "skipped")
DONE: Final = frozenset({"delivered", "unchanged", "kept"})
FLEET_SCHEMA: Final = "cxgap.fleet/1"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one job ended.

    Attributes
    ----------
    job : what was to be made
    state : one of STATES; the page that was there stays unless it is "delivered"
    message : the finding of a report, or why there is none; for the one who runs it
    public : the same without a path or a value that came from the data
    code : the kind of fault, for machines; empty if there was none
    run_id, attempt, seconds : of the last attempt; an unchanged report has those of the run that made it
    warnings : how many warnings the report shows of its data
    """

    job: Job
    state: str
    message: str = ""
    public: str = ""
    code: str = ""
    run_id: str = ""
    attempt: int = 0
    seconds: float = 0.0
    warnings: int = 0

    def to_plain(self) -> dict[str, Any]:
        """Return what a summary says of it, without values of its data."""
        own = {name: getattr(self, name) for name in ("state", "code", "run_id", "attempt", "seconds", "warnings")}
        return {"name": self.job.name, "slug": self.job.slug, "message": self.public} | own


@dataclass(frozen=True, slots=True)
class FleetResult:
    """How a run of many jobs ended.

    Attributes
    ----------
    outcomes : of every job, in their order
    output : the folder of the reports
    seconds : from the first to the last
    stopped : the exit code of the signal that stopped it; 0 if none did
    strict : whether a warning counts as a failure
    faults : what went wrong beside the jobs, such as a lock of targets that cannot be trusted
    """

    outcomes: tuple[Outcome, ...]
    output: Path
    seconds: float
    stopped: int = 0
    strict: bool = False
    faults: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 if all are delivered, unchanged or kept, 1 if some are not or there are faults, 130 or 143 if it was stopped."""
        if self.stopped:
            return self.stopped
        warned = self.strict and any(outcome.warnings for outcome in self.outcomes)
        return int(warned or bool(self.faults) or any(outcome.state not in DONE for outcome in self.outcomes))

    @property
    def counts(self) -> dict[str, int]:
        """How many jobs ended in which state, in the order of STATES."""
        found = Counter(outcome.state for outcome in self.outcomes)
        return {state: found[state] for state in STATES if found[state]}

    @property
    def failures(self) -> list[Outcome]:
        """What was to be delivered and was not."""
        return [outcome for outcome in self.outcomes if outcome.state not in DONE]

    def __str__(self) -> str:
        said = listing([f"{number} {state}" for state, number in self.counts.items()]) or "nothing to do"
        warned = sum(bool(outcome.warnings) for outcome in self.outcomes) if self.strict else 0
        rest = f"; {warned} with warnings, which --strict counts as failures" if warned else ""
        stop = " before the run was stopped" if self.stopped else ""
        return f"{many(len(self.outcomes), 'report')}: {said}{stop}{rest}, in {self.seconds:.1f} s."

    def to_plain(self) -> dict[str, Any]:
        """Return the run as a summary for machines."""
        return {
            "schema": FLEET_SCHEMA,
            "output": str(self.output),
            "exit_code": self.exit_code,
            "seconds": round(self.seconds, 1),
            "counts": self.counts,
            "failed": [outcome.job.slug for outcome in self.failures],
            "jobs": [outcome.to_plain() for outcome in self.outcomes],
            **({"faults": list(self.faults)} if self.faults else {}),
        }
