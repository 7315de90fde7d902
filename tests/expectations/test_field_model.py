"""A thousand random deals under random rules and waivers, judged once more in plain Python."""

import random
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

import pytest
from hand_made import Company

CHECK = "mandatory_fields__opportunities"
POSITIONS = {"qualification": 1, "proposal": 2, "won": 3, "lost": 4}
STAGES = [*POSITIONS, "unheard of", None]
TYPES = ["new", "renewal", None]
TEAMS = {"r1": "North", "r2": "North", "r3": "South", "r4": None}
PLACEHOLDERS = ["n/a", "-", "it's open", ":-(", "{x}", "100%s", "0", "1900-01-01"]
TEXTS = [
    None, "", " ", "\t\n", "\u00a0", "\u200b", "n/a", "N/A", " N/a ", "\uff2e/A", "-", "\u2013",
    "--", "it's open", "IT'S OPEN", "its open", ":-(", "{x}", "0", "00", "0.0", "call back",
    "Appel\u00e9", "x", "ab", "send it", " Call  back", "7", "1900-01-01",
]  # fmt: skip
AS_OF_AT, AS_OF_DATE = Company.as_of_at, Company.as_of_date


@dataclass(frozen=True)
class Deal:
    """A deal and its life: the stages it stood in and since when."""

    values: dict[str, object]
    life: list[tuple[object, datetime]]


def random_deal(chance: random.Random, number: int) -> Deal:
    born = AS_OF_AT - timedelta(minutes=chance.randrange(1, 60 * 24 * 60))
    moves = sorted(chance.sample(range(1, 60 * 24 * 60), chance.randrange(4)))
    instants = [born, *(i for m in moves if (i := born + timedelta(minutes=m)) < AS_OF_AT)]
    life = [(chance.choice(STAGES), instant) for instant in instants]
    flags = [None, False, False, False, False, True]
    day = chance.choice([None, date(1900, 1, 1), date(2025, 12, 1), date(2026, 1, 1)])
    return Deal(
        {
            "opportunity_id": f"o{number:04}",
            "rep_id": chance.choice([*TEAMS, None]),
            "record_type": chance.choice(TYPES),
            "stage_id": life[-1][0],
            "next_step": chance.choice(TEXTS),
            "competitor": chance.choice(TEXTS),
            "amount_doc": chance.choice([None, *map(Decimal, ("0", "0.1", "5", "99.99", "100"))]),
            "expected_close_date": day,
            "closed_at": chance.choice([None, born, AS_OF_AT - timedelta(hours=1)]),
            "created_at": born,
            "is_deleted": chance.choice(flags),
            "is_vanished": chance.choice(flags),
            "merged_into_id": chance.choice([None, None, None, None, "o1"]),
        },
        life,
    )


def random_rule(chance: random.Random, field: str) -> dict[str, str]:
    rule = {"rule_id": field, "field": field}

    def maybe(column: str, *values: str) -> None:
        if chance.random() < 0.4:
            rule[column] = chance.choice(values)

    maybe("record_types", "new", "new|renewal", "upsell")
    maybe("required_from", *POSITIONS)
    if "required_from" not in rule:
        maybe("required_in", "proposal", "qualification|won", "lost|won|proposal")
    maybe("grace_days", "1", "14", "40")
    maybe("since", "2025-12-31", "2025-01-01")
    if field in {"next_step", "competitor"}:
        # Allowed values must fit the other conditions, or the line is refused.
        maybe("allowed_values", "call back|send it", "7|xyzab|send it")
        if "allowed_values" not in rule:
            maybe("min_length", "2", "5")
            maybe("pattern", "[a-z ]+", ".{2,9}")
    elif field == "amount_doc":
        maybe("min_value", "0.1", "5.01")
        maybe("max_value", "99.99", "100")
    else:
        maybe("min_value", "2025-12-01", "2025-12-31")
    return rule | random_comparison(chance, field)


def random_comparison(chance: random.Random, field: str) -> dict[str, str]:
    if field == "next_step" and chance.random() < 0.4:
        return {"comparison": chance.choice(["=", "<>"]), "compared_with": "competitor"}
    if field == "expected_close_date" and chance.random() < 0.6:
        operator = chance.choice(["<", "<=", ">", ">="])
        return {"comparison": operator, "compared_with": "closed_at"}
    return {}


def random_waiver(chance: random.Random, number: int, rule_id: str) -> dict[str, str]:
    scopes = {
        "team": ["North", "South"],
        "rep": list(TEAMS),
        "record": [f"o{n:04}" for n in range(50)],
        "record_type": ["new", "renewal"],
    }
    scope = chance.choice(list(scopes))
    return {
        "waiver_id": f"w{number}",
        "rule_id": rule_id,
        "scope": scope,
        "member": chance.choice(scopes[scope]),
        "since": chance.choice(["", "2025-12-31", "2026-01-01"]),
        "until": chance.choice(["2026-06-30", "2026-01-01"]),
        "reason": "x",
        "granted_by": "y",
    }


def comparable(value: object) -> object:
    """A value as it is compared: texts plain, trimmed and lowered; instants as days in Paris."""
    if isinstance(value, datetime):
        return (value + timedelta(hours=1)).date()
    if not isinstance(value, str):
        return value
    plain = {"\uff2e": "N", "\u2013": "-", "\u00a0": " "}
    kept = [plain.get(character, character) for character in value]
    for end in (0, -1):
        while kept and unicodedata.category(kept[end])[0] in "ZC":
            kept.pop(end)
    return "".join(kept).lower()


def key(value: object) -> object:
    """A comparable value in which a text that writes a number is the number."""
    if not isinstance(value, str):
        return value
    try:
        return Decimal(value)
    except InvalidOperation:
        return value


def written(text: str, like: object) -> object:
    """What a text of the desk is, among values like that one."""
    if isinstance(like, date):
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    return key(comparable(text))


def trimmed(raw: object) -> str:
    text = str(raw)
    while text and unicodedata.category(text[0])[0] in "ZC":
        text = text[1:]
    while text and unicodedata.category(text[-1])[0] in "ZC":
        text = text[:-1]
    return text


def compares(value: object, operator: str, other: object) -> bool:
    holds = {
        "<": lambda: value < other,  # type: ignore[operator]
        "<=": lambda: value <= other,  # type: ignore[operator]
        ">": lambda: value > other,  # type: ignore[operator]
        ">=": lambda: value >= other,  # type: ignore[operator]
        "=": lambda: value == other,
        "<>": lambda: value != other,
    }
    return holds[operator]()


def class_of(rule: Mapping[str, str], values: Mapping[str, object]) -> str:
    raw, value = values[rule["field"]], comparable(values[rule["field"]])
    if value in (None, ""):
        return "missing"
    other = comparable(values[rule["compared_with"]]) if "compared_with" in rule else None

    def is_among(texts: list[str]) -> bool:
        return key(value) in [written(text, value) for text in texts]

    faults = {
        "placeholder": lambda: is_among(PLACEHOLDERS),
        "too_short": lambda: len(trimmed(raw)) < int(rule.get("min_length", "0")),
        "not_allowed": lambda: (
            "allowed_values" in rule and not is_among(rule["allowed_values"].split("|"))
        ),
        "too_low": lambda: (
            "min_value" in rule and compares(value, "<", written(rule["min_value"], value))
        ),
        "too_high": lambda: (
            "max_value" in rule and compares(value, ">", written(rule["max_value"], value))
        ),
        "wrong_pattern": lambda: (
            "pattern" in rule and not re.fullmatch(rule["pattern"], trimmed(raw))
        ),
        "contradicts": lambda: (
            other not in (None, "") and not compares(value, rule["comparison"], other)
        ),
    }
    return next((name for name, is_so in faults.items() if is_so()), "filled")


def is_due(rule: Mapping[str, str], deal: Deal) -> bool:
    values, life = deal.values, deal.life
    if values["is_deleted"] or values["is_vanished"] or values["merged_into_id"]:
        return False
    if "record_types" in rule and values["record_type"] not in rule["record_types"].split("|"):
        return False
    reached: datetime | None = life[0][1]
    if "required_from" in rule:
        asked = rule["required_from"]
        reaching = {st for st, place in POSITIONS.items() if place >= POSITIONS[asked]}
        reaching = reaching - {"lost"} | {asked}
        reached = next((at for st, at in life if st in reaching), None)
    if "required_in" in rule:
        reached = None
        for stage, at in life:
            inside = stage in rule["required_in"].split("|")
            reached = (reached or at) if inside else None
    grace = timedelta(days=int(rule.get("grace_days", "0")))
    return reached is not None and reached + grace < AS_OF_AT


def is_waived(waivers: list[dict[str, str]], rule_id: str, values: Mapping[str, object]) -> bool:
    held_by = {
        "team": TEAMS.get(str(values["rep_id"])),
        "rep": values["rep_id"],
        "record": values["opportunity_id"],
        "record_type": values["record_type"],
    }
    return any(
        waiver["rule_id"] == rule_id
        and (not waiver["since"] or date.fromisoformat(waiver["since"]) <= AS_OF_DATE)
        and held_by[waiver["scope"]] == waiver["member"]
        for waiver in waivers
    )


FIELDS = ["next_step", "competitor", "amount_doc", "expected_close_date", "closed_at"]


def judged(company: Company) -> dict[str, tuple[int, int, tuple[str, ...]]]:
    verdict = company.judge_one(CHECK)
    return {f.rule: (f.evaluated_count, f.failed_count, f.record_ids) for f in verdict.findings}


@pytest.fixture
def chance() -> random.Random:
    seed = random.SystemRandom().randrange(10**9)
    print(f"seed = {seed}")
    return random.Random(seed)


def fill(company: Company, deals: list[Deal]) -> None:
    log = [(str(d.values["opportunity_id"]), stage, at) for d in deals for stage, at in d.life]
    company.add_deals(*(each.values for each in deals), log=log)
    company.add(
        "intermediate.int_reps_loaded",
        [{"rep_id": rep, "team": team} for rep, team in TEAMS.items()],
    )


def test_a_thousand_random_deals_agree_with_plain_python(
    company: Company, chance: random.Random
) -> None:
    deals = [random_deal(chance, number) for number in range(1000)]
    fill(company, deals)
    for _ in range(6):
        rules = [random_rule(chance, field) for field in FIELDS]
        waivers = [random_waiver(chance, n, chance.choice(FIELDS)) for n in range(4)]
        company.rule(*rules)
        company.write("waivers.csv", *waivers)
        expected = {}
        for rule in rules:
            due = [deal.values for deal in deals if is_due(rule, deal)]
            broken = [
                str(values["opportunity_id"])
                for values in due
                if class_of(rule, values) != "filled"
                and not is_waived(waivers, rule["rule_id"], values)
            ]
            expected[rule["rule_id"]] = (len(due), len(broken), tuple(sorted(broken)[:20]))
        assert judged(company) == expected, (rules, waivers)


STRICTER: dict[str, list[tuple[str, str]]] = {
    "next_step": [
        ("min_length", "3"),
        ("allowed_values", "call back|send it"),
        ("pattern", "[a-z]+ .*"),
        ("record_types", ""),
        ("grace_days", ""),
        ("required_from", ""),
        ("required_in", ""),
        ("until", ""),
    ],
    "amount_doc": [("min_value", "5"), ("max_value", "50"), ("grace_days", "")],
    "expected_close_date": [("min_value", "2025-12-02"), ("max_value", "2025-12-20")],
}


def test_a_stricter_rule_never_lowers_the_count(company: Company, chance: random.Random) -> None:
    """Each step adds a condition, or takes away what spares records."""
    fill(company, [random_deal(chance, number) for number in range(300)])
    for field, steps in STRICTER.items():
        rule = {"rule_id": field, "field": field, "grace_days": "14"}
        if field == "next_step":
            stages = chance.choice([{"required_from": "won"}, {"required_in": "won|lost"}])
            rule |= {"record_types": "new", "until": "2025-12-30"} | stages
        before = 0
        for column, value in chance.sample(steps, len(steps)):
            rule = rule | {column: value}
            company.rule(rule)
            (failed,) = [count[1] for count in judged(company).values()] or [0]
            assert failed >= before, (field, column, rule)
            before = failed
        assert before > 0
