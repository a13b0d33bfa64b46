"""A kernel from a warm parent is to its client what any kernel is; the authority is the stock kernel of this interpreter."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import nbformat
import papermill
import pytest
from report.warm.kernels import asked, forked, gone, kernel, wait

from cxgap.report.warm import provisioner
from cxgap.report.warm.kernelspec import install
from cxgap.report.warm.provisioner import WARM

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

TOLD = """
import json, os, random, sys
import numpy as np
clean = [os.environ.get("LEAK"), os.getcwd(), json.loads.__name__, "leak" in dir()]
print(json.dumps([random.random(), np.random.rand(), *clean]))
"""


@pytest.fixture(scope="module", autouse=True)
def _jupyter(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("jupyter")
        patch.setenv("JUPYTER_PATH", str(folder / "share/jupyter"))
        patch.setenv("JUPYTER_RUNTIME_DIR", str(folder / "runtime"))
        patch.setenv("IPYTHONDIR", str(folder / "ipython"))
        patch.setenv("OPENBLAS_NUM_THREADS", "1")
        install(prefix=str(folder))
        if not entry_points(group="jupyter_client.kernel_provisioners", name="cxgap-warm"):
            pytest.skip("the entry points of an older installation are in place; install the package anew")
        yield
        WARM.close()


def outputs(name, folder):
    cells = [
        "import sys\nprint('out')\nprint('err', file=sys.stderr)",
        "import os\nsorted(item for item in os.environ.items() if item[0] != 'JPY_PARENT_PID')",
        # An old ipykernel leaves the working folder on the path twice, once as "".
        "sys.argv[0], [p for p in sys.path if p != os.getcwd()], os.getcwd(), __name__, sys.executable, sys.stdin.isatty()",
        "import plotly.graph_objects as go, plotly.io\nplotly.io.renderers.default",
        "go.Figure(go.Scatter(x=[1, 2], y=[3, 4]))",
        "import threading, signal\nsorted(signal.Signals(n).name for n in signal.pthread_sigmask(signal.SIG_BLOCK, []))",
        "import pandas as pd\npd.DataFrame({'a': [1, 2]}).describe()",
        "os.getsid(0) == os.getpid() == os.getpgid(0), os.readlink('/proc/self/fd/1') if os.path.exists('/proc') else ''",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata = {"kernelspec": {"name": "python3", "language": "python", "display_name": "x"}}
    nbformat.write(notebook, folder / "in.ipynb")
    out = folder / f"{name}.ipynb"
    papermill.execute_notebook(folder / "in.ipynb", out, kernel_name=name, progress_bar=False, cwd=str(folder))
    return [cell["outputs"] for cell in json.loads(out.read_text())["cells"]]


def test_papermill_gets_what_the_stock_kernel_gives(tmp_path):
    assert outputs("cxgap", tmp_path) == outputs("python3", tmp_path)


@pytest.mark.slow
def test_what_one_kernel_does_no_other_sees(tmp_path):
    spoil = (
        "import os, json, random, sys, pandas\nimport numpy as np\nleak = 1\nrandom.seed(7)\nnp.random.seed(7)\n"
        f"os.environ['LEAK'] = 'yes'\nos.chdir({str(tmp_path)!r})\njson.loads = lambda text: None\n"
        "pandas.options.display.max_rows = 3\nprint(json.dumps(sys.path.insert(0, 'leak')))"
    )
    with kernel() as one, kernel(env=os.environ | {"LEAK": "own"}, cwd=str(tmp_path)) as other, kernel() as third:
        assert all(map(forked, (one, other, third)))
        asked(one, spoil)
        told, again = asked(other, TOLD), asked(third, TOLD)
        assert told[2:] == ["own", str(tmp_path.resolve()), "loads", False]
        assert again[2:] == [None, os.getcwd(), "loads", False]
        assert not {*told[:2]} & {*again[:2]}
        seen = "import sys, pandas, json\nprint(json.dumps(['leak' in sys.path, pandas.options.display.max_rows]))"
        assert asked(other, seen) == [False, 60]


def test_a_kernel_is_interrupted_restarted_killed_and_shut_down():
    with kernel() as manager:
        pid = asked(manager, "import os\nprint(os.getpid())")
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        client.execute("import time\nprint('begun')\ntime.sleep(60)")
        wait(lambda: client.get_iopub_msg(timeout=10)["content"].get("text") == "begun\n")
        manager.interrupt_kernel()
        assert client.get_shell_msg(timeout=10)["content"]["ename"] == "KeyboardInterrupt"
        client.stop_channels()

        manager.restart_kernel()
        assert gone(pid)
        assert forked(manager)
        pid = asked(manager, "import os\nprint(os.getpid())")
        assert manager.is_alive()
        os.kill(pid, signal.SIGKILL)
        wait(lambda: not manager.is_alive())
        assert manager.provisioner.process.returncode == -signal.SIGKILL
        assert gone(pid)

        manager.restart_kernel(now=True)
        pid = asked(manager, "import os\nprint(os.getpid())")
        manager.shutdown_kernel()
        assert gone(pid)


@pytest.mark.slow
def test_atexit_and_threads_of_a_notebook_are_seen_to(tmp_path):
    left = tmp_path / "left.txt"
    with kernel() as manager:
        asked(manager, f"import atexit\natexit.register(lambda: open({str(left)!r}, 'w').write('left'))")
        manager.shutdown_kernel()
    assert left.read_text() == "left"


@pytest.mark.parametrize(
    "trouble",
    [
        "no fork",
        *(pytest.param(trouble, marks=pytest.mark.slow) for trouble in ("a pipe", "another environment", "another kernel")),
    ],
)
def test_what_cannot_be_forked_is_started_as_any_kernel_is(trouble, monkeypatch):
    options = {}
    with kernel():  # the warm parent is there
        if trouble == "no fork":
            monkeypatch.delattr(os, "fork")
        elif trouble == "a pipe":
            options["stdout"] = subprocess.PIPE
        elif trouble == "another environment":
            options["env"] = os.environ | {"PYTHONHASHSEED": "7"}
        else:
            monkeypatch.setattr(provisioner, "arguments_of", lambda command: None)
        with kernel(**options) as manager:
            assert not forked(manager)
            assert asked(manager, "print(6 * 7)") == 42


def test_the_end_of_the_warm_parent_is_the_end_of_its_kernels_and_the_next_one_is_plain():
    with kernel() as manager:
        pid = asked(manager, "import os\nprint(os.getpid())")
        os.kill(WARM._parents[-1].pid, signal.SIGKILL)
        wait(lambda: not manager.is_alive())
        wait(lambda: gone(pid))
        with kernel() as another:
            assert not forked(another)
            assert asked(another, "print(6 * 7)") == 42
    WARM.close()


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone lets a process die with its parent")
@pytest.mark.slow
def test_a_killed_client_leaves_nothing(tmp_path):
    code = (
        f"import sys\nsys.path.insert(0, {str(Path(__file__).parents[2])!r})\n"
        "from report.warm.kernels import asked, kernel\nimport os, signal\nfrom cxgap.report.warm.provisioner import WARM\n"
        "with kernel() as manager:\n    pid = asked(manager, 'import os\\nprint(os.getpid())')\n"
        "    print(pid, WARM._parents[-1].pid, flush=True)\n    os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == -signal.SIGKILL, done.stderr
    wait(lambda: gone(*map(int, done.stdout.split())))
