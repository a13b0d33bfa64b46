"""Events and promises that stay on disk are those that are read into memory: rows, refusals, names, times and gaps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from study_files import WIDE, write

import cxgap as cx
from cxgap.errors import CxgapError, StudyError
from cxgap.tables.big import choice, table
from cxgap.tables.big.sight import pandas_of
from cxgap.tables.big.tallied import LISTED
from cxgap.tables.read import read_study

TIMES = ["ordered_at", "promised_first", "delivered_at", "cancelled_at"]
SLIPS = {
    "event_id": ["", "  ", "E\x07", "E003", " E5"],
    "customer_id": ["", "C1 "],
    "ordered_at": ["", "31.02.2026", "1900-01-01", "2026-03-29T02:30:00", "2025-10-26T02:30:00"],
    "delivered_at": ["2099-01-01", "soon", "2026-01-01T00:00:00", "2025-10-26 02:15"],
    "promised_first": ["2020-01-01", "x"],
    "amount": ["NA", "12 EUR", "1e3", "inf", "yes", " 5.5 "],
    "returned": ["perhaps", "TRUE", "0"],
}
METRICS = {
    'metrics."days"': {
        "touchpoint": "Use", "unit": "days", "direction": "lower",
        "delivered": ["ordered_at", "delivered_at"], "promised": ["ordered_at", "promised_first"],
    },
    'metrics."price"': {"touchpoint": "Buy", "unit": "EUR", "direction": "lower", "delivered": "amount"},
    'metrics."sent back"': {"touchpoint": "Use", "unit": "share", "direction": "lower", "delivered": "returned"},
}  # fmt: skip
STANDARDS = "touchpoint,metric,unit,direction,standard,exists,basis\nUse,days,days,lower,3,yes,physical\n"


def orders(seed: int, rows: int = 160, slips: int = 14) -> pd.DataFrame:
    """Orders as text, with slips of every kind, rows that are told twice, and some that run backwards."""
    rng = np.random.default_rng(seed)
    ordered = pd.Timestamp("2025-09-01") + pd.to_timedelta(rng.integers(0, 200 * 86_400, rows), unit="s")
    text = {"ordered_at": ordered.strftime("%Y-%m-%dT%H:%M:%S")}
    text["promised_first"] = (ordered + pd.to_timedelta(rng.integers(1, 6, rows), unit="D")).strftime("%Y-%m-%d")
    text["delivered_at"] = (ordered + pd.to_timedelta(rng.integers(1, 700_000, rows), unit="s")).strftime("%Y-%m-%d %H:%M:%S")
    frame = pd.DataFrame(
        {
            "event_id": [f"E{number:03d}" for number in range(rows)],
            "customer_id": [f"C{number}" for number in rng.integers(0, rows // 2, rows)],
            "touchpoint": rng.choice(["Use", "Buy", "Elsewhere", ""], rows, p=[0.6, 0.3, 0.06, 0.04]),
            "region": rng.choice(["NA", "007", "north"], rows),
            "channel": rng.choice(["web", "shop"], rows),
            **text,
            "cancelled_at": np.where(rng.random(rows) < 0.05, "2026-03-25T10:00:00", ""),
            "status": rng.choice(["done", "", "Storniert"], rows, p=[0.8, 0.15, 0.05]),
            "amount": [f"{number:.2f}" for number in rng.gamma(2, 20, rows)],
            "returned": rng.choice(["yes", "no", ""], rows),
        },
        dtype=object,
    )
    frame.loc[rng.random(rows) < 0.1, "delivered_at"] = ""
    for _ in range(slips):
        column = str(rng.choice([*SLIPS]))
        frame.loc[rng.integers(rows), column] = str(rng.choice(SLIPS[column]))
    again = frame.loc[rng.choice(rows, 4, replace=False)].copy()
    again.iloc[:2, again.columns.get_loc("region")] = "south"
    frame = pd.concat([frame, again, frame.iloc[:1] * 0], ignore_index=True) if slips else frame
    return frame.sample(frac=1, random_state=seed).reset_index(drop=True)


def ledger(events: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Promises of some orders, a few of them made after the delivery, told twice, or of nothing."""
    rng = np.random.default_rng(seed)
    rows = events[events["event_id"].str.fullmatch(r"E\d+") & events["ordered_at"].str.len().eq(19)]
    rows = rows[pd.to_datetime(rows["ordered_at"], errors="coerce").notna()].sample(60, random_state=seed, replace=True)
    made = pd.to_datetime(rows["ordered_at"]) + pd.to_timedelta(rng.integers(0, 9 * 86_400, 60), unit="s")
    frame = pd.DataFrame({"event_id": rows["event_id"], "made_at": made.dt.strftime("%Y-%m-%dT%H:%M:%S")}, dtype=object)
    frame["promised"] = (made + pd.Timedelta(days=2)).dt.strftime("%Y-%m-%d")
    frame.iloc[3, 2], frame.iloc[5, 0], frame.iloc[7, 1] = "2020-01-01", "", "later"
    return frame.reset_index(drop=True)


def typed(frame: pd.DataFrame, *, zoned: bool) -> pd.DataFrame:
    """Return plain orders with typed columns, as a warehouse exports them."""
    made = {name: pd.to_datetime(frame[name].replace("", None), format="mixed") for name in TIMES}
    if zoned:
        made = {name: times.dt.tz_localize("UTC") for name, times in made.items()}
    numbers = {
        "event_id": np.arange(len(frame)) * 7,
        "amount": frame["amount"].astype(float),
        "returned": frame["returned"] == "yes",
    }
    return frame.assign(**made, **numbers, customer_id=frame["customer_id"].str[1:].astype("int32"))


def alike(folder, monkeypatch, by="region", **read):
    """Read a study both ways; hold them to each other, and return the two."""
    monkeypatch.setattr(choice, "MOST_CELLS_BESIDE", 1 << 60)
    monkeypatch.setattr(choice, "MOST_TEXT_BESIDE", 1 << 60)
    small, error = None, None
    try:
        small = read_study(folder, **read)
    except CxgapError as fault:
        error = fault
    monkeypatch.setattr(choice, "MOST_CELLS_BESIDE", 0)
    monkeypatch.setattr(choice, "MOST_TEXT_BESIDE", 0)
    if small is None:
        with pytest.raises(type(error)) as found:
            read_study(folder, **read)
        assert str(found.value) == str(error)
        return None
    big = read_study(folder, **read)
    assert {name: dict(rows) for name, rows in big.table_rows.items()} == {
        name: dict(rows) for name, rows in small.table_rows.items()
    }
    place = ["table", "row", "column", "value", "reason"]
    refused = [study.rejects[place].assign(value=study.rejects["value"].str.strip()) for study in (small, big)]
    assert_frame_equal(*(one.sort_values(place, ignore_index=True) for one in refused))
    for name in {"events", "promises"} & set(small.tables):
        assert not isinstance(big.tables[name], pd.DataFrame)
        held = pandas_of(big.tables[name])
        assert list(held.columns) == list(small.tables[name].columns)
        assert_frame_equal(_plain(held), _plain(small.tables[name]), rtol=1e-12)
    told = [
        {(one["check"], one["table"], one["column"], one["rows"], one["row"]) for one in study.issues} for study in (small, big)
    ]
    assert {one for one in told[0] ^ told[1] if one[0] != "not_looked_for"} == set()
    ledgers = [study.tables.get("promises") for study in (small, big)]
    for score in (
        lambda study, _: cx.delivery_gap(study.events, study.standards, by=by),
        lambda study, promises: cx.communication_gap(study.events, promises, by=by),
        lambda study, _: cx.gap_chain(study, by="touchpoint", basis="physical"),
    ):
        made = [score(study, promises).frame for study, promises in zip((small, big), ledgers, strict=True)]
        assert_frame_equal(*made, rtol=1e-11, atol=1e-11)
    return small, big


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return columns that compare, in an order of rows that does not depend on how they are held."""
    made = {}
    for name in sorted(frame.columns):
        column = frame[name]
        if column.dtype.kind == "M":
            made[name] = column.dt.tz_convert("UTC").dt.strftime("%Y-%m-%dT%H:%M:%S.%f").fillna("").astype(object)
        elif name in ("delivered", "promised", "amount", "minutes") and column.dtype.kind == "f":
            made[name] = column.astype(float)
        else:
            made[name] = column.astype(object).where(column.notna(), "").map(str).astype(object)
    texts = pd.DataFrame(made)
    return texts.sort_values(list(texts.columns), ignore_index=True)


def _write(folder, events, kind="csv", promises=None, **sections):
    files = {f"events.{kind}": events if kind == "parquet" else events.to_csv(index=False), "standards.csv": STANDARDS}
    tables = {"events": {"file": f"events.{kind}"}, "standards": {"file": "standards.csv"}}
    if promises is not None:
        files[f"promises.{kind}"] = promises if kind == "parquet" else promises.to_csv(index=False)
        tables["promises"] = {"file": f"promises.{kind}"}
    said = {**METRICS, **{f"tables.{name}": table for name, table in tables.items()}, **sections}
    said["study"] = {"touchpoints": ["Use", "Buy"], "zone": "Europe/Berlin", **sections.get("study", {})}
    return write(folder, WIDE, files, **said)


@pytest.mark.parametrize(
    ("kind", "seed", "read"),
    [
        ("csv", 0, {"as_of": "2026-03-03"}),
        pytest.param("parquet", 1, {}, marks=pytest.mark.slow),
        pytest.param("csv", 2, {"where": {"region": ["NA", "007"]}}, marks=pytest.mark.slow),
        *(
            pytest.param(kind, seed, read, marks=pytest.mark.slow)
            for seed in range(3, 7)
            for kind in ("csv", "parquet")
            for read in ({}, {"as_of": "2026-03-04", "where": {"touchpoint": "Use"}})
        ),
    ],
)
def test_orders_on_disk_are_those_in_memory(tmp_path, monkeypatch, kind, seed, read):
    found = alike(_write(tmp_path, orders(seed), kind), monkeypatch, **read)
    assert found is not None
    assert found[0].table_rows["events"]["rejected"] > 0


@pytest.mark.slow
@pytest.mark.parametrize("zoned", [True, False])
def test_typed_orders_read_as_their_text(tmp_path, monkeypatch, zoned):
    """Moments, clocks of the zone of the study (one shown twice, one never), whole numbers, floats and flags."""
    frame = typed(orders(8, slips=0), zoned=zoned)
    frame.loc[0, "ordered_at"] = pd.Timestamp("2025-10-26T02:30:00", tz="UTC" if zoned else None)
    frame.loc[1, "delivered_at"] = pd.Timestamp("2026-03-29T02:30:00", tz="UTC" if zoned else None)
    frame.loc[2, "event_id"] = frame.loc[3, "event_id"]
    _, big = alike(_write(tmp_path, frame, "parquet"), monkeypatch)
    assert dict(zip(big.events.columns, map(str, big.events.types), strict=True))["event_id"] == "BIGINT"


@pytest.mark.slow
@pytest.mark.parametrize("seed", [9, 10])
def test_promises_on_disk_are_those_in_memory(tmp_path, monkeypatch, seed):
    """Several promises of an order, of which some were made after its delivery."""
    frame = orders(seed)
    small, _ = alike(_write(tmp_path, frame, "csv", ledger(frame, seed)), monkeypatch)
    assert (small.rejects["reason"] == "promise_after_delivery").any()


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"delivered_at": "14.03.2026"}, marks=pytest.mark.slow),
        pytest.param({"amount": "12 EUR"}, marks=pytest.mark.slow),
        {"ordered_at": "2025-09-01T10:00:00+02:00"},
        pytest.param({"metric": "x"}, marks=pytest.mark.slow),
    ],
    ids=["other_dates", "unit_in_cell", "mixed_zones", "made_name"],
)
def test_what_is_wrong_with_a_column_stops_on_disk_too(tmp_path, monkeypatch, wrong):
    frame = orders(11, rows=1_600, slips=0)
    for column, value in wrong.items():
        frame.loc[1_000:, column] = value  # behind the rows by which a header is read
    assert alike(_write(tmp_path, frame.fillna("")), monkeypatch) is None


def test_refusals_beyond_the_first_thousand_rows_are_one_line_a_kind(tmp_path, monkeypatch):
    frame = orders(12, rows=3_000, slips=0)
    monkeypatch.setattr(choice, "MOST_TEXT_BESIDE", 0)
    frame.loc[frame.index[:500], "customer_id"] = ""
    frame.loc[frame.index[500:1_200], "amount"] = "inf"
    study = read_study(_write(tmp_path, frame))
    told = study.rejects
    assert told["value"].str.contains("not listed").sum() == 1
    assert len(told) == LISTED + 1
    assert study.issues.frame.set_index("check").loc["not_finite", "rows"] == 700


def test_a_table_that_would_have_to_be_read_row_by_row_says_what_to_type(tmp_path, monkeypatch):
    frame = orders(13, slips=0)
    monkeypatch.setattr(choice, "MOST_TEXT_BESIDE", 0)
    with pytest.raises(StudyError, match="promised_first"):
        read_study(_write(tmp_path, frame.assign(promised_days="3")))
    with pytest.raises(StudyError, match='drop id = "row"'):
        read_study(_write(tmp_path, frame, **{"tables.events": {"file": "events.csv", "id": "row"}}))
    monkeypatch.setattr(table, "MOST_ODD", 3)
    frame.loc[frame.index[:40], "customer_id"] = ""
    with pytest.raises(StudyError, match="empty_key, customer_id"):
        read_study(_write(tmp_path, frame))
    assert len(read_study(tmp_path, engine="memory").events)
