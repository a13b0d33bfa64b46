"""The files that a run leaves for machines, held against their schemas in the package."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema

import cxgap


def check_schema(kind: str, value: object) -> None:
    """Raise ValidationError unless `value` is as cxgap/report/schema/<kind>.json says."""
    schema = json.loads((Path(cxgap.__file__).parent / f"report/schema/{kind}.json").read_bytes())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(value)
