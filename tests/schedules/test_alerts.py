"""The rules for Prometheus speak of numbers that a run really writes."""

from __future__ import annotations

import re

import yaml
from schedules.recipes import recipe

from cxgap.report.status import metrics

ENTRY = {"state": "failed", "seconds": 1.0, "good": {"finished": "2026-03-31T05:10:00Z"}}


def test_every_number_of_the_rules_is_in_metrics_prom():
    rules = yaml.safe_load(recipe("alerts.yml"))["groups"][0]["rules"]
    asked = {name for rule in rules for name in re.findall(r"cxgap_\w+", rule["expr"])}
    text = metrics({"north": ENTRY}, now=0.0)
    written = set(re.findall(r"^(cxgap_\w+)\{", text, flags=re.MULTILINE))
    assert asked
    assert asked <= written


def test_the_first_rule_fires_for_a_report_that_failed_and_for_no_other():
    text = metrics({"north": ENTRY, "south": ENTRY | {"state": "ok"}}, now=0.0)
    assert 'cxgap_run_ok{report="north"} 0' in text
    assert 'cxgap_run_ok{report="south"} 1' in text
