"""The kernel that `cxgap kernel install` lets Jupyter find."""

from __future__ import annotations

import json
import sys

import pytest
from click.testing import CliRunner

from cxgap.cli import cli
from cxgap.errors import ArgumentError


def installed(folder):
    done = CliRunner().invoke(cli, ["kernel", "install", "--prefix", str(folder)], catch_exceptions=False)
    assert done.exit_code == 0
    return json.loads((folder / "share/jupyter/kernels/cxgap/kernel.json").read_text())


def test_the_kernel_is_this_interpreter_behind_the_provisioner(tmp_path):
    for _ in range(2):  # one that is there is replaced
        spec = installed(tmp_path)
    assert spec["argv"][0] == sys.executable
    assert spec["language"] == "python"
    assert spec["metadata"]["kernel_provisioner"] == {"provisioner_name": "cxgap-warm"}


def test_one_place_is_asked_for(tmp_path):
    with pytest.raises(ArgumentError, match="Give one of"):
        CliRunner().invoke(cli, ["kernel", "install", "--user", "--prefix", str(tmp_path)], catch_exceptions=False)


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "share").write_text("a file")
    with pytest.raises(ArgumentError, match="--user"):
        CliRunner().invoke(cli, ["kernel", "install", "--prefix", str(tmp_path)], catch_exceptions=False)
