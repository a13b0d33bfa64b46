"""What readers of the output folder are told of each job as it ends: its state, its failure page, the index."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from cxgap.errors import CxgapError
from cxgap.report import disk
from cxgap.report.failure import write_failure
from cxgap.report.fleet.events import now
from cxgap.report.fleet.outcome import Outcome
from cxgap.report.folders import FAILURE
from cxgap.report.index import renew_index
from cxgap.report.status import GOOD, note_status, read_status


class Notices:
    """Tells readers, for one who holds the lock; what cannot be told now, as on a full disk, harms no report."""

    def __init__(self, output: Path) -> None:
        self._output = output

    def delivered(self, outcome: Outcome) -> None:
        """Tell that a report was brought out."""
        self._note(outcome, "ok", now())

    def unchanged(self, outcome: Outcome, ended: str) -> None:
        """Tell that the report in place is what a run would make; `ended` is when it was made.

        Nothing is written where that is known already.
        """
        folder = self._output / outcome.job.slug
        known = read_status(self._output).get(outcome.job.slug, {})
        if known.get("state") not in GOOD or (folder / FAILURE).exists():
            with suppress(OSError):
                disk.remove(folder / FAILURE)
            self._note(outcome, "ok", ended)

    def kept(self, outcome: Outcome) -> None:
        """Tell that the page in place was kept on purpose, and why; that is no failure."""
        with suppress(OSError):
            disk.remove(self._output / outcome.job.slug / FAILURE)
        self._note(outcome, outcome.state, now())

    def failed(self, outcome: Outcome, state: str) -> None:
        """Tell why there is no new report; the one that was there stays."""
        job = outcome.job
        with suppress(OSError, CxgapError):
            write_failure(
                self._output,
                job.slug,
                job=job.name,
                message=outcome.public,
                run_id=outcome.run_id,
                finished=now(),
                code=outcome.code,
            )
        self._note(outcome, state, now())

    def index(self) -> None:
        """Write the index again."""
        with suppress(OSError, CxgapError):
            renew_index(self._output)

    def _note(self, outcome: Outcome, state: str, finished: str) -> None:
        own = {"run_id": outcome.run_id, "seconds": outcome.seconds, "message": outcome.public, "finished": finished}
        own |= {"code": outcome.code} if outcome.code else {}
        with suppress(OSError, CxgapError):
            note_status(self._output, outcome.job.slug, state=state, **own)
        self.index()
