"""G23: what is made to eat time, memory or disk ends within 10 s and 1 GB, in words or as a page within 10 MB.

Each case runs in a process of its own and is measured by what the system says of that process. Seconds are those of the
processor, because a busy machine is no fault of a file.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from study_files import WIDE, write

SECONDS, MEMORY, PAGE = 10.0, 1_000_000_000, 10_000_000
TESTS = Path(__file__).resolve().parents[1]

READ = """
import sys, cxgap as cx
from cxgap.errors import CxgapError
try:
    print("read", sum(cx.read_study(sys.argv[1]).rows.values()))
except CxgapError as error:
    print("refused:", ascii(str(error))[:300])
"""
PAGE_OF = """
import sys
from report import composed
from cxgap.errors import CxgapError
from cxgap.report.render import GapReportExporter
try:
    cuts = {"by": sys.argv[3], "within": sys.argv[4]} if sys.argv[3] else {}
    notebook, _ = composed.run(sys.argv[2], study=sys.argv[1], **cuts)
    page, _ = GapReportExporter(plotly_js="shared").from_notebook_node(notebook)
    print("page", len(page.encode()))
except CxgapError as error:
    print("refused:", ascii(str(error))[:300])
"""
PLAN = """
import sys
from cxgap.errors import CxgapError
from cxgap.report.plan import read_plan
try:
    print("plan", len(read_plan(sys.argv[1]).jobs))
except CxgapError as error:
    print("refused:", ascii(str(error))[:300])
"""


class Cost(NamedTuple):
    """What a child said, and what it took: seconds of the processor and of the clock, bytes of resident memory."""

    said: str
    processor: float
    clock: float
    memory: int


def cost(code: str, *arguments: object) -> Cost:
    """Run `code` in a child that is killed after a minute."""
    began = time.monotonic()
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(TESTS)}
    child = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment
    )
    timer = threading.Timer(120, child.kill)
    timer.start()
    with child.stdout as words:
        said = words.read().decode()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    timer.cancel()
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(said.strip(), used.ru_utime + used.ru_stime, time.monotonic() - began, used.ru_maxrss * unit)


def workbook(folder: Path, sheet: Callable[[], Iterator[bytes]]) -> Path:
    """Write a study whose survey is a workbook with a first sheet that we pour in."""
    import io

    from openpyxl import Workbook

    study = write(folder, b"", responses={"file": "responses.xlsx"})
    plain = io.BytesIO()
    Workbook().save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(folder / "responses.xlsx", "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != "xl/worksheets/sheet1.xml":
                new.writestr(name, old.read(name))
        with new.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as file:
            for part in sheet():
                file.write(part)
    return study


HEAD = b'<?xml version="1.0"?>'
SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def zip_bomb() -> Iterator[bytes]:
    """Two gigabytes of empty rows in some megabytes."""
    yield HEAD + SHEET
    for _ in range(2000):
        yield b"<row><c><v>1</v></c></row>" * 40_000
    yield b"</sheetData></worksheet>"


def entity_bomb() -> Iterator[bytes]:
    """A billion laughs."""
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (i, b"&l%d;" % (i - 1) * 10) for i in range(1, 10))
    yield HEAD + b'<!DOCTYPE x [<!ENTITY l0 "ha">' + laughs + b"]>" + SHEET
    yield b'<row><c t="inlineStr"><is><t>&l9;</t></is></c></row></sheetData></worksheet>'


def fifo_study(folder: Path) -> Path:
    os.mkfifo(folder / "study.toml")
    return folder / "study.toml"


def device_study(folder: Path) -> Path:
    (folder / "study.toml").symlink_to("/dev/zero")
    return folder / "study.toml"


def fifo_survey(folder: Path) -> Path:
    study = write(folder)
    (folder / "responses.csv").unlink()
    os.mkfifo(folder / "responses.csv")
    return study


def device_survey(folder: Path) -> Path:
    study = write(folder)
    (folder / "responses.csv").unlink()
    (folder / "responses.csv").symlink_to("/dev/zero")
    return study


def long_line(folder: Path) -> Path:
    return write(folder, WIDE + "R7,Buy," + "x" * 50_000_000 + ",2026-03-01,5,4,6,3\n")


def long_header(folder: Path) -> Path:
    return write(folder, "x" * 50_000_000 + "," + WIDE)


def many_fields(folder: Path) -> Path:
    return write(folder, WIDE + "R7,Buy" + "," * 10_000_000 + "\n")


def open_quote(folder: Path) -> Path:
    return write(folder, WIDE + 'R7,"' + "Buy,5\n" * 5_000_000)


def large_cell(folder: Path) -> Path:
    return write(folder, WIDE.replace("R6,Use", "R6," + "U" * 1_000_000))


def nested_study(folder: Path) -> Path:
    (folder / "study.toml").write_text("x = " + "[" * 200_000)
    return folder / "study.toml"


def large_study(folder: Path) -> Path:
    (folder / "study.toml").write_text("[study]\ntitle = '" + "x" * 200_000_000 + "'\n")
    return folder / "study.toml"


REFUSED: dict[str, Callable[[Path], Path]] = {
    "a zip bomb": lambda folder: workbook(folder, zip_bomb),
    "an entity bomb": lambda folder: workbook(folder, entity_bomb),
    "a pipe as a study file": fifo_study,
    "a pipe as a survey": fifo_survey,
    "/dev/zero as a study file": device_study,
    "/dev/zero as a survey": device_survey,
    "a line of 50 MB": long_line,
    "a header of 50 MB": long_header,
    "ten million fields": many_fields,
    "a quote that is never closed": open_quote,
    "200,000 brackets": nested_study,
    "a study file of 200 MB": large_study,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_made_to_eat_the_machine_is_refused_in_words(tmp_path, name):
    found = cost(READ, REFUSED[name](tmp_path))
    print(f"{name}: {found.processor:.1f} s, {found.memory / 1e6:,.0f} MB: {found.said[:160]}")
    assert "Traceback" not in found.said
    assert found.said.startswith(("refused:", "read"))
    assert found.processor <= SECONDS
    assert found.memory <= MEMORY


@pytest.mark.slow
@pytest.mark.parametrize("name", ["fifo", "brackets", "zero"])
def test_a_plan_that_is_made_to_eat_the_machine_is_refused_in_words(tmp_path, name):
    path = tmp_path / "plan.toml"
    if name == "fifo":
        os.mkfifo(path)
    elif name == "zero":
        path.symlink_to("/dev/zero")
    else:
        path.write_text("version = 1\nx = " + "[" * 200_000)
    found = cost(PLAN, path)
    print(f"plan, {name}: {found.processor:.1f} s, {found.memory / 1e6:,.0f} MB: {found.said[:160]}")
    assert found.said.startswith("refused:")
    assert found.processor <= SECONDS
    assert found.memory <= MEMORY


def crowd(touchpoints: int, regions: int, each: int = 10) -> str:
    """Write a survey of so many touchpoints and regions, `each` people at every one of the more numerous."""
    number = max(touchpoints, regions) * each
    rows = (
        f"R{i},Touchpoint {i % touchpoints},Region {i % regions},2026-03-01,{i % 3 + 5},{i % 5 + 1},{i % 2 + 6},{i % 4 + 2}"
        for i in range(number)
    )
    return WIDE.splitlines()[0] + "\n" + "\n".join(rows) + "\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "survey", "by", "within"),
    [
        ("5,000 touchpoints", lambda: crowd(5000, 2), "touchpoint", "touchpoint,dimension"),
        ("200 regions", lambda: crowd(2, 200), "touchpoint", "touchpoint,region"),
        ("a cell of 1 MB", lambda: crowd(2, 2, 50).replace("Touchpoint 1", "U" * 1_000_000, 1), "region", "region,dimension"),
        (
            "a touchpoint of 10 kB",
            lambda: crowd(2, 2, 50).replace("Touchpoint 1", "U" * 10_000),
            "touchpoint",
            "touchpoint,dimension",
        ),
        ("5,000 touchpoints for an executive", lambda: crowd(5000, 2), "", ""),
        ("40 regions", lambda: crowd(2, 40), "region", "region,touchpoint"),
        ("200 regions one by one", lambda: crowd(2, 200), "region", "touchpoint,region"),
    ],
)
def test_a_crowd_becomes_a_page_or_is_refused_in_words(tmp_path, name, survey, by, within):
    found = cost(PAGE_OF, write(tmp_path, survey()), "05_customer" if by else "90_executive", by, within)
    print(f"{name}: {found.processor:.1f} s, {found.memory / 1e6:,.0f} MB: {found.said[:200]}")
    kind, _, size = found.said.partition(" ")
    assert kind == "refused:" or (kind == "page" and int(size) <= PAGE)
    assert found.processor <= SECONDS
    assert found.memory <= MEMORY


def test_the_measure_can_fail():
    """Authority: a child that takes 300 MB and a second is seen to take them."""
    found = cost(
        "import time\nx = bytearray(b'x') * 300_000_000\nend = time.process_time() + 1\nwhile time.process_time() < end: pass"
    )
    assert found.memory > 300_000_000
    assert found.processor >= 1
