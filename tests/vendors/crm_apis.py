"""HubSpot, Salesforce and a CRM like Koban on loopback: their paging, limits and errors.

The records are shaped as in the exports of real portals; keys, names and instants are made up.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from loopback import Answer, Asked

Record = dict[str, Any]

# HubSpot
PAGE_OF_HUBSPOT = 2
SEARCH_LIMIT = 10_000


def version(value: str, at: str, user: int | None = None) -> Record:
    return {
        "value": value,
        "timestamp": at,
        "sourceType": "CRM_UI",
        "sourceId": f"userId:{user}",
        "updatedByUserId": user,
    }


def deal(key: str, archived: bool = False, **properties: str | None) -> Record:
    known = dict.fromkeys(
        ("dealtype", "deal_currency_code", "hs_forecast_category", "hs_analytics_source",
         "hs_next_step", "closed_lost_reason", "hs_lastmodifieddate")
    )  # fmt: skip
    return {"id": key, "archived": archived, "properties": {**known, **properties}}


DEALS = [
    deal(
        "101", dealname="Press 4", hubspot_owner_id="7", pipeline="default", dealstage="S2",
        amount="1200.50", hs_deal_stage_probability="0.4", closedate="2025-03-31T22:30:00Z",
        hs_is_closed="false", createdate="2025-01-05T09:00:00.123Z",
    ) | {
        "associations": {"companies": {"results": [
            {"id": "31", "type": "deal_to_company_unlabeled"},
            {"id": "32", "type": "deal_to_company"},
        ]}},
        "propertiesWithHistory": {
            # Newest first, as HubSpot tells it.
            "dealstage": [
                version("S2", "2025-02-01T10:00:00Z", 900),
                version("S1", "2025-01-05T09:00:00.123Z", 901),
            ],
            "closedate": [version("2025-03-31T22:30:00Z", "2025-01-05T09:00:00.123Z", 901)],
            "hs_merged_object_ids": [version("99", "2025-02-02T08:00:00Z", 900)],
        },
    },
    deal(
        "102", dealname="Lathe", hubspot_owner_id="8", pipeline="default", dealstage="WON",
        amount="90", hs_deal_stage_probability="1", closedate="2025-02-10T09:00:00Z",
        hs_is_closed="true", createdate="2025-01-07T09:00:00Z",
    ),
    deal(
        "103", dealname="Mill", hubspot_owner_id="8", pipeline="default", dealstage="S1",
        amount=None, hs_deal_stage_probability="0.1", closedate=None,
        hs_is_closed="false", createdate="2025-01-08T09:00:00Z",
    ),
    deal(
        "104", archived=True, dealname="Binned", hubspot_owner_id="7", pipeline="default",
        dealstage="S1", amount="5", hs_deal_stage_probability="0.1", closedate=None,
        hs_is_closed="false", createdate="2025-01-09T09:00:00Z",
    ),
]  # fmt: skip
CONTACTS = [
    {
        "id": str(500 + n),
        "archived": False,
        "properties": {
            "associatedcompanyid": "32", "firstname": "A", "lastname": f"B{n}",
            "email": f"a{n}@example.com", "phone": None, "jobtitle": "buyer",
            "hs_merged_object_ids": None, "createdate": "2025-01-05T09:00:00Z",
            "lastmodifieddate": f"2025-01-1{n}T09:00:00Z",
        },
    }
    for n in range(5)
]  # fmt: skip
COMPANIES = [
    {
        "id": key,
        "archived": False,
        "properties": {
            "name": f"Firm {key}", "industry": "Machinery", "country": "France",
            "numberofemployees": "12", "hubspot_owner_id": "7", "hs_merged_object_ids": None,
            "createdate": "2025-01-01T09:00:00Z", "hs_lastmodifieddate": "2025-01-01T09:00:00Z",
        },
    }
    for key in ("31", "32")
]  # fmt: skip
MEETINGS = [
    {
        "id": "101",
        "archived": False,
        "properties": {
            "hubspot_owner_id": "7", "hs_meeting_outcome": "NO_SHOW",
            "hs_meeting_start_time": "2025-01-20T09:00:00Z",
            "hs_meeting_end_time": "2025-01-20T09:45:00Z", "hs_timestamp": "2025-01-20T09:00:00Z",
            "hs_createdate": "2025-01-10T09:00:00Z", "hs_lastmodifieddate": "2025-01-20T10:00:00Z",
        },
        "associations": {"deals": {"results": [{"id": "101", "type": "meeting_event_to_deal"}]}},
    }
]  # fmt: skip
OWNERS = [
    {"id": "7", "userId": 900, "firstName": "Ada", "lastName": "L", "archived": False,
     "createdAt": "2024-01-01T00:00:00Z", "teams": [{"name": "North", "primary": True}]},
    {"id": "8", "userId": 901, "firstName": "Bob", "lastName": "M", "archived": True,
     "createdAt": "2024-01-01T00:00:00Z"},
]  # fmt: skip
STAGES = [
    {"id": "S1", "label": "First talk", "displayOrder": 0,
     "metadata": {"isClosed": "false", "probability": "0.1"}},
    {"id": "S2", "label": "Offer", "displayOrder": 1,
     "metadata": {"isClosed": "false", "probability": "0.4"}},
    {"id": "WON", "label": "Won", "displayOrder": 2,
     "metadata": {"isClosed": "true", "probability": "1.0"}},
]  # fmt: skip


class HubSpot:
    """A portal. `objects`, `owners` and `stages` are what it holds."""

    def __init__(self) -> None:
        self.objects = {
            "deals": list(DEALS), "contacts": list(CONTACTS), "companies": list(COMPANIES),
            "calls": [], "meetings": list(MEETINGS), "emails": [], "tasks": [],
        }  # fmt: skip
        self.stages = list(STAGES)
        self.page = PAGE_OF_HUBSPOT
        self.search_limit = SEARCH_LIMIT
        self.throttled = 1
        self.between_search_pages: Callable[[], None] = lambda: None

    def __call__(self, asked: Asked) -> Answer:
        if asked.headers.get("Authorization") != "Bearer hub-t0ken":
            return Answer({"status": "error", "category": "INVALID_AUTHENTICATION"}, 401)
        if self.throttled:
            self.throttled -= 1
            told = {"status": "error", "policyName": "TEN_SECONDLY_ROLLING"}
            return Answer(told, 429, {"Retry-After": "1"})
        parts = asked.path.strip("/").split("/")
        if parts[-1] == "search":
            return self._search(parts[-2], asked.body)
        if parts[2] == "pipelines":
            stages = [{"id": "default", "label": "Sales", "stages": self.stages}]
            return Answer({"results": stages})
        held = OWNERS if parts[2] == "owners" else self.objects[parts[3]]
        if "propertiesWithHistory" in asked.params and int(asked.params["limit"]) > 50:
            return Answer({"status": "error", "category": "VALIDATION_ERROR"}, 400)
        wanted = [one for one in held if str(one["archived"]).lower() == asked.params["archived"]]
        return self._page(wanted, int(asked.params.get("after", 0)))

    def _page(self, found: list[Record], start: int, **more: Any) -> Answer:
        results = found[start : start + self.page]
        end = start + len(results)
        paging = {"paging": {"next": {"after": str(end)}}} if end < len(found) else {}
        return Answer({"results": results, **paging, **more})

    def _search(self, kind: str, body: Mapping[str, Any]) -> Answer:
        ((condition,),) = ([group["filters"][0]] for group in body["filterGroups"])
        start = int(body.get("after", 0))
        if start:
            self.between_search_pages()
        name, milliseconds = condition["propertyName"], int(condition["value"])
        since = datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        found = sorted(
            (one for one in self.objects[kind] if one["properties"][name] >= since),
            key=lambda one: one["properties"][name],
        )
        if start >= self.search_limit:
            return Answer({"status": "error", "message": "paging beyond the limit"}, 400)
        shown = found[: self.search_limit]
        return self._page(shown, start, total=len(found))


# Salesforce
USER, OTHER, ACCOUNT, DEAL = "005000000000001AAA", "005000000000002AAA", "001A", "006A"
CHANGED = "2025-02-01T10:00:00.000+0000"
SALESFORCE: dict[str, list[Record]] = {
    "User": [
        {"Id": key, "Name": name, "ManagerId": None, "Department": "South",
         "TimeZoneSidKey": "Europe/Paris", "IsActive": True, "CreatedDate": CHANGED}
        for key, name in ((USER, "Cleo"), (OTHER, "Dan"))
    ],
    "Account": [
        {"Id": ACCOUNT, "Name": "Eric's Test", "Industry": "Tools", "Rating": None,
         "BillingCountry": "FR", "NumberOfEmployees": 10, "OwnerId": USER, "MasterRecordId": None,
         "IsDeleted": False, "CreatedDate": CHANGED, "SystemModstamp": CHANGED},
        {"Id": "001B", "Name": "Merged", "Industry": None, "Rating": None,
         "BillingCountry": None, "NumberOfEmployees": None, "OwnerId": USER,
         "MasterRecordId": ACCOUNT, "IsDeleted": True, "CreatedDate": CHANGED,
         "SystemModstamp": CHANGED},
    ],
    "Contact": [
        {"Id": "003A", "AccountId": ACCOUNT, "FirstName": "Janet", "LastName": "Y", "Email": None,
         "Phone": None, "Title": None, "IsDeleted": False, "CreatedDate": CHANGED,
         "SystemModstamp": CHANGED},
    ],
    "Opportunity": [
        {"Id": DEAL, "Name": "$1m deal", "AccountId": ACCOUNT, "OwnerId": OTHER,
         "CampaignId": None, "Type": "New", "StageName": "Closed Won", "Amount": 24120.1,
         "Probability": 100, "CloseDate": "2025-03-31", "ForecastCategory": "Closed",
         "LeadSource": None, "NextStep": None, "IsClosed": True, "IsWon": True,
         "IsDeleted": False, "CreatedDate": "2025-01-05T09:00:00.000+0000",
         "LastStageChangeDate": CHANGED, "SystemModstamp": CHANGED},
        {"Id": "006B", "Name": "Binned", "AccountId": ACCOUNT, "OwnerId": USER,
         "CampaignId": None, "Type": None, "StageName": "Qualify", "Amount": None,
         "Probability": 10, "CloseDate": "2025-12-31", "ForecastCategory": "BestCase",
         "LeadSource": None, "NextStep": None, "IsClosed": False, "IsWon": False,
         "IsDeleted": True, "CreatedDate": "2025-01-05T09:00:00.000+0000",
         "LastStageChangeDate": None, "SystemModstamp": CHANGED},
    ],
    "OpportunityFieldHistory": [
        {"Id": f"017{n}", "OpportunityId": DEAL, "Field": "Owner", "OldValue": old,
         "NewValue": new, "CreatedById": USER, "CreatedDate": "2025-01-20T10:00:00.000+0000"}
        for n, (old, new) in enumerate((("Cleo", "Dan"), (USER, OTHER)))
    ],
    "OpportunityHistory": [
        {"Id": f"008{n}", "OpportunityId": DEAL, "StageName": stage, "Amount": 24120.1,
         "Probability": chance, "CloseDate": "2025-03-31", "ForecastCategory": category,
         "CreatedById": USER, "CreatedDate": at}
        for n, (stage, chance, category, at) in enumerate((
            ("Qualify", 10, "Pipeline", "2025-01-05T09:00:00.000+0000"),
            ("Qualify", 10, "BestCase", "2025-01-09T09:00:00.000+0000"),
            ("Closed Won", 100, "Closed", CHANGED),
        ))
    ],
    "Task": [
        {"Id": "00TA", "TaskSubtype": "Call", "OwnerId": USER, "AccountId": ACCOUNT,
         "WhatId": DEAL, "WhoId": "003A", "Status": "Completed", "IsClosed": True,
         "CallDurationInSeconds": 600, "ActivityDate": "2025-01-21",
         "CompletedDateTime": CHANGED, "IsDeleted": False, "CreatedDate": CHANGED,
         "SystemModstamp": CHANGED},
    ],
    "Event": [
        {"Id": "00UA", "Type": "Meeting", "OwnerId": USER, "AccountId": ACCOUNT,
         "WhatId": ACCOUNT, "WhoId": "00QA", "DurationInMinutes": 30, "StartDateTime": CHANGED,
         "IsDeleted": False, "CreatedDate": CHANGED, "SystemModstamp": CHANGED},
    ],
}  # fmt: skip


class Salesforce:
    """An organisation. Its queries give a record a page; formulas are named in `formulas`."""

    def __init__(self) -> None:
        self.records = {name: list(rows) for name, rows in SALESFORCE.items()}
        self.formulas: tuple[str, ...] = ()
        self.queries: list[str] = []
        self.locators: list[list[Record]] = []

    def __call__(self, asked: Asked) -> Answer:
        if asked.path == "/services/oauth2/token":
            is_known = "client_secret=sf-s3cret" in asked.body
            return Answer(
                {"access_token": "sf-t0ken"} if is_known else {}, 200 if is_known else 400
            )
        if asked.headers.get("Authorization") != "Bearer sf-t0ken":
            return Answer([{"errorCode": "INVALID_SESSION_ID", "message": "expired"}], 401)
        if asked.path.endswith("/describe"):
            fields = [{"name": name, "calculated": True} for name in self.formulas]
            return Answer({"fields": fields})
        if "/query/" in asked.path:
            number, at = asked.path.rsplit("/", 1)[1].split("-")
            return self._page(int(number), int(at))
        query = asked.params["q"]
        self.queries.append(query)
        words = query.replace(",", " ").split()
        start = words.index("from")
        names, kind = words[1:start], words[start + 1]
        unknown = [name for name in names if name not in self.records[kind][0]]
        if unknown:
            told = f"No such column '{unknown[0]}' on entity '{kind}'"
            return Answer([{"errorCode": "INVALID_FIELD", "message": told}], 400)
        found = [{name: row[name] for name in names} for row in self.records[kind]]
        if "where" in words:
            field, since = words[words.index("where") + 1], words[-1]
            found = [row for row in found if row[field][:19] >= since[:19]]
        self.locators.append(found)
        return self._page(len(self.locators) - 1, 0)

    def _page(self, number: int, at: int) -> Answer:
        found = self.locators[number]
        rest = {} if at + 1 >= len(found) else {
            "nextRecordsUrl": f"/services/data/v62.0/query/{number}-{at + 1}"
        }  # fmt: skip
        page = [{"attributes": {"type": "x"}, **row} for row in found[at : at + 1]]
        return Answer({"totalSize": len(found), "done": not rest, "records": page, **rest})


# A CRM like Koban
KOBAN: dict[str, list[Record]] = {
    "ncUser": [{"Guid": "u1", "FullName": "Eve", "Team": {"Label": "West"}}],
    "ncThird": [
        {"Guid": "t1", "Label": "Mill Ltd", "Sector": {"Label": "Food"}, "Country": "FR",
         "AssignedTo": {"Guid": "u1"}, "CreatedDate": "2025-01-01T08:00:00Z",
         "UpdatedDate": "2025-01-01T08:00:00Z"},
    ],
    "ncDeal": [
        {"Guid": f"k{n}", "Label": f"Deal {n}", "Third": {"Guid": "t1"},
         "AssignedTo": {"Guid": "u1"}, "Step": {"Code": "OFFER"}, "Amount": 10.25, "Ratio": 40,
         "ClosingDate": "2025-06-30", "Origin": {"Label": "Fair"}, "LossReason": None,
         "Archived": False, "CreatedDate": "2025-01-02T08:00:00Z", "ClosedDate": None,
         "UpdatedDate": f"2025-01-0{n}T08:00:00Z"}
        for n in range(1, 4)
    ],
}  # fmt: skip


def koban(asked: Asked) -> Answer:
    """Two records a page, by number of the page."""
    if asked.headers.get("X-ncApi") != "kob-k3y":
        return Answer({"Success": False, "Message": "unknown key"}, 401)
    found = KOBAN[urlsplit(asked.path).path.rsplit("/", 1)[1]]
    since = asked.params.get("updatedSince", "")
    found = [one for one in found if one.get("UpdatedDate", "9") >= since]
    page = int(asked.params["page"])
    return Answer(
        {"Success": True, "Total": len(found), "Result": found[(page - 1) * 2 : page * 2]}
    )
