"""G11: many reports, from notebooks to pages, by a plan and by papermill with nbconvert."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks.suite.case import Case, Goal, Side, near, same
from benchmarks.suite.loop import Loop

NOTEBOOKS = (
    "customer", "knowledge", "standards", "delivery", "communication", "chain", "company", "tolerance", "scorecard", "validity",
)  # fmt: skip
REGIONS = ("0012", "0034", "007", "NA")
AS_OF = "2026-03-31"
WORKERS = 2
BY_HAND = 6  # reports that the shell loop makes, the rest is reckoned
RECORD = "application/vnd.cxgap.gaps+json"

Report = tuple[str, str]
Numbers = dict[str, list[float]]


def make(count: int, seed: int) -> list[Report]:
    """Return notebooks and regions, so many together, every notebook as soon as can be."""
    return [(notebook, region) for region, notebook in product(REGIONS, NOTEBOOKS)][:count]


def run_command(reports: list[Report], folder: Path) -> list[str]:
    """Write a plan of the reports into a folder, and return the command that makes them."""
    entries = [
        f'[[report]]\nnotebook = "{notebook}"\nname = "{notebook}-{region}"\nwhere = {{ region = "{region}" }}\n'
        for notebook, region in reports
    ]
    plan = folder / "plan.toml"
    head = f'version = 1\noutput = "reports"\nstudy = "sample"\nas_of = "{AS_OF}"\n\n'
    plan.write_text(head + "\n".join(entries), encoding="utf-8")
    return [str(_tool("cxgap")), "run", "--plan", str(plan), "--jobs", str(WORKERS)]


def hand_commands(notebook: str, region: str) -> list[list[str]]:
    """Return the two commands by which the stock tools make a report."""
    made, where = f"{notebook}-{region}.ipynb", f"where: {json.dumps({'region': region})}"
    run = [str(_tool("papermill")), str(_find(notebook)), made, "-r", "as_of", AS_OF, "-y", where]
    return [run, [str(_tool("jupyter")), "nbconvert", "--to", "html", made]]


def planned(reports: list[Report], loop: Loop) -> Numbers:
    """`cxgap run` with a plan: two workers, a process forked for each report."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        _run(run_command(reports, folder), folder)
        found = {}
        for notebook, region in reports:
            record = folder / "reports" / f"{notebook}-{region}" / "record.json"
            assert record.with_name("report.html").stat().st_size > 1000
            found[f"{notebook}-{region}"] = _numbers(json.loads(record.read_text(encoding="utf-8"))["tables"])
        return found


def by_hand(reports: list[Report], loop: Loop) -> Numbers:
    """The shell loop that people write: `papermill`, then `jupyter nbconvert`."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for notebook, region in loop.some(reports, BY_HAND, of="reports"):
            for command in hand_commands(notebook, region):
                _run(command, folder)
        return dict(_executed(folder.glob("*.ipynb")))


def in_process(reports: list[Report], loop: Loop) -> Numbers:
    """Call papermill's function and one exporter that stays warm, in a process of its own."""
    with tempfile.TemporaryDirectory() as temporary:
        _run([sys.executable, "-m", __name__, temporary, json.dumps(reports)], Path(temporary))
        return dict(_executed(Path(temporary).glob("*.ipynb")))


def two_workers(reports: list[Report], loop: Loop) -> Numbers:
    """Two such processes, each with half of the reports."""
    with tempfile.TemporaryDirectory() as temporary:
        parts = [json.dumps(reports[worker::WORKERS]) for worker in range(WORKERS)]
        commands = [[sys.executable, "-m", __name__, temporary, part] for part in parts]
        running = [
            subprocess.Popen(command, cwd=temporary, env=_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for command in commands
        ]
        failed = [one.wait() for one in running]
        if any(failed):
            raise SystemExit(f"a worker ended with {max(failed)}")
        return dict(_executed(Path(temporary).glob("*.ipynb")))


def check(found: Numbers, peer: Numbers, who: str) -> None:
    """Every report that the peer made shows the same estimates."""
    for name, numbers in peer.items():
        same(len(found[name]), len(numbers), f"estimates of {name}")
        if numbers:
            near(found[name], numbers, name, rel=1e-12)


def work(folder: Path, reports: list[Report]) -> None:
    """Execute and convert reports one after the other."""
    import papermill
    from nbconvert.exporters import HTMLExporter

    exporter = HTMLExporter()
    for notebook, region in reports:
        made = folder / f"{notebook}-{region}.ipynb"
        parameters = {"as_of": AS_OF, "where": {"region": region}}
        papermill.execute_notebook(str(_find(notebook)), str(made), parameters=parameters, progress_bar=False)
        page, _ = exporter.from_filename(str(made))
        made.with_suffix(".html").write_text(page, encoding="utf-8")


def _executed(notebooks: Iterable[Path]) -> Iterator[tuple[str, list[float]]]:
    for path in notebooks:
        assert path.with_suffix(".html").stat().st_size > 1000
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        outputs = [output.get("data", {}) for cell in cells for output in cell.get("outputs", ())]
        yield path.stem, _numbers([data[RECORD] for data in outputs if RECORD in data])


def _numbers(tables: list[dict[str, Any]]) -> list[float]:
    found: list[float] = []
    for table in tables:
        if str(table.get("schema", "")).startswith("cxgap.gaps"):
            place = table["columns"].index("estimate")
            found += [float(row[place]) for row in table["rows"] if row[place] is not None]
    return sorted(found)


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, env=_environment(), check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{Path(command[0]).name} ended with {done.returncode}: {(done.stderr or done.stdout)[-400:]}")


def _environment() -> dict[str, str]:
    root = str(Path(__file__).resolve().parents[3])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
    return os.environ | {"OPENBLAS_NUM_THREADS": "1", "PLOTLY_RENDERER": "notebook", "PYTHONPATH": path}


def _tool(name: str) -> Path:
    return Path(sys.executable).parent / name


def _find(notebook: str) -> Path:
    from cxgap.report.notebooks import find_notebook

    return Path(find_notebook(notebook))


_LOOP = Side("papermill and nbconvert, shell loop", by_hand, ("papermill", "nbconvert"), once=True)
_SEQUENCE = Side("papermill and nbconvert, one process", in_process, ("papermill", "nbconvert"))
_WORKERS = Side("papermill and nbconvert, two processes", two_workers, ("papermill", "nbconvert"))
CASES = (
    Case(
        "G11",
        "reports from notebooks to pages (10 notebooks x 4 regions), two workers",
        make,
        (Side("cxgap run", planned), _LOOP, _SEQUENCE, _WORKERS),
        check,
        (4, 40),
        axis="reports",
        goals=(
            Goal(40, _LOOP.name, 4, of="cpu"),
            Goal(40, _SEQUENCE.name, 2.5, of="cpu"),
            Goal(40, _WORKERS.name, 2.5, of="cpu"),
            Goal(40, _WORKERS.name, 1.5),
        ),
    ),
)

if __name__ == "__main__":
    work(Path(sys.argv[1]), json.loads(sys.argv[2]))
