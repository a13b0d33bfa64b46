"""What a client and its warm parent say to each other, and what the parent notices by itself."""

from __future__ import annotations

import os
import socket
import subprocess
import threading

import pytest

from cxgap.report.warm import imports
from cxgap.report.warm.kernel import arguments_of
from cxgap.report.warm.requests import Inbox, Streams, send

pytestmark = pytest.mark.skipif(not hasattr(socket, "send_fds"), reason="this system passes no open files on")


def test_a_request_arrives_whole_with_its_open_files_however_long_it_is(tmp_path):
    asked = {"environment": {"LONG": "é" * 300_000}}
    ours, theirs = socket.socketpair()
    with ours, theirs, open(tmp_path / "log", "wb") as log, Streams(None, log, subprocess.STDOUT) as streams:
        inbox = Inbox(theirs)
        for number in range(2):
            sender = threading.Thread(target=send, args=(ours, asked, streams.files))
            sender.start()
            while not (got := list(inbox.read())):
                pass
            sender.join()
            ((request, files),) = got
            assert request == asked
            assert len(files) == 3
            os.write(files[2], f"{number}".encode())
            for descriptor in files:
                os.close(descriptor)
        ours.close()
        assert inbox.read() is None
    assert (tmp_path / "log").read_text() == "01"


def test_a_pipe_cannot_be_passed_on():
    with pytest.raises(ValueError, match="pipe"):
        Streams(None, subprocess.PIPE, None)


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("py -X dev -m ipykernel_launcher -f c.json --debug", (["py", "-X", "dev"], ["-f", "c.json", "--debug"])),
        ("py -m xeus -f c.json", None),
        ("R --slave -e main()", None),
        ("py -m", None),
    ],
)
def test_only_ipykernel_is_forked(command, found):
    assert arguments_of(command.split()) == found


def test_a_source_that_was_written_or_taken_away_is_noticed(tmp_path):
    (source := tmp_path / "x.py").write_text("1")
    known = {**imports.stamps(), str(source): source.stat().st_mtime_ns}
    assert str(imports.__file__) in known
    assert imports.changed({str(source): known[str(source)]}) == ""
    os.utime(source, ns=(1, 1))
    assert imports.changed({str(source): known[str(source)]}) == str(source)
    source.unlink()
    assert imports.changed({str(source): 1}) == str(source)
