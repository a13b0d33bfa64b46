"""A browser that a test drives: sizes, colours, keys and paper, over Chromium's own pipe."""

from __future__ import annotations

import base64
import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
# The pipe must be descriptors 3 and 4 of the browser itself.
_LAUNCH = "import os, sys; a, b = map(int, sys.argv[1:3]); a, b = os.dup(a), os.dup(b); os.dup2(a, 3); os.dup2(b, 4); "
_LAUNCH += "os.set_inheritable(3, True); os.set_inheritable(4, True); os.execvp(sys.argv[3], sys.argv[3:])"
_DRAWN = "new Promise((done) => { const look = () => document.documentElement.dataset.figures ? done(true) : "
_DRAWN += "setTimeout(look, 20); look(); })"
PATIENCE = 240  # seconds for one answer: the rules take long over a long page
KEYS = {"Tab": 9, "Enter": 13}


class Driven:
    """One browser with one page, closed with the `with` block."""

    def __init__(self, chromium: str, folder: Path, *flags: str) -> None:
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        command = [chromium, *_FLAGS, *flags, "--remote-debugging-pipe", f"--user-data-dir={folder / 'profile'}", "about:blank"]
        self._browser = subprocess.Popen(
            [sys.executable, "-c", _LAUNCH, str(theirs_in), str(theirs_out), *command],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._number = 0
        self._buffer = b""
        self._session: str | None = None
        target = next(t for t in self.send("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self._session = self.send("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        self.send("Page.enable")

    def __enter__(self) -> Driven:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._browser.kill()
        self._browser.wait()
        os.close(self._in)
        os.close(self._out)

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """Ask for something and wait for the answer; events are dropped."""
        self._number += 1
        asked = {"id": self._number, "method": method, "params": params}
        asked |= {"sessionId": self._session} if self._session else {}
        text = json.dumps(asked).encode() + b"\0"
        while text:  # a pipe holds less than a long script
            text = text[os.write(self._out, text) :]
        while True:
            answer = self._answer()
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]

    def _answer(self) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._in], [], [], max(0, end - time.monotonic()))
            assert ready, f"Chromium said nothing for {PATIENCE} seconds"
            more = os.read(self._in, 1 << 20)
            assert more, "Chromium ended"
            self._buffer += more
        message, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(message)

    def open(self, page: Path) -> None:
        """Open a file and wait until its figures are drawn."""
        self.send("Page.navigate", url=page.as_uri())
        until = time.monotonic() + PATIENCE
        while not self.script("document.readyState === 'complete' && !!document.body.childElementCount"):
            assert time.monotonic() < until, f"{page} did not load"
            time.sleep(0.02)
        self.script(_DRAWN)

    def script(self, expression: str) -> Any:
        """Return the value of an expression in the page, a promise's when it is kept."""
        found = self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def size(self, width: int, height: int = 900) -> None:
        """Make the window as wide as so many CSS pixels."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.script("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)))")

    def prefers(self, **features: str) -> None:
        """Be a reader with a preference, such as prefers_color_scheme="dark"."""
        chosen = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.send("Emulation.setEmulatedMedia", features=chosen)
        self.script("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)))")

    def press(self, key: str) -> None:
        """Press a key and let it go."""
        same = {"key": key, "code": key, "windowsVirtualKeyCode": KEYS[key]}
        self.send("Input.dispatchKeyEvent", type="keyDown", **same, **({"text": "\r"} if key == "Enter" else {}))
        self.send("Input.dispatchKeyEvent", type="keyUp", **same)

    def paper(self, width: float, height: float) -> bytes:
        """Print, on paper of so many inches unless the page says otherwise."""
        options = {"paperWidth": width, "paperHeight": height, "printBackground": True, "generateTaggedPDF": True}
        return base64.b64decode(self.send("Page.printToPDF", preferCSSPageSize=False, **options)["data"])

    def picture(self, *, whole: bool = True) -> bytes:
        """Take a picture of the page."""
        return base64.b64decode(self.send("Page.captureScreenshot", captureBeyondViewport=whole)["data"])
