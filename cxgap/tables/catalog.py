"""The tables that a study may hold, and the columns by which cxgap knows them; other columns are kept as text."""

from __future__ import annotations

from typing import Final, NamedTuple

from cxgap.tables.schema import Column, Kind


class Table(NamedTuple):
    """One declared table: its columns, and those that `as_of` looks at.

    Attributes
    ----------
    clock : the time at which a row came to be; a later row is left out
    facts : times at which something more became known of it; a later one is made blank
    story : what is told of those; blank with them
    """

    columns: tuple[Column, ...]
    clock: str | None = None
    facts: tuple[str, ...] = ()
    story: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """Names of the columns that are known."""
        return [column.name for column in self.columns]

    @property
    def required(self) -> list[str]:
        """Names of the columns that the table must have."""
        return [column.name for column in self.columns if column.required]

    def kind(self, name: str) -> Kind:
        """What the column holds; text where it is not declared."""
        return next((column.kind for column in self.columns if column.name == name), "text")


def _table(required: str, kinds: dict[str, Kind], clock: str | None = None, facts: str = "", story: str = "") -> Table:
    names = required.split()
    columns = [Column(name, kinds.get(name, "key"), required=True) for name in names]
    return Table(
        (*columns, *(Column(name, kind) for name, kind in kinds.items() if name not in names)),
        clock,
        tuple(facts.split()),
        tuple(story.split()),
    )


CODEBOOK: Final = _table(
    "item",
    {
        "dimension": "text",
        "touchpoint": "text",
        "label": "text",
        "retained": "flag",
        "reversed": "flag",
        "expectation": "text",
        "perception": "text",
        "adequate": "text",
        "importance": "text",
    },
)
RESPONSES: Final = _table(
    "respondent_id",
    {
        "touchpoint": "key",
        "item": "key",
        "wave": "key",
        "dimension": "text",
        "at": "time",
        "seconds": "number",
    },
    clock="at",
)

TABLES: Final = {
    "touchpoints": _table("touchpoint", {}),
    "managers": _table(
        "manager_id touchpoint item",
        {"believed": "rating", "rating": "rating", "standard": "rating", "importance": "number"},
    ),
    "employees": _table(
        "employee_id touchpoint item",
        {
            "standard": "rating",
            "delivered": "rating",
            "promised": "rating",
            "level_delivered": "rating",
            "level_promised": "rating",
        },
    ),
    "standards": _table(
        "touchpoint metric unit direction",
        {
            "standard": "number",
            "exists": "flag",
            "review": "time",
            "unit": "text",
            "direction": "text",
            "metric": "text",
            "margin": "number",
            "target": "number",
        },
    ),
    "events": _table(
        "event_id customer_id",
        {
            "ordered_at": "time",
            "promised_first": "deadline",
            "promised_last": "deadline",
            "promised_days": "number",
            "promised_calendar": "text",
            "delivered_at": "time",
            "cancelled_at": "time",
        },
        clock="ordered_at",
        facts="delivered_at cancelled_at",
        story="status cause",
    ),
    "promises": _table("event_id made_at promised", {"made_at": "time", "promised": "deadline"}, clock="made_at"),
    "contacts": _table(
        "contact_id customer_id", {"at": "time", "minutes": "number", "resolved": "flag", "repeat": "flag"}, clock="at"
    ),
    "customers": _table(
        "customer_id",
        {"since": "time", "value": "number", "churned_at": "time", "consent": "flag"},
        clock="since",
        facts="churned_at",
    ),
}
