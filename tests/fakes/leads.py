"""A believable lead, and leads of any shape."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from pql.core.keys import account_key, anonymous_key, user_key
from pql.core.lead import Lead, Operand, Person, lead_id

CREATED = 1_795_316_400_000  # 22 Nov 2026, 03:00 UTC
MINUTE = 60_000
_KEYS = {"account": account_key, "user": user_key, "anonymous": anonymous_key}


def northwind(**changed: Any) -> Lead:
    """Return the lead of a trial account that set up an integration and invited its team."""
    rule, cycle = changed.get("rule", "classic"), changed.get("cycle", 1)
    account = changed.get("account_id", "northwind")
    key = changed.get("subject_key") or _KEYS[changed.get("subject", "account")](account)
    lead: dict[str, Any] = {
        "id": lead_id(key, rule, cycle),
        "subject": "account",
        "subject_key": key,
        "account_id": account,
        "rule": rule,
        "checksum": "a1b2c3d4e5f6",
        "cycle": cycle,
        "tier": "hot",
        "created": CREATED,
        "title": "Northwind is ready for a conversation",
        "reason": "Set up an integration, invited a teammate and built reports in its first week.",
        "event_id": "0f" * 16,
        "score": 60.0,
        "score_name": "activation",
        "evidence": [
            Operand(
                "Integration Connected",
                1,
                "at least",
                1,
                met=True,
                points=25.0,
                event_id="0f" * 8,
                at=CREATED - MINUTE,
            ),
            Operand(
                "teammates invited",
                3,
                "at least",
                1,
                met=True,
                points=15.0,
                event_id="1e" * 8,
                at=CREATED - 5 * MINUTE,
            ),
            Operand("Report Created within 14 days", 12_500, "at least", 3, met=True, points=20.0),
            Operand("Billing Page Viewed", 0, "at least", 1, met=False, points=10.0),
            Operand("plan", "trial", "is one of", ["trial", "free"], met=True),
        ],
        "people": [
            Person("u2", 5, CREATED - 120 * MINUTE, None, "bo@northwind.example"),
            Person("u1", 14, CREATED - 100, "Ana Díaz", "ana@northwind.example"),
            Person("u3", 1, CREATED - 3 * 1440 * MINUTE),
        ],
        "traits": {"name": "Northwind Traders", "plan": "trial", "employee_count": 1420, "region": None},
    }
    return Lead(**{**lead, **changed})


NASTY = st.sampled_from(
    [
        "<!channel>",
        "<!here>",
        "<@U1>",
        "<#C1>",
        "<https://evil.example|Invoice>",
        "&lt;!channel&gt;",
        "`code`",
        "*bold* _it_ ~no~",
        "\u202egpj.exe",
        "a\nb\r\nc",
        "@here",
        "\x00\x07\x1b[31m",
        "\U0001f469\u200d\U0001f680",
        "\ufffe\uffff",
        "株式会社" * 50,
        "&" * 4_000,
        "x" * 9_000,
    ]
)
TEXT = st.one_of(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), NASTY)
SCALAR = st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False), TEXT)
TIMES = st.integers(0, 2**43)
RULES = st.from_regex(r"[a-z][a-z0-9-]{0,40}", fullmatch=True)
OPERANDS = st.builds(
    Operand,
    words=TEXT,
    value=SCALAR,
    test=st.one_of(st.sampled_from(["at least", "is one of", "is present"]), TEXT),
    threshold=st.one_of(SCALAR, st.lists(SCALAR, max_size=20)),
    met=st.booleans(),
    points=st.none() | st.floats(-1e6, 1e6),
    event_id=st.none() | TEXT,
    at=st.none() | TIMES,
)
PEOPLE = st.builds(
    Person,
    id=TEXT,
    events=st.integers(0, 2**53),
    last=TIMES,
    name=st.none() | TEXT,
    email=st.none() | TEXT,
)
LEADS = st.builds(
    northwind,
    account_id=TEXT,
    subject=st.sampled_from(["account", "user", "anonymous"]),
    rule=RULES,
    cycle=st.integers(1, 10**6),
    tier=st.sampled_from(["hot", "warm", "cold"]),
    title=TEXT,
    reason=TEXT,
    event_id=TEXT,
    score=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    score_name=st.none() | TEXT,
    evidence=st.lists(OPERANDS, max_size=30),
    people=st.lists(PEOPLE, max_size=30),
    people_partial=st.booleans(),
    traits=st.dictionaries(TEXT, SCALAR, max_size=30),
)
