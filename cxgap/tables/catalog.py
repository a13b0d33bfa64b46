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
    after : those of `facts` that come after the story and take nothing of it with them
    unique : what a row is known by; two rows that have it tell of one thing
    sequence : pairs of times of which the second is never earlier
    """

    columns: tuple[Column, ...]
    clock: str | None = None
    facts: tuple[str, ...] = ()
    story: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    sequence: tuple[tuple[str, str], ...] = ()

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


def _must(name: str, kind: Kind, about: str) -> Column:
    return Column(name, kind, required=True, about=about)


def _may(name: str, kind: Kind, about: str) -> Column:
    return Column(name, kind, about=about)


WORDING: Final = "wording_"  # begins the columns of the codebook that hold the wording, one a language

CODEBOOK: Final = Table(
    (
        _must("item", "key", "the name of the item, as the survey or its columns have it"),
        _may("label", "text", "a few words by which pages name it"),
        _may("dimension", "text", "the dimension that it belongs to"),
        _may("touchpoint", "text", "the touchpoint that it is about, where the survey does not say"),
        _may("retained", "flag", "no keeps it out of scores"),
        _may("reversed", "flag", "yes turns its ratings, because a high answer is a bad one"),
        _may(
            "negative",
            "flag",
            "yes: it was asked in the negative; where it is not reversed too, the file has it turned already",
        ),
        _may("low", "number", "lowest answer, where the item has a scale of its own"),
        _may("high", "number", "highest answer, where the item has a scale of its own"),
        _may("step", "number", "distance between answers, where it is not that of the scale; 0 where any number is one"),
        _may("labels", "text", 'its answers in words, where they are its own, such as "not at all = 0; fully = 10"'),
        _may("missing", "text", 'codes for no answer to this item, such as "98 = don\'t know; 99 = not applicable"'),
        _may("first_wave", "text", "the first wave in which it was asked"),
        _may("last_wave", "text", "the last wave in which it was asked"),
        _may("changed", "text", 'waves from which on it was worded or scaled otherwise, such as "2025-Q2; 2025-Q3"'),
        _may("expectation", "text", "the survey's column of its expectation, where no pattern leads there"),
        _may("perception", "text", "the survey's column of its perception, where no pattern leads there"),
        _may("adequate", "text", "the survey's column of the least that would do, where no pattern leads there"),
        _may("importance", "text", "the survey's column of its importance, where no pattern leads there"),
    )
)
RESPONSES: Final = Table(
    (
        _must("respondent_id", "key", "who answered; the independent unit of every interval"),
        _may("touchpoint", "key", "what the answer is about; needed unless the codebook or the study file gives it"),
        _may("item", "key", "the question, in long files"),
        _may("wave", "key", "the round of the survey"),
        _may("dimension", "text", "the dimension of the item, unless the codebook gives it"),
        _may("at", "time", "when it was answered; needed for `as_of`"),
        _may("seconds", "number", "time taken to answer"),
    ),
    clock="at",
)

TABLES: Final = {
    "touchpoints": Table(
        (
            _must("touchpoint", "key", "a touchpoint; further columns say what it is"),
            _may("stage", "text", "the part of the journey that it belongs to"),
            _may("channels", "text", 'the channels by which customers meet it, such as "App; Web"'),
            _may("owner", "text", "who answers for it"),
            _may("department", "text", "the department that it belongs to"),
        )
    ),
    "managers": Table(
        (
            _must("manager_id", "key", "who answered"),
            _must("touchpoint", "key", "what the answer is about"),
            _must("item", "key", "the question, as customers were asked it"),
            _may("believed", "rating", "the level that customers expect, on the scale of expectation"),
            _may("rating", "rating", "how good the company's service is, on the scale of perception"),
            _may("standard", "rating", "the level that the standard requires, on the scale of expectation"),
            _may("importance", "number", "points or rating, as customers were asked"),
        )
    ),
    "employees": Table(
        (
            _must("employee_id", "key", "who answered"),
            _must("touchpoint", "key", "what the answer is about"),
            _must("item", "key", "the question, as customers were asked it"),
            _may(
                "standard",
                "rating",
                "how high the standard is set: a rating of the company, no level, comparable with no other",
            ),
            _may("delivered", "rating", "how well the standard is met: a rating of the company, no level"),
            _may(
                "promised", "rating", "how well what is promised matches what is delivered: a rating of the company, no level"
            ),
            _may("level_delivered", "rating", "the level that staff say they deliver, on the scale of expectation"),
            _may("level_promised", "rating", "the level that messages to customers promise, on the scale of expectation"),
        )
    ),
    "standards": Table(
        (
            _must("touchpoint", "key", "where the standard holds"),
            _must("metric", "text", "what it is of, as [metrics] names it"),
            _must("unit", "text", "the unit of the metric"),
            _must("direction", "text", '"lower" or "higher", whichever is better for the customer'),
            _may("standard", "number", "the standard, in the unit"),
            _may("exists", "flag", "whether there is a standard at all"),
            _may("review", "time", "when it is to be looked at again"),
            _may("margin", "number", "the largest gap, in the unit, that still counts as met"),
            _may("target", "number", "the share that must meet the standard"),
        ),
        unique=("touchpoint", "metric"),
    ),
    "events": Table(
        (
            _must("event_id", "key", "one order, visit or case"),
            _may("customer_id", "key", "whose it is; where the column is left out, each is a customer of its own"),
            _may("ordered_at", "time", "when it began"),
            _may("promised_first", "deadline", "the first promise of when it would be done"),
            _may("promised_last", "deadline", "the last promise of when it would be done"),
            _may("promised_days", "number", "the promise in whole days, where no date was promised"),
            _may("promised_calendar", "text", "the calendar of [calendars] by which those days are counted"),
            _may("delivered_at", "time", "when it was done; blank while it is open"),
            _may("cancelled_at", "time", "when it was called off"),
            _may("failed", "flag", "whether it went wrong, such as a parcel that came damaged"),
            _may("batch", "text", "the lot or shipment that it was part of"),
            _may("incident_id", "text", "the incident that it was part of, where that is known"),
            _may("recovery_at", "time", "when the company began to make good what went wrong"),
        ),
        clock="ordered_at",
        facts=("delivered_at", "cancelled_at", "recovery_at"),
        story=("status", "cause", "failed"),
        after=("recovery_at",),
        unique=("event_id",),
        sequence=(
            ("ordered_at", "delivered_at"),
            ("ordered_at", "cancelled_at"),
            ("ordered_at", "promised_first"),
            ("ordered_at", "promised_last"),
        ),
    ),
    "promises": Table(
        (
            _must("event_id", "key", "the event that was promised; one row a promise, several of one event"),
            _must("made_at", "time", "when it was promised"),
            _must("promised", "deadline", "when it was to be done"),
        ),
        clock="made_at",
        unique=("event_id", "made_at"),
        sequence=(("made_at", "promised"),),
    ),
    "contacts": Table(
        (
            _must("contact_id", "key", "one call, chat or message"),
            _must("customer_id", "key", "whose it is"),
            _may("at", "time", "when it came"),
            _may("minutes", "number", "how long it took"),
            _may("resolved", "flag", "whether it settled the matter"),
            _may("repeat", "flag", "whether the customer had to come again about the same"),
            _may("touchpoint", "key", "what it is about"),
            _may("team", "text", "who took it"),
            _may("channel", "text", "the way by which it came, as the table of channels has it"),
            _may("reason", "text", "why the customer came"),
            _may("waited", "number", "minutes that the customer waited for an answer, or until giving up"),
            _may("abandoned", "flag", "whether the customer gave up before anybody answered"),
            _may("issue_id", "text", "the matter it is about; where blank, the event, touchpoint and reason tell"),
            _may("event_id", "text", "the event that it is about"),
            _may("resolved_at", "time", "when the matter was settled; blank while it is open"),
            _may("reopened", "flag", "whether it was opened again after it had been settled"),
            _may("sentiment", "number", "how the customer felt, from -1 to 1"),
            _may("text", "text", "what the customer wrote or said; never shown"),
        ),
        clock="at",
        facts=("resolved_at",),
        story=("reopened",),
        unique=("contact_id",),
        sequence=(("at", "resolved_at"),),
    ),
    "customers": Table(
        (
            _must("customer_id", "key", "one customer"),
            _may("since", "time", "when the customer came"),
            _may("value", "number", "what the customer is worth, in the study's currency"),
            _may("churned_at", "time", "when the customer left; blank while there"),
            _may("consent", "flag", "whether the customer may be written to"),
            _may("exit", "text", "why the customer left, such as chose, moved or died"),
            _may("household", "text", "customers who share it are written to once"),
        ),
        clock="since",
        facts=("churned_at",),
        story=("exit",),
        unique=("customer_id",),
        sequence=(("since", "churned_at"),),
    ),
    "causes": Table(
        (
            _must("cause", "key", "a cause, as the column `cause` of events has it"),
            _must("control", "control", "who can do something about it"),
            _may("owner", "text", "who answers for it"),
            _may("reviewed", "time", "when it was last looked at"),
        ),
        unique=("cause",),
    ),
    "channels": Table(
        (
            _must("channel", "key", "a channel, as contacts have it"),
            _may("assisted", "flag", "whether somebody answers in person"),
            _may("cost", "number", "what a contact costs the company, in the study's currency"),
        ),
        unique=("channel",),
    ),
    "kano": Table(
        (
            _must("respondent_id", "key", "who answered; as in the survey, where it is of the same people"),
            _must("feature", "key", "the feature that was asked about; made from the columns' names where [kano] has patterns"),
            _must("functional", "kano", "how it would be if the feature were there"),
            _must("dysfunctional", "kano", "how it would be if it were not"),
            _may("at", "time", "when it was answered; needed for `as_of`"),
            _may("segment", "text", "the respondent's segment"),
            _may("weight", "number", "whom the respondent stands for"),
        ),
        clock="at",
        unique=("respondent_id", "feature"),
    ),
    "messages": Table(
        (
            _must("message_id", "key", "one promise as one channel words it; further columns, such as region, say for whom"),
            _must("touchpoint", "key", "what is promised about"),
            _must("channel", "text", "where it is said, such as checkout page or advertisement"),
            _may("metric", "text", "what it is of, as [metrics] names it"),
            _may("level", "number", "what is promised, in the unit"),
            _may("unit", "text", "the unit of the level"),
            _may("reliability", "number", "the share that is promised to keep it, such as 0.95"),
            _may("wording", "text", "what customers read or hear"),
            _may("valid_from", "time", "from when it is said"),
            _may("valid_to", "time", "until when it is said; blank while it is"),
            _may("reviewed", "time", "when somebody last looked at it"),
            _may("owner", "text", "who answers for it"),
            _may("exposed", "number", "customers a day who meet it, where that is known"),
        ),
        clock="valid_from",
        unique=("message_id",),
        sequence=(("valid_from", "valid_to"),),
    ),
    "staffing": Table(
        (
            _must("at", "time", "when the hour begins"),
            _must("agents", "number", "people who were there for customers in that hour"),
            _may("planned", "number", "people who should have been there"),
            _may("channel", "text", "the channel that they answered, as contacts have it"),
            _may("team", "text", "the team that they belong to"),
            _may("open_minutes", "number", "minutes of the hour in which the channel could be reached; 60 where blank"),
        ),
        clock="at",
        unique=("at", "channel", "team"),
    ),
    "articles": Table(
        (
            _must("article_id", "key", "one article of the knowledge base"),
            _must("reason", "text", "the reason for contact that it answers, as contacts have it"),
            _may("touchpoint", "text", "what it is about"),
            _may("reviewed", "time", "when somebody last looked at it"),
            _may("owner", "text", "who answers for it"),
        ),
        unique=("article_id",),
    ),
    "incidents": Table(
        (
            _must("incident_id", "key", "one incident; further columns that events have, such as region, say whom it hit"),
            _must("kind", "text", "what it was, such as damaged batch, stock-out or outage"),
            _may("touchpoint", "text", "where customers met it"),
            _may("started_at", "time", "when it began"),
            _may("ended_at", "time", "when it was over; blank while it lasts"),
            _may("batch", "text", "the lot or shipment that it hit"),
            _may("severity", "number", "how bad it was, from 0 to 1"),
        ),
        clock="started_at",
        facts=("ended_at",),
        unique=("incident_id",),
        sequence=(("started_at", "ended_at"),),
    ),
    "outreach": Table(
        (
            _must("customer_id", "key", "whom the company would write to"),
            _must("at", "time", "when it did, or would have done"),
            _must("arm", "text", "contacted, or held out for comparison"),
            _may("campaign", "text", "the list that the customer was on"),
            _may("stratum", "text", "the group within which chance decided"),
            _may("event_id", "text", "the event that it was about"),
        ),
        clock="at",
        unique=("customer_id", "campaign", "at"),
    ),
    "inventory": Table(
        (
            _must("product", "key", "a product, as events have it"),
            _must("available", "number", "how many are in stock"),
            _may("replaces", "text", "products that it may stand in for, such as Standard; Express"),
            _may("region", "text", "where it is in stock; everywhere where blank"),
            _may("at", "time", "when it was counted"),
        ),
        clock="at",
    ),
    "actions": Table(
        (
            _must("action_id", "key", "one thing that was done, or is to be"),
            _must("action", "text", "what it is"),
            _may("touchpoint", "text", "where customers meet it"),
            _may("link", "text", "the gap that it attacks: knowledge, standards, delivery, communication or customer"),
            _may("owner", "text", "who answers for it"),
            _may("said", "text", "what customers said that led to it"),
            _may("raised_at", "time", "when they said it"),
            _may("decided_at", "time", "when it was decided"),
            _may("due_at", "time", "when it is to be done"),
            _may("done_at", "time", "when it was done; blank until then"),
            _may("cost", "number", "what it costs, in the study's currency"),
            _may("target", "text", "the target of targets.toml that it serves"),
            _may("treated", "text", 'whom it reached, where not all, such as "region = 007; 0012"'),
            _may("basis", "text", "what the decision rested on, such as survey, operations, opinion"),
            _may("kind", "text", "what it is made of: technology, people, process or promise"),
        ),
        clock="raised_at",
        facts=("decided_at", "done_at"),
        unique=("action_id",),
    ),
}
