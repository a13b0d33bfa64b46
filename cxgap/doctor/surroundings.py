"""What a process is given to start with: home, temporary folder, language, user. Schedulers give less than a shell does."""

from __future__ import annotations

import locale
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from cxgap.doctor.finding import Finding, fault, note, ok

_OWN = {"PYTHONPATH", "PYTHONHOME", "PYTHONWARNINGS", "PYTHONSTARTUP", "PYTHONOPTIMIZE", "PYTHONNOUSERSITE"}


def look_at_surroundings() -> Iterator[Finding]:
    """Look at what the caller of this process handed down."""
    looks: tuple[Callable[[], Finding], ...] = (_user, _home, _temporary, _texts, _mask, _python, _bytecode)
    for look in looks:
        yield look()


def _user() -> Finding:
    if not hasattr(os, "geteuid"):
        return ok("user", "the rights of files are the system's own matter here")
    if os.geteuid() == 0:
        return note("user", "root; reports need no rights of root: run schedules as a user of their own")
    return ok("user", f"number {os.geteuid()}, not root")


def _home() -> Finding:
    try:
        home = Path.home()
    except RuntimeError:
        return note(
            "home", "HOME is not set and the user has no home; reports do without: kernels keep all in the output folder"
        )
    if "HOME" not in os.environ and os.name == "posix":
        return ok("home", f"HOME is not set; the user's own, {home}, is taken, and reports do without it")
    if not os.access(home, os.W_OK):
        return ok("home", f"{home} cannot be written, and reports do without it")
    return ok("home", str(home))


def _temporary() -> Finding:
    try:
        folder = tempfile.gettempdir()
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"?")
    except OSError as error:
        return fault("temporary files", f"no folder for them can be written ({error.strerror}): set TMPDIR to one that can")
    asked = os.environ.get("TMPDIR")
    if asked and os.path.realpath(asked) != os.path.realpath(folder):
        return note(
            "temporary files", f"go to {folder}, because TMPDIR={asked} cannot be written: mkdir -p {asked}, or unset it"
        )
    return ok("temporary files", f"go to {folder}")


def _texts() -> Finding:
    """Texts in a file are always read as UTF-8; names of files and lines of a terminal take what the locale says."""
    names, lines = sys.getfilesystemencoding(), locale.getpreferredencoding(False)
    given = os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or os.environ.get("LANG") or "not set"
    if names.lower().replace("-", "") != "utf8":
        return note(
            "locale", f"{given}, so that file names are {names}: set LC_ALL=C.UTF-8, or names beyond ASCII are not found"
        )
    if lines.lower().replace("-", "") != "utf8":
        return note("locale", f"{given}, so that lines are written as {lines}: set LC_ALL=C.UTF-8")
    return ok("locale", f"{given}; names and lines are UTF-8")


def _mask() -> Finding:
    mask = os.umask(0o077)
    os.umask(mask)
    if os.name == "posix" and mask & 0o044:
        return note(
            "umask", f"{mask:04o}: pages will be for you alone; for readers type umask 022 first, or set UMask=0022 in a unit"
        )
    return ok("umask", f"{mask:04o}")


def _python() -> Finding:
    found = sorted(_OWN & set(os.environ))
    if sys.flags.optimize:
        return note("environment", "Python runs with -O or PYTHONOPTIMIZE, and cxgap was not tested so: leave it out")
    if found:
        return note(
            "environment", f"{', '.join(found)} set; kernels inherit it, and may import other code than you think: unset it"
        )
    return ok("environment", "no variable of Python's own is set")


def _bytecode() -> Finding:
    package = Path(__file__).resolve().parents[1]
    if (package / "__pycache__").is_dir() or os.access(package, os.W_OK):
        return ok("installed code", str(package))
    return note(
        "installed code",
        f"{package} cannot be written and holds no bytecode, so every start is slower: "
        f"let its owner type {sys.executable} -m compileall -q {package}",
    )
