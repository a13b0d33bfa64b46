"""Runs of our own making to bring out, what a reader then finds, and processes that are killed while they publish."""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cxgap.errors import BusyError
from cxgap.report import disk
from cxgap.report.folders import current_run, runs_of
from cxgap.report.publish import bring_out, locked, new_run, new_staging

SLUG = "customer"
END = b"</body>\n</html>\n"


def make_run(output: Path, text: str, size: int = 3000) -> str:
    """Publish a run in which every file says `text`, for one who holds the lock; return its id."""
    run_id, _ = new_run(output)
    staged = new_staging(output, run_id)
    page = f"{text}|".encode() * (size // (len(text) + 1)) + END
    tables = {"tables/1-customer.csv": f"{text}\n".encode() * 100, "tables/2-chain.csv": f"{text}\n".encode()}
    files = {"report.html": page} | tables
    artefacts = [{"name": name, "sha256": hashlib.sha256(content).hexdigest()} for name, content in files.items()]
    files["record.json"] = json.dumps({"text": text, "artefacts": artefacts}).encode()
    files["manifest.json"] = json.dumps({"run_id": run_id, "text": text}).encode()
    (staged / "tables").mkdir()
    for name, content in files.items():
        (staged / name).write_bytes(content)
    bring_out(output, SLUG, run_id, staged)
    return run_id


def whole_text(page: bytes) -> str:
    """Return what every part of a page says; ValueError if it is torn."""
    parts = set(page.removesuffix(END).split(b"|")) - {b""}
    if not page.endswith(END) or len(parts) != 1:
        raise ValueError(f"torn: {page[:60]!r} ... {page[-60:]!r}")
    return parts.pop().decode()


def look(output: Path) -> str:
    """Return what the report in place says, each file held against its record; ValueError if one is not whole."""
    folder = output / SLUG
    page = whole_text((folder / "report.html").read_bytes())
    json.loads((folder / "record.json").read_bytes())
    assert not (folder / "report.html").is_symlink()
    run = current_run(folder)
    if run is None:
        raise ValueError("there is no run in place")
    record = json.loads((run / "record.json").read_bytes())
    for artefact in record["artefacts"]:
        content = (run / artefact["name"]).read_bytes()
        if hashlib.sha256(content).hexdigest() != artefact["sha256"]:
            raise ValueError(f"{artefact['name']} is not the one of its record")
    if json.loads((run / "manifest.json").read_bytes())["text"] != record["text"]:
        raise ValueError("the manifest is of another run")
    files = [set(path.read_bytes().split()) for path in (folder / "tables").iterdir()]
    if len(files) != 2 or any(len(texts) != len(record["text"].split()) for texts in files):
        raise ValueError(f"tables that are not whole: {files}")
    if (folder / "tables").is_symlink() and files[0] != files[1]:
        raise ValueError(f"tables of several runs: {files}")
    return page


def settled(output: Path) -> str:
    """Take the lock as the next run does, and return what all of the report in place says."""
    with locked(output):
        pass
    folder = output / SLUG
    said = look(output)
    assert json.loads((folder / "record.json").read_bytes())["text"] == said
    assert json.loads((current_run(folder) / "record.json").read_bytes())["text"] == said
    assert {path.read_bytes().split(b"\n")[0].decode() for path in (folder / "tables").iterdir()} == {said}
    assert list((output / "private/staging").iterdir()) == []
    assert not [path for path in folder.iterdir() if path.name not in EXPECTED]
    return said


EXPECTED = {"report.html", "record.json", "tables", "current", "current.json", "runs"}


class Fault:
    """Counts the steps that a publication takes, and does something at one of them: before it, in its middle, or after it.

    Parameters
    ----------
    at : which step, from 1; 0 for none
    when : "before", "half" (a write that stops in its middle) or "after"
    act : what is done
    always : whether it is done at every later step too, as on a disk that stays full
    """

    def __init__(self, at: int, when: str, act: Callable[[], object], *, always: bool = False) -> None:
        self.steps = 0
        self.names: list[str] = []
        self._at, self._when, self._act, self._always = at, when, act, always

    def _due(self, when: str) -> bool:
        return when == self._when and (self.steps == self._at or (self._always and self._at and self.steps > self._at))

    def around(self, name: str) -> Callable[..., None]:
        """Return the step `name` with the fault built in."""
        step = getattr(disk, name)

        def faulty(*args, **options):
            self.steps += 1
            self.names.append(name)
            if self._due("before"):
                self._act()
            if self._due("half"):
                if name == "write":
                    args[0].write_bytes(args[1][: len(args[1]) // 2])
                self._act()
            try:
                step(*args, **options)
            finally:
                if self._due("after"):
                    self._act()

        return faulty


@contextmanager
def faults(fault: Fault) -> Iterator[Fault]:
    """Let every step of the disk go through `fault`."""
    before = {name: getattr(disk, name) for name in disk.STEPS}
    changed = {name: fault.around(name) for name in disk.STEPS}
    for name, step in changed.items():
        setattr(disk, name, step)
    try:
        yield fault
    finally:
        for name, step in before.items():
            setattr(disk, name, step)


def moments(counter: Fault, at: int) -> tuple[str, ...]:
    """Return where a step may be interrupted: a write also in its middle."""
    return ("before", "half", "after") if counter.names[at - 1] == "write" else ("before", "after")


def kill() -> None:
    """End this process as the system would."""
    os.kill(os.getpid(), signal.SIGKILL)


def in_child(work: Callable[[], object]) -> int:
    """Run `work` in a forked child, which must be of a process with one thread; return its exit code, negative if killed."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def publish_for_ever(output: Path, seed: int, told: int) -> None:
    """Publish one run after the other, and tell each one that is done."""
    for number in range(1, 10**9):
        with locked(output):
            make_run(output, f"{seed}-{number}", size=20_000)
        os.write(told, f"{number} ".encode())


def read_for_ever(output: Path, counts: memoryview, reader: int, told: int) -> None:
    """Read as people do, and as programs do, who resolve `current` once and then open; count it, and tell what was torn."""
    torn, stopped = [], []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    while not stopped:
        run = current_run(output / SLUG)
        try:
            whole_text((output / SLUG / "report.html").read_bytes())
            if whole_text((run / "report.html").read_bytes()) != json.loads((run / "record.json").read_bytes())["text"]:
                raise ValueError("the record is of another run")
        except (ValueError, OSError) as error:
            if run.exists():  # a run that was pruned meanwhile is not torn
                torn.append(str(error))
        counts[reader] += 3
    os.write(told, json.dumps(torn[:3]).encode())


def kill_at_random(output: Path, kills: int, reads: int) -> None:
    """Kill a publisher so many times and more, until others have read so often; print what was lost and what was torn."""
    with locked(output):
        make_run(output, "0-0")
    counts = memoryview(mmap.mmap(-1, 24)).cast("q")  # shared with the readers
    readers = [started(lambda told, i=i: read_for_ever(output, counts, i, told)) for i in range(3)]
    rng, lost, seed = random.Random(1), 0, 0
    while seed < kills or sum(counts) < reads:
        seed += 1
        pid, told = started(lambda told, seed=seed: publish_for_ever(output, seed, told))
        acknowledged = int(os.read(told, 100).split()[-1])
        time.sleep(rng.uniform(0, 0.03))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        acknowledged = max([acknowledged, *map(int, rest(told).split())])
        number, _, run = settled(output).partition("-")
        lost += (int(number), int(run)) < (seed, acknowledged)
        for path in runs_of(output / SLUG)[:-20]:
            if path != current_run(output / SLUG):
                shutil.rmtree(path)
        shutil.rmtree(output / "private/runs")
    torn = []
    for pid, told in readers:
        os.kill(pid, signal.SIGTERM)
        torn += json.loads(rest(told))
        os.waitpid(pid, 0)
    print(json.dumps({"kills": seed, "lost": lost, "reads": sum(counts), "torn": torn}))


def started(work: Callable[[int], object]) -> tuple[int, int]:
    """Run `work` in a forked child; return its process, and where to read what it tells."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            work(write)
        finally:
            os._exit(0)
    os.close(write)
    return pid, read


def rest(told: int) -> str:
    """Return what a child told before it ended."""
    with os.fdopen(told, "rb") as file:
        return file.read().decode()


def schedulers(output: Path, rounds: int) -> None:
    """Let twelve try to run at once, kill the one that does; print who ran, what others said, how soon the next one did."""
    found = []
    for _ in range(rounds):
        gate, opened = os.pipe()

        def work(told: int, gate: int = gate, opened: int = opened) -> None:
            os.close(opened)
            os.read(gate, 1)  # all begin when the gate is closed
            try:
                with locked(output):
                    os.write(told, b"ran")
                    time.sleep(60)
            except BusyError as error:
                os.write(told, str(error).encode())

        twelve = [started(work) for _ in range(12)]
        os.close(gate)
        os.close(opened)
        said = {pid: os.read(told, 1000).decode() for pid, told in twelve}
        ran = [pid for pid, words in said.items() if words == "ran"]
        for pid in ran:
            os.kill(pid, signal.SIGKILL)
        begun, seconds = time.monotonic(), None
        while seconds is None:
            try:
                with locked(output):
                    seconds = time.monotonic() - begun
            except BusyError:
                time.sleep(0.01)
        for pid, told in twelve:
            os.waitpid(pid, 0)
            os.close(told)
        found.append({"ran": ran, "busy": [words for words in said.values() if words != "ran"], "seconds": seconds})
    print(json.dumps(found))


def kill_at_every_step(output: Path, *, links: bool = True) -> None:
    """Kill a publication before, in the middle of and after each of its steps; print how many steps and what was found."""
    if not links:
        disk.symlink = no_links
    with locked(output):
        make_run(output, "old 0 x")
        with faults(Fault(0, "before", kill)) as counter:
            make_run(output, "old 0 x")
    found = {"old": 0, "new": 0}
    for at in range(1, counter.steps + 1):
        for when in moments(counter, at):
            before = settled(output)
            new = f"new {at} {when}"

            def work(at: int = at, when: str = when, new: str = new) -> None:
                with locked(output), faults(Fault(at, when, kill)):
                    make_run(output, new)

            if in_child(work) != -signal.SIGKILL:
                raise AssertionError(f"not killed {when} step {at}")
            if look(output) not in (before, new):  # what a reader finds at once
                raise AssertionError(f"{look(output)} {when} step {at}")
            after = settled(output)
            if after not in (before, new):
                raise AssertionError(f"{after} {when} step {at}")
            found["new" if after == new else "old"] += 1
    print(json.dumps({"steps": counter.steps, "names": counter.names} | found))


def no_links(target: str, place: Path) -> None:
    """Stand for a disk that has no links."""
    raise PermissionError(1, "Operation not permitted", str(place))


if __name__ == "__main__":
    what, place, *numbers = sys.argv[1:]
    if what == "every-step":
        kill_at_every_step(Path(place), links=numbers == ["links"])
    elif what == "random":
        kill_at_random(Path(place), *map(int, numbers))
    else:
        schedulers(Path(place), *map(int, numbers))
