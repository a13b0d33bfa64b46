"""Whatever stops a publication, a reader finds the old page or the new one, whole."""

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cxgap.report.publish import locked, new_run, private_folder, publish

OLD = {"customer/tables/1.csv": b"old table", "customer/record.json": b"old record", "customer/report.html": b"old page" * 1000}
NEW = {name: content.replace(b"old", b"new") for name, content in OLD.items()}


class Killed(BaseException):
    """Stands for SIGKILL: nothing that catches errors catches it."""


def steps(monkeypatch, stop_at, error):
    """Count every write, sync and rename; raise at one of them."""
    done = [0]

    def counted(function):
        def step(*args, **options):
            done[0] += 1
            if done[0] == stop_at:
                raise error
            return function(*args, **options)

        return step

    monkeypatch.setattr(os, "fsync", counted(os.fsync))
    monkeypatch.setattr(Path, "replace", counted(Path.replace))
    monkeypatch.setattr(Path, "mkdir", counted(Path.mkdir))
    monkeypatch.setattr(Path, "open", counted(Path.open))
    return done


def test_a_publication_has_these_steps(tmp_path, monkeypatch):
    publish(tmp_path, OLD)
    done = steps(monkeypatch, 0, Killed())
    publish(tmp_path, NEW)
    assert done[0] > 15
    assert (tmp_path / "customer/report.html").read_bytes() == NEW["customer/report.html"]


@pytest.mark.parametrize(
    "error", [Killed(), OSError(28, "No space left on device"), PermissionError(13, "no")], ids=["kill", "full", "denied"]
)
def test_stopped_at_any_step_every_file_is_whole(tmp_path, monkeypatch, error):
    for stop_at in range(1, 18):
        output = tmp_path / str(stop_at)
        publish(output, OLD)
        with monkeypatch.context() as patch:
            steps(patch, stop_at, error)
            with pytest.raises(type(error)):
                publish(output, NEW)
        for name in OLD:
            assert (output / name).read_bytes() in {OLD[name], NEW[name]}
        publish(output, NEW)
        assert {name: (output / name).read_bytes() for name in NEW} == NEW
        assert not (output / "private/staging").exists()


def test_the_page_comes_last(tmp_path, monkeypatch):
    order = []
    replace = Path.replace
    monkeypatch.setattr(Path, "replace", lambda path, target: order.append(Path(target).name) or replace(path, target))
    publish(tmp_path, NEW)
    assert order == ["1.csv", "record.json", "report.html"]


def test_readers_may_read_and_nobody_else_sees_the_runs(tmp_path):
    old = os.umask(0o022)
    try:
        publish(tmp_path, OLD)
        _, folder = new_run(tmp_path)
    finally:
        os.umask(old)
    mode = lambda path: stat.S_IMODE(path.stat().st_mode)  # noqa: E731
    assert mode(tmp_path / "customer/report.html") == 0o644
    assert mode(tmp_path / "private") == mode(tmp_path / "private/runs") == mode(folder) == 0o700


def test_a_private_folder_left_open_is_closed(tmp_path):
    (tmp_path / "private").mkdir(mode=0o755)
    assert stat.S_IMODE(private_folder(tmp_path).stat().st_mode) == 0o700


def test_no_run_id_comes_twice(tmp_path):
    runs = [new_run(tmp_path)[0] for _ in range(50)]
    assert len(set(runs)) == 50


def test_one_at_a_time(tmp_path):
    inside, most = [0], [0]

    def work():
        with locked(tmp_path):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            publish(tmp_path, OLD)
            inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 1


def test_a_lock_dies_with_its_holder(tmp_path):
    hold = (
        "import os; from pathlib import Path; from cxgap.report.publish import locked\n"
        f"with locked(Path({str(tmp_path)!r})): os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", hold], check=False).returncode == -9
    with locked(tmp_path):
        pass
