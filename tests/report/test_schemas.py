"""Files of our own carry a version: an older one is read, a newer or a foreign one is refused in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cxgap.errors import ArgumentError
from cxgap.report.job import JOB_SCHEMA, Job
from cxgap.report.manifest import MANIFEST_SCHEMA
from cxgap.report.record import RECORD_SCHEMA
from cxgap.report.schemas import NEWEST, check_version, read_schema
from cxgap.report.status import STATUS_SCHEMA


def test_what_is_written_is_what_is_known_as_the_newest():
    """A schema that is raised without a word here would be refused by the very version that wrote it."""
    written = {"job": JOB_SCHEMA, "record": RECORD_SCHEMA, "manifest": MANIFEST_SCHEMA, "status": STATUS_SCHEMA}
    assert written == {kind: f"cxgap.{kind}/{NEWEST[kind]}" for kind in written}


def test_a_record_of_the_first_version_loses_what_was_of_its_run():
    old = {"schema": "cxgap.record/1", "slug": "x", "run_id": "r", "started": "s", "seconds": 1.5, "status": "ok"}
    assert read_schema(json.dumps(old).encode(), "record", "record.json") == {"schema": RECORD_SCHEMA, "slug": "x"}


@pytest.mark.parametrize("kind", sorted(NEWEST))
def test_a_later_version_is_refused_with_what_to_do(kind):
    later = NEWEST[kind] + 1
    words = f"x is a {kind} of version {later}, and this cxgap knows versions up to {NEWEST[kind]}; update cxgap to read it."
    with pytest.raises(ArgumentError) as error:
        check_version(later, kind, "x")
    assert str(error.value) == words
    with pytest.raises(ArgumentError) as error:
        read_schema(json.dumps({"schema": f"cxgap.{kind}/{later}"}).encode(), kind, "x")
    assert str(error.value) == words


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"3", b"{}", b'{"schema": 2}', b'{"schema": "cxgap.job/1"}', b'{"schema": "cxgap.record/0"}',
             b'{"schema": "cxgap.record/-1"}', '{"schema": "cxgap.record/٢"}'.encode(), b"[" * 100_000, b"\xff"],
    ids=range(11),
)  # fmt: skip
def test_what_is_no_record_is_refused(text):
    with pytest.raises(ArgumentError, match=r"record\.json must"):
        read_schema(text, "record", "record.json")


def test_a_job_goes_to_its_worker_and_back():
    job = Job("Café", "cafe-1", Path("/x/y.ipynb"), {"by": "touchpoint", "conf_level": 0.95, "where": {"region": "0012"}}, True)
    assert Job.from_json(job.to_json()) == job
    with pytest.raises(ArgumentError, match="of version 2"):
        Job.from_json(job.to_json().replace(b"job/1", b"job/2"))
