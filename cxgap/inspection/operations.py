"""Tables beside the survey, recognised by the names of their columns: orders, customers, contacts, managers, and so on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from cxgap.inspection.column import Column
from cxgap.inspection.roles import joined, unique
from cxgap.tables.metrics import cancelling

_CUSTOMER: Final = """
customerid customeruniqueid custid customerno customernumber clientid clientno kundenid kundennummer kundennr idclient
idcliente clienteid accountid accountnumber memberid customer client kunde 고객번호 고객id 顧客id 客户编号
"""
_EVENT: Final = """
eventid orderid orderno ordernumber ordernr bestellnummer auftragsnummer bookingid shipmentid parcelid deliveryid
transactionid flightid jobid idpedido idcommande order 주문번호 注文番号 订单号 servicerequestid requestid requestno
servicerequestnumber srnumber caseenquiryid uniquekey
"""
# Known name to the names it has in the wild, without signs and spaces, the surest first.
_ALIASES: Final = {
    "events": {
        "event_id": _EVENT,
        "customer_id": _CUSTOMER,
        "ordered_at": """
        orderedat orderpurchasetimestamp purchasetimestamp purchasedat purchase purchasedate ordered orderdate orderedon
        ordertime bestelldatum bestelltam fechapedido datecommande 주문일 주문일시 注文日 下单时间 bookedat bookingdate
        placedat orderplaced createdat requestedat requesteddate requesteddatetime createddate opendt openeddt openedat
        openeddate opendate opened
        """,
        "promised_first": """
        promisedfirst promised promisedat promiseddate promisedby orderestimateddeliverydate estimateddeliverydate
        estimateddelivery estimated eta promiseddelivery duedate due duedate slaat deadline zugesagt liefertermin
        fechaprometida datepromise 약속일 納期 承诺时间 expecteddelivery targetdt targetdate slatargetdt sladate
        expecteddatetime expecteddate
        """,
        "promised_last": "promisedlast lastpromise promisedagain repromised",
        "promised_days": "promiseddays leadtimedays estimateddays sladays",
        "delivered_at": """
        deliveredat delivered deliverydate delivereddate orderdeliveredcustomerdate deliveredon actualdelivery
        actualdeliverydate completedat zugestellt geliefert lieferdatum fechaentrega datelivraison 배송완료 배송일 配達日
        送达时间 arrivedat closeddt closeddate closedat closed closedate resolveddate
        """,
        "cancelled_at": "cancelledat canceledat cancelled canceled cancelledon storniert",
        "status": """
        status orderstatus casestatus requeststatus statusdescription bestellstatus auftragsstatus statut statutcommande
        estadopedido statuspedido statoordine
        주문상태 상태 注文状況 ステータス 订单状态 state estado stato
        """,
        "failed": "failed damaged wentwrong isfailed isdamaged",
        "batch": "batch batchid batchno lot lotno lotnumber",
        "incident_id": "incidentid incidentno",
        "recovery_at": "recoveryat recoveredat compensatedat refundedat",
    },
    "contacts": {
        "contact_id": "contactid ticketid ticketno callid caseid case ticket interactionid chatid anrufid",
        "customer_id": _CUSTOMER,
        "event_id": _EVENT,
        "at": "at openedat createdat contactedat contactdate calldate date timestamp datum",
        "minutes": "minutes durationminutes handletime handlingminutes minuten",
        "resolved": "resolved solved fcr firstcontactresolution geloest",
        "repeat": "repeat repeated isrepeat",
        "channel": "channel kanal",
        "reason": "reason topic grund",
        "touchpoint": "touchpoint",
        "team": "team queue",
        "waited": "waited waitedminutes waitminutes",
        "abandoned": "abandoned gaveup hungup",
        "issue_id": "issueid matterid",
        "resolved_at": "resolvedat solvedat closedat settledat resolutiondate",
        "reopened": "reopened isreopened",
        "sentiment": "sentiment sentimentscore polarity",
        "text": "text message body",
    },
    "customers": {
        "customer_id": _CUSTOMER,
        "since": "since customersince signupdate signupat joined joinedat startdate registeredat kundeseit",
        "churned_at": "churnedat churndate cancelledat leftat enddate gekuendigtam",
        "value": "value annualvalue revenue ltv clv umsatz",
        "consent": "consent optin marketingconsent",
        "exit": "exit exitreason churnreason leavingreason",
        "household": "household householdid",
        "churn": "churn churned exited attrition ischurned",
        "tenure": "tenure tenuremonths monthsactive",
        "contract": "contract contracttype plan",
    },
    "managers": {
        "manager_id": "managerid manager managerno fuehrungskraft",
        "touchpoint": "touchpoint",
        "item": "item itemid",
        "believed": "believed belief believedexpectation customersexpect managementperception",
        "rating": "rating ownrating",
        "standard": "standard",
    },
    "employees": {
        "employee_id": "employeeid employee staffid staff agentid mitarbeiterid personalnummer",
        "touchpoint": "touchpoint",
        "item": "item itemid",
        "standard": "standard",
        "delivered": "delivered",
        "promised": "promised",
    },
    "standards": {
        "touchpoint": "touchpoint",
        "metric": "metric measure kpi kennzahl",
        "unit": "unit einheit",
        "direction": "direction better",
        "standard": "standard target sla goal threshold sollwert",
        "exists": "exists",
        "owner": "owner",
        "review": "review reviewdate",
    },
    "promises": {
        "event_id": _EVENT,
        "made_at": "madeat promisemadeat toldat saidat communicatedat",
        "promised": "promised promisedat promiseddate promisedfor eta",
    },
    "touchpoints": {
        "touchpoint": "touchpoint",
        "stage": "stage phase",
        "owner": "owner",
        "department": "department",
        "channels": "channels",
    },
    "causes": {
        "cause": "cause causecode ursache",
        "control": "control controllability",
        "owner": "owner",
        "reviewed": "reviewed reviewedat reviewedon",
    },
    "channels": {"channel": "channel kanal", "assisted": "assisted", "cost": "cost costpercontact"},
    "kano": {
        "respondent_id": "respondentid respid",
        "feature": "feature",
        "functional": "functional",
        "dysfunctional": "dysfunctional",
        "at": "at",
        "segment": "segment",
        "weight": "weight",
    },
    "messages": {
        "message_id": "messageid messageno claimid",
        "touchpoint": "touchpoint",
        "channel": "channel kanal medium placement",
        "metric": "metric measure kpi",
        "level": "level promised promise promisedlevel",
        "unit": "unit einheit",
        "reliability": "reliability statedreliability",
        "wording": "wording copy claim",
        "valid_from": "validfrom startsat livefrom",
        "valid_to": "validto validuntil endsat liveuntil",
        "reviewed": "reviewed reviewedat reviewedon",
        "owner": "owner",
        "exposed": "exposed reach impressions",
    },
    "staffing": {
        "at": "at hour from start begins",
        "agents": "agents agentspresent present headcount onduty",
        "planned": "planned scheduled agentsplanned",
        "channel": "channel kanal",
        "team": "team queue",
        "open_minutes": "openminutes minutesopen",
    },
    "articles": {
        "article_id": "articleid articleno",
        "reason": "reason topic grund",
        "touchpoint": "touchpoint",
        "reviewed": "reviewed reviewedat reviewedon",
        "owner": "owner",
    },
    "incidents": {
        "incident_id": "incidentid incidentno",
        "kind": "kind incidenttype",
        "touchpoint": "touchpoint",
        "started_at": "startedat beganat",
        "ended_at": "endedat overat",
        "batch": "batch batchid lot",
        "severity": "severity",
    },
    "outreach": {
        "customer_id": _CUSTOMER,
        "at": "at contactedat sentat",
        "arm": "arm treatmentarm testgroup",
        "campaign": "campaign campaignid",
        "stratum": "stratum",
        "event_id": _EVENT,
    },
    "inventory": {
        "product": "product sku",
        "available": "available stock instock onhand",
        "replaces": "replaces substitutefor alternativefor",
        "region": "region",
        "at": "at countedat",
    },
    "actions": {
        "action_id": "actionid measureid",
        "action": "action actiontaken",
        "touchpoint": "touchpoint",
        "link": "link gap",
        "owner": "owner",
        "said": "said yousaid",
        "raised_at": "raisedat raisedon",
        "decided_at": "decidedat decidedon",
        "due_at": "dueat duedate due",
        "done_at": "doneat doneon completedat",
        "cost": "cost",
        "target": "target",
        "treated": "treated",
        "basis": "basis",
        "kind": "kind",
    },
    "codebook": {
        "item": "item itemid itemno question questionid variable code nr no statementid",
        "dimension": "dimension factor dimensionfinalcfa construct scale",
        "label": "label text texten wording statement questiontext itemtext description labelen frage",
        "retained": "retained keep",
        "reversed": "reversed reverse reversecoded",
    },
}
# The columns that make a table what it is: one of each set must be there.
_NEEDS: Final = {
    "managers": ({"manager_id"}, {"believed", "rating", "standard", "item"}),
    "employees": ({"employee_id"}, {"standard", "delivered", "promised", "item"}),
    "standards": ({"standard"}, {"metric"}, {"touchpoint", "unit"}),
    "promises": ({"event_id"}, {"made_at"}, {"promised"}),
    "incidents": ({"incident_id"}, {"kind"}, {"started_at", "batch", "severity"}),
    "messages": ({"message_id"}, {"touchpoint", "channel"}, {"level", "wording", "valid_from"}),
    "articles": ({"article_id"}, {"reason"}),
    "actions": ({"action_id"}, {"action"}),
    "outreach": ({"customer_id"}, {"arm"}),
    "staffing": ({"at"}, {"agents"}),
    "inventory": ({"product"}, {"available"}),
    "contacts": ({"contact_id"}, {"customer_id", "resolved", "minutes", "reason", "event_id"}),
    "events": ({"event_id"}, {"ordered_at", "promised_first", "delivered_at"}),
    "customers": ({"customer_id", "churn", "tenure"}, {"since", "churned_at", "churn", "tenure", "contract", "consent"}),
    "touchpoints": ({"touchpoint"}, {"stage", "owner", "department"}),
    "codebook": ({"item"}, {"dimension", "label"}),
    "causes": ({"cause"}, {"control"}),
    "channels": ({"channel"}, {"assisted", "cost"}),
    "kano": ({"feature"}, {"functional"}, {"dysfunctional"}),
}
_KEYS: Final = {
    "managers": "",
    "events": "event_id",
    "contacts": "contact_id",
    "customers": "customer_id",
    "touchpoints": "touchpoint",
    "causes": "cause",
    "channels": "channel",
}
_ONE_A_ROW: Final = ("touchpoints", "customers", "causes", "channels")  # a table whose key repeats is another
_KNOWN_ONLY: Final = frozenset({"churn", "tenure", "contract"})  # signs of a table, not its columns
_PLACES: Final = frozenset({"state", "estado", "stato"})  # of the country or of the order: only its words tell
_LOOKUP: Final = {
    table: {alias: (known, rank) for known, names in columns.items() for rank, alias in enumerate(names.split())}
    for table, columns in _ALIASES.items()
}


class Recognised(NamedTuple):
    """A table beside the survey: its name, column -> known name, and what must be asked."""

    table: str
    columns: dict[str, str]
    evidence: str
    questions: list[str]


def recognise(columns: Sequence[Column], rows: int) -> Recognised | None:
    """Say which table the columns make, None where they make none that is known."""
    for table, needs in _NEEDS.items():
        named = _known(columns, table)
        if not all(need & set(named.values()) for need in needs):
            continue
        by_known = {known: name for name, known in named.items()}
        holding = {column.name: column for column in columns}
        key = _KEYS.get(table)
        if key and key in by_known and not unique(holding[by_known[key]]) and table in _ONE_A_ROW:
            continue
        if table == "codebook" and not (unique(holding[by_known["item"]]) and rows <= 500 and len(columns) <= 15):
            continue
        if table in ("events", "promises") and not any(
            holding[name].dates for name, known in named.items() if known != "event_id"
        ):
            continue
        evidence = "it has " + ", ".join(f"{name} ({known})" if name != known else name for name, known in named.items())
        renamed = {name: known for name, known in named.items() if known not in _KNOWN_ONLY}
        return Recognised(table, renamed, evidence, _asks(table, set(by_known)))
    return None


def _known(columns: Sequence[Column], table: str) -> dict[str, str]:
    """Return column -> known name, each known name once: the surest of its aliases."""
    best: dict[str, tuple[int, str]] = {}
    for column in columns:
        known, rank = _LOOKUP[table].get(joined(column.name), ("", 0))
        if joined(column.name) in _PLACES and not cancelling(column.values):
            continue
        if known and (known not in best or rank < best[known][0]):
            best[known] = (rank, column.name)
    order = {column.name: column.place for column in columns}
    return {name: known for known, (_, name) in sorted(best.items(), key=lambda entry: order[entry[1][1]])}


def _asks(table: str, known: set[str]) -> list[str]:
    required = {"events": ("event_id",), "contacts": ("contact_id", "customer_id"), "customers": ("customer_id",)}
    required |= {
        "managers": ("touchpoint", "item"),
        "employees": ("touchpoint", "item"),
        "standards": ("touchpoint", "unit", "direction"),
        "kano": ("respondent_id",),
    }
    asked = [f"no column is the {name} of {table}: which one is it?" for name in required.get(table, ()) if name not in known]
    if table == "customers" and "churn" in known and "churned_at" not in known:
        asked.append("churn says whether a customer left, not when: which column holds the day (churned_at)?")
    return asked
