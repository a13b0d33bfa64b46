"""Time `inspect` on two million rows of sixty columns, and its peak of resident memory."""

from __future__ import annotations

import resource
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np

from cxgap.inspection.inspection import inspect
from cxgap.inspection.profile import Profile

ROWS, RATINGS, CHUNK = 2_000_000, 55, 100_000
FIRST = ["respondent_id", "touchpoint", "answered_at", "region", "comment"]
MEGABYTE = 1 << (20 if sys.platform == "darwin" else 10)  # what `ru_maxrss` counts in


def write(path: Path, rows: int = ROWS) -> Path:
    """Write answers: an id, a time and a quoted comment that is never the same, and ratings from 1 to 7."""
    random = np.random.default_rng(0)
    names = [*FIRST, *(f"{kind}{item}" for item in range(1, RATINGS) for kind in "ep")][: len(FIRST) + RATINGS]
    with path.open("wb") as opened:
        opened.write(",".join(names).encode() + b"\n")
        for start in range(0, rows, CHUNK):
            many = np.arange(start, min(start + CHUNK, rows))
            day, second = many % 28 + 1, many % 60
            text = [
                *("R", _digits(many, 7), ",Touch point ", _digits(many % 6, 1)),
                *(
                    ",2026-03-",
                    _digits(day, 2),
                    "T14:05:",
                    _digits(second, 2),
                    ",region ",
                    _digits(random.integers(0, 40, len(many)), 2),
                ),
                *(',"it took ', _digits(many * 7919 % 10**7, 7), ' days, and then ""some"""'),
            ]
            ratings = np.full((len(many), 2 * RATINGS + 1), ord(","), dtype=np.uint8)
            ratings[:, 1::2] = random.integers(ord("1"), ord("8"), (len(many), RATINGS))
            ratings[:, -1] = ord("\n")
            parts = [_repeated(part, len(many)) if isinstance(part, str) else part for part in text]
            opened.write(np.hstack([*parts, ratings]).tobytes())
    return path


def _digits(numbers: np.ndarray, width: int) -> np.ndarray:
    places = 10 ** np.arange(width - 1, -1, -1)
    return (numbers[:, None] // places % 10 + ord("0")).astype(np.uint8)


def _repeated(text: str, rows: int) -> np.ndarray:
    return np.tile(np.frombuffer(text.encode(), dtype=np.uint8), (rows, 1))


def measured(path: Path) -> tuple[float, float, Profile]:
    """Return the seconds, the peak of resident memory of the process in MB, and what was seen."""
    start = perf_counter()
    seen = inspect(path).found[0].profile
    return perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE, seen


def main() -> None:
    """Print what it takes."""
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "survey.csv")
        seconds, megabytes, seen = measured(path)
        cells = f"{seen.rows:,} rows x {len(seen.columns)} columns, {path.stat().st_size / 1e6:.0f} MB"
    print(f"{cells}: {seconds:.1f} s, {megabytes:.0f} MB resident at most")


if __name__ == "__main__":
    main()
