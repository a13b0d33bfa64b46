"""Whatever stops a publication, a reader finds the old report or the new one, whole, and no run that was told done is lost."""

import errno
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from report import publisher
from report.publisher import SLUG, Fault, faults, look, make_run, moments, settled

from cxgap.errors import ArgumentError, BusyError
from cxgap.report import disk, folders
from cxgap.report.folders import NoRoomError, current_run, new_staging, runs_of
from cxgap.report.publish import bring_out, locked, new_run, private_folder, publish

ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES)


no_fork = pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither fork nor flock")


@pytest.fixture
def memory(tmp_path):
    """A folder in memory where the system has one: these tests publish hundreds of times."""
    found = Path("/dev/shm")
    place = found / f"cxgap-{os.getpid()}-{tmp_path.name}" if os.access(found, os.W_OK) else tmp_path / "reports"
    yield place
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def output(memory):
    """A folder with one report."""
    with locked(memory):
        make_run(memory, "old")
    return memory


def told_by(*arguments):
    """Return what the publisher, in a process of its own, found."""
    command = [sys.executable, publisher.__file__, *map(str, arguments)]
    path = os.pathsep.join([str(Path(publisher.__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])])
    run = subprocess.run(command, capture_output=True, check=False, env=os.environ | {"PYTHONPATH": path}, text=True)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_what_is_brought_out_is_one_run_and_the_page_is_a_file_of_its_own(output):
    with locked(output):
        run_id = make_run(output, "new")
    folder = output / SLUG
    assert os.readlink(folder / "current") == f"runs/{run_id}"
    assert os.readlink(folder / "tables") == "current/tables"
    assert sorted(path.name for path in (folder / "runs" / run_id).iterdir()) == [
        "manifest.json",
        "record.json",
        "report.html",
        "tables",
    ]
    assert current_run(folder).name == run_id
    assert len(runs_of(folder)) == 2
    (folder / "report.html").write_bytes(b"changed by hand")  # and the run that it came from stays
    assert (folder / "runs" / run_id / "report.html").read_bytes().startswith(b"new|")


def test_nothing_takes_its_place_before_it_is_on_the_disk(output, monkeypatch):
    """Write, sync each file, sync the folders, rename, sync, then the link, then the page, sync: as file systems need it."""
    steps = []

    def noted(name, step):
        def work(*args):
            if name == "sync" and args[0].is_dir():
                steps.append(f"sync {args[0].name}/")
            elif name in ("rename", "replace"):
                steps.append(f"{name} {args[1].name}")
            else:
                steps.append(f"{name} {(args[1] if name == 'symlink' else args[0]).name}")
            step(*args)

        return work

    for name in disk.STEPS:
        monkeypatch.setattr(disk, name, noted(name, getattr(disk, name)))
    with locked(output):
        run_id = make_run(output, "new")
    ready = f"{run_id}.ready"
    assert steps == [
        *("sync 1-customer.csv", "sync 2-chain.csv", "sync manifest.json", "sync record.json", "sync report.html"),
        *("sync tables/", f"sync {run_id}/"),
        *(f"make {ready}", "symlink current", "symlink tables", "write record.json", "write report.html", "write todo.json"),
        *(f"sync {ready}/", "sync staging/"),
        *(f"rename {run_id}", "sync runs/"),
        *("replace current", "remove current.json", "replace tables", "replace record.json", "sync customer/"),
        *("replace report.html", "remove current.json", "remove failure.html", "sync customer/", f"clear {ready}"),
    ]


def test_what_is_written_is_synced_before_the_step_ends(tmp_path, monkeypatch):
    synced = []
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_size) or fsync(descriptor))
    disk.write(tmp_path / "x", b"12345")
    disk.sync(tmp_path)
    assert (synced[0], len(synced)) == (5, 2)


@no_fork
@pytest.mark.parametrize("links", ["links", "no links"])
def test_killed_at_every_step_it_is_the_old_report_or_the_new_one(memory, links):
    """SIGKILL before, in the middle of and after each write, sync, rename and link."""
    found = told_by("every-step", memory, links)
    assert found["steps"] > 20
    assert {"write", "sync", "rename", "replace", "symlink"} <= set(found["names"])
    assert found["old"] > 20
    assert found["new"] > 5
    print(f"\n{found['old'] + found['new']} kills at {found['steps']} steps: 0 damaged")


@pytest.mark.parametrize("always", [False, True], ids=["once", "from then on"])
@pytest.mark.parametrize("code", ERRORS, ids=[errno.errorcode[code] for code in ERRORS])
def test_an_error_at_every_step_leaves_the_old_report_or_the_new_one(output, code, always):
    def fail():
        raise OSError(code, os.strerror(code))

    with locked(output), faults(Fault(0, "before", fail)) as counter:
        make_run(output, "old")
    last_harmless = counter.names.index("replace")  # what comes before the first replacement can be taken back
    for at in range(1, counter.steps + 1):
        for when in moments(counter, at):
            before, new = settled(output), f"new {at} {when}"
            raised = False
            with locked(output), faults(Fault(at, when, fail, always=always)):
                try:
                    make_run(output, new)
                except (OSError, NoRoomError):
                    raised = True
            assert look(output) in (before, new)
            assert raised or look(output) == new
            if raised and not always and at <= last_harmless:
                assert look(output) == before
                assert list((output / "private/staging").iterdir()) == []
            assert settled(output) in (before, new)
        with locked(output):
            make_run(output, "old")
        assert settled(output) == "old"


def naive(output: Path, slug: str, run_id: str, staged: Path) -> None:
    """Publish as scripts do: each file over the one that is there."""
    folder = output / slug
    for path in sorted(path for path in staged.rglob("*") if path.is_file()):
        disk.write(folder / path.relative_to(staged), path.read_bytes())


def test_a_naive_writer_does_not_pass(output, monkeypatch):
    """The proof that these tests can fail."""
    monkeypatch.setattr(publisher, "bring_out", naive)
    damaged = 0
    for at in range(1, 6):
        fault = Fault(at, "half", lambda: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt), locked(output), faults(fault):
            make_run(output, f"new {at}")
        try:
            look(output)
        except (ValueError, FileNotFoundError):
            damaged += 1
    assert damaged > 0


@no_fork
@pytest.mark.parametrize(
    ("kills", "reads"), [(15, 500), pytest.param(1000, 500_000, marks=[pytest.mark.slow, pytest.mark.timeout(3600)])]
)
def test_killed_at_random_moments_nothing_is_damaged_or_lost(memory, kills, reads):
    """While others read: 1,000 kills and 500,000 reads in the slow run."""
    found = told_by("random", memory, kills, reads)
    print(
        f"\n{found['kills']:,} kills: 0 damaged, {found['lost']} acknowledged lost, "
        f"{len(found['torn'])} torn of {found['reads']:,} reads"
    )
    assert (found["lost"], found["torn"]) == (0, [])


def test_a_publication_that_was_killed_among_the_renames_is_finished_by_the_next_run(output):
    def stop():
        raise KeyboardInterrupt

    with locked(output), faults(Fault(0, "before", stop)) as counter:
        make_run(output, "old")
    first = counter.names.index("replace") + 1
    with pytest.raises(KeyboardInterrupt), locked(output), faults(Fault(first, "after", stop)):
        make_run(output, "new")
    assert look(output) == "old"
    assert current_run(output / SLUG).joinpath("report.html").read_bytes().startswith(b"new|")
    assert settled(output) == "new"


def test_rubbish_in_staging_is_swept(output):
    staging = output / "private/staging"
    (staging / "20260101T000000Z-00000000/tables").mkdir(parents=True)
    (staging / "20260101T000000Z-00000000.ready").mkdir()
    (staging / "20260101T000000Z-00000000.ready/todo.json").write_text('{"folder": "../../x", "li')
    (staging / "x").symlink_to("/etc")
    (staging / "y").write_text("y")
    assert settled(output) == "old"


def test_folders_of_a_disk_without_links_and_with_links_take_turns(output, monkeypatch):
    with locked(output):
        with monkeypatch.context() as patch:
            patch.setattr(disk, "symlink", publisher.no_links)
            run_id = make_run(output, "pointed")
        folder = output / SLUG
        assert json.loads((folder / "current.json").read_bytes())["run_id"] == run_id
        assert not os.path.lexists(folder / "current")
        assert not (folder / "tables").is_symlink()
        assert look(output) == "pointed"
        make_run(output, "linked")
        assert not (folder / "current.json").exists()
        assert (folder / "tables").is_symlink()
    assert settled(output) == "linked"


def test_a_folder_of_real_tables_gives_way_to_the_link(output):
    """As an earlier version left it, or a copy of the folder made by hand."""
    folder = output / SLUG
    (folder / "tables").unlink()
    (folder / "tables").mkdir()
    (folder / "tables/9-old.csv").touch()
    with locked(output):
        make_run(output, "new")
    assert (folder / "tables").is_symlink()
    assert settled(output) == "new"


@pytest.mark.parametrize("links", [True, False])
def test_pages_of_old_runs_find_the_shared_script(output, monkeypatch, links):
    if not links:
        monkeypatch.setattr(disk, "symlink", publisher.no_links)
    with locked(output):
        publish(output, {"assets/plotly-0.min.js": b"script"})
        run_id = make_run(output, "new")
    page = output / SLUG / "runs" / run_id / "report.html"
    assert Path(os.path.normpath(page.parent / "../assets/plotly-0.min.js")).read_bytes() == b"script"


@pytest.mark.parametrize("slug", ["", ".", "..", "../x", "/etc", "a/b", "private", "assets"])
def test_no_report_lies_outside_the_folder(output, slug):
    run_id, _ = new_run(output)
    with pytest.raises(ValueError, match="plain name"):
        bring_out(output, slug, run_id, new_staging(output, run_id))


def test_readers_may_read_and_nobody_else_sees_the_runs(tmp_path):
    old = os.umask(0o022)
    try:
        with locked(tmp_path):
            run_id = make_run(tmp_path, "new")
    finally:
        os.umask(old)
    mode = lambda name: stat.S_IMODE((tmp_path / name).stat().st_mode)  # noqa: E731
    for name in (SLUG, f"{SLUG}/runs", f"{SLUG}/runs/{run_id}", f"{SLUG}/tables"):
        assert mode(name) == 0o755, name
    for name in ("report.html", "record.json", "tables/1-customer.csv", f"runs/{run_id}/manifest.json"):
        assert mode(f"{SLUG}/{name}") == 0o644, name
    for name in ("private", "private/staging", "private/runs", f"private/runs/{run_id}"):
        assert mode(name) == 0o700, name
    assert mode("private/lock") == 0o600


def test_a_private_folder_left_open_is_closed(tmp_path):
    (tmp_path / "private").mkdir(mode=0o755)
    assert stat.S_IMODE(private_folder(tmp_path).stat().st_mode) == 0o700


def test_no_run_id_comes_twice(tmp_path):
    runs = [new_run(tmp_path)[0] for _ in range(50)]
    assert len(set(runs)) == 50


def test_a_run_that_the_disk_has_no_room_for_does_not_begin(output, monkeypatch):
    last = folders.size_of(current_run(output / SLUG))
    monkeypatch.setattr(disk, "free", lambda folder: 3 * last - 1500)
    with pytest.raises(
        NoRoomError, match=r"^The disk of the reports is full: .* kB are needed, .* kB are free, 2 kB are missing\."
    ):
        new_staging(output, "20260101T000000Z-00000000", slug=SLUG)
    monkeypatch.setattr(disk, "free", lambda folder: 3 * last)
    new_staging(output, "20260101T000000Z-00000000", slug=SLUG)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("mount"), reason="needs root to mount a small disk"
)
def test_a_disk_that_is_really_full_loses_nothing(tmp_path):
    """60 attempts on a disk of 6 MB."""
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "none", tmp_path], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip(f"cannot mount a small disk: {mounted.stderr.decode().strip()}")
    refused, messages, last = 0, set(), ""
    try:
        for attempt in range(60):
            try:
                with locked(tmp_path):
                    publisher.make_run(tmp_path, f"run {attempt}", size=500_000)
            except (NoRoomError, OSError) as error:
                refused += 1
                messages.add(str(error))
            else:
                last = f"run {attempt}"
            assert look(tmp_path) == last
            assert settled(tmp_path) == last
        shutil.rmtree(runs_of(tmp_path / SLUG)[0])
        for number in range(3):
            shutil.rmtree(runs_of(tmp_path / SLUG)[number])
        with locked(tmp_path):
            publisher.make_run(tmp_path, "room again", size=500_000)
        assert settled(tmp_path) == "room again"
    finally:
        subprocess.run(["umount", "-l", tmp_path], check=True)
    print(f"\n60 attempts on 6 MB: {refused} refused, 0 damaged; {sorted(messages)[0]}")
    assert refused > 40


@no_fork
@pytest.mark.parametrize("rounds", [2, pytest.param(20, marks=pytest.mark.slow)])
def test_of_twelve_schedulers_exactly_one_runs(tmp_path, rounds):
    """And after the one that runs is killed, the next one starts within 2 seconds."""
    found = told_by("schedulers", tmp_path, rounds)
    for each in found:
        (winner,) = each["ran"]
        assert len(each["busy"]) == 11
        assert all(f"held by another run: process {winner} on " in words and ", since 20" in words for words in each["busy"]), (
            each
        )
    slowest = max(each["seconds"] for each in found)
    print(f"\n{rounds} rounds of 12 schedulers: 1 ran each time, 11 were turned away; the next started after {slowest:.2f} s")
    assert slowest < 2


HOLD = (
    "import os, sys, time; from pathlib import Path; from cxgap.report.publish import locked\n"
    "with locked(Path(sys.argv[1])): os.fork() or time.sleep(600); print('held', flush=True); os.kill(os.getpid(), 9)"
)


@no_fork
def test_a_lock_dies_with_its_holder_though_a_forked_child_lives_on(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True, process_group=0
    ) as run:
        try:
            assert run.stdout.readline() == "held\n"
            assert run.wait() == -signal.SIGKILL
            for _ in range(100):  # on a busy machine the child may not have run at all yet
                try:
                    with locked(tmp_path):
                        return
                except BusyError:
                    time.sleep(0.1)
            pytest.fail("the child still holds the lock")
        finally:
            os.killpg(run.pid, signal.SIGKILL)


@pytest.mark.parametrize("rubbish", [b"", b"\xff\xfe\x00\x1b[31m" * 1000, b"process 1 on x, since 1970"])
def test_a_lock_file_with_rubbish_in_it_is_no_lock(tmp_path, rubbish):
    (tmp_path / "private").mkdir()
    (tmp_path / "private/lock").write_bytes(rubbish)
    with locked(tmp_path):
        assert (tmp_path / "private/lock").read_text().startswith(f"process {os.getpid()} on ")
        (tmp_path / "private/lock").write_bytes(rubbish)
        with pytest.raises(BusyError, match="is held by another run: ") as caught, locked(tmp_path):
            pass
        assert str(caught.value).isprintable()
        assert len(str(caught.value)) < 2000


def test_an_output_folder_that_cannot_be_written_to_is_misuse(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    with (
        pytest.raises(
            ArgumentError, match=r"file must be one that you can write to, and is not: .* Name another with --output\."
        ),
        locked(tmp_path / "file"),
    ):
        pass

    def read_only(*args, **options):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "mkdir", read_only)
    with pytest.raises(ArgumentError, match="Read-only file system"), locked(tmp_path / "reports"):
        pass


def test_a_link_in_place_of_the_lock_is_not_followed(tmp_path):
    (tmp_path / "victim").write_text("precious")
    private_folder(tmp_path)
    (tmp_path / "private/lock").symlink_to(tmp_path / "victim")
    with pytest.raises(ArgumentError), locked(tmp_path):
        pass
    assert (tmp_path / "victim").read_text() == "precious"
