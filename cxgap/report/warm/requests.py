"""How a forked process is asked for: one JSON object a line over a socket, with the open files that it shall have.

Descriptors travel beside the line (SCM_RIGHTS), so that a kernel writes where its client writes, be it a terminal or a log.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any, Final

_BYTES: Final = 1 << 16
_MOST_FILES: Final = 3


def send(line: socket.socket, request: Mapping[str, Any], files: Sequence[int]) -> None:
    """Ask for a process whose stdin, stdout and stderr are `files`; the next request waits for the answer to this one."""
    said = json.dumps(request).encode() + b"\n"
    sent = socket.send_fds(line, [said], files)
    if sent < len(said):  # who has read all of it may be gone by now
        line.sendall(said[sent:])


class Inbox:
    """The requests that come over a line."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._unread = b""
        self._files: list[int] = []

    def read(self) -> Iterator[tuple[dict[str, Any], list[int]]] | None:
        """Wait for more, and return the requests that are whole now; None once nobody is at the other end."""
        try:
            said, files, _, _ = socket.recv_fds(self._line, _BYTES, _MOST_FILES)
        except ConnectionError:
            return None
        self._files += files
        if not said:
            return None
        *whole, self._unread = (self._unread + said).split(b"\n")
        return ((json.loads(text), self._take()) for text in whole)

    def _take(self) -> list[int]:
        files, self._files = self._files, []
        return files


class Streams:
    """Open descriptors for the three standard streams of a process, as `subprocess.Popen` takes them.

    Raises
    ------
    ValueError : one of them is to be a pipe, which only a process that is started here can have.
    """

    def __init__(self, stdin: int | IO | None, stdout: int | IO | None, stderr: int | IO | None) -> None:
        self._own: list[int] = []
        self.files = [self._open(stdin, os.O_RDONLY, None), self._open(stdout, os.O_WRONLY, 1)]
        merged = isinstance(stderr, int) and stderr == subprocess.STDOUT
        self.files.append(self.files[1] if merged else self._open(stderr, os.O_WRONLY, 2))

    def __enter__(self) -> Streams:
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in self._own:
            os.close(descriptor)

    def _open(self, stream: int | IO | None, flags: int, usual: int | None) -> int:
        if stream is None and usual is not None and _is_open(usual):
            return usual
        if stream is None or (isinstance(stream, int) and stream == subprocess.DEVNULL):
            self._own.append(os.open(os.devnull, flags))
            return self._own[-1]
        if isinstance(stream, int):
            if stream < 0:
                raise ValueError("a pipe")
            return stream
        return stream.fileno()


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True
