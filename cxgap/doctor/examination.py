"""All looks at one machine, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cxgap.doctor.capacity import look_at_capacity
from cxgap.doctor.clock import look_at_clock
from cxgap.doctor.engines import look_at_engines
from cxgap.doctor.finding import Finding
from cxgap.doctor.folder import look_at_folder
from cxgap.doctor.holder import look_at_lock
from cxgap.doctor.kernel import look_at_kernel
from cxgap.doctor.packages import look_at_packages
from cxgap.doctor.study import look_at_study
from cxgap.doctor.surroundings import look_at_surroundings


def examine(study: str | None, output: Path, *, kernel: bool = False) -> Iterator[Finding]:
    """Yield each finding as soon as it is made.

    Parameters
    ----------
    study : a study to look at too, as `read_study` takes it; its rows are not read
    output : the output folder of a schedule, which need not be there yet
    kernel : start a kernel and let it load what reports load, which takes seconds
    """
    yield from look_at_packages()
    yield from look_at_kernel(start=kernel)
    yield from look_at_engines()
    yield from look_at_surroundings()
    yield from look_at_clock(output)
    yield from look_at_capacity()
    yield from look_at_folder(output)
    yield look_at_lock(output)
    if study is not None:
        yield from look_at_study(study)
