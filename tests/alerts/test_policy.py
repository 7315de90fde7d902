"""The desk's alert files: what is read, and what is refused with file, line and column."""

from decimal import Decimal
from pathlib import Path

import pytest

from expectations.alerts.policy import Route, Setting, read_policy, shadowed_routes
from expectations.errors import ExpectationsError

SETTINGS = """severity,open_after,resolve_after,repeat_hours,escalation_growth,\
flapping_changes,flapping_hours,notify
error,1,2,24,0.25,4,48,at_once
warn,2,2,,,,,digest
"""
ROUTES = """position,owner,severity,entity,channel
20,sales_ops,*,*,sales
10,sales_ops,error,opportunities,pager
99,*,*,*,ops
"""


def desk(folder: Path, settings: str = SETTINGS, routes: str = ROUTES) -> Path:
    (folder / "alert_settings.csv").write_text(settings)
    (folder / "alert_routes.csv").write_text(routes)
    return folder


def test_settings_and_routes_are_read(tmp_path: Path) -> None:
    policy = read_policy(desk(tmp_path), "Acme", "Europe/Paris")
    assert policy.settings == {
        "error": Setting(1, 2, 24, Decimal("0.25"), 4, 48, "at_once"),
        "warn": Setting(2, 2, None, None, None, 24, "digest"),
    }
    assert policy.routes[0] == Route("sales_ops", "error", "opportunities", "pager")


@pytest.mark.parametrize(
    ("owner", "severity", "entity", "channel"),
    [
        ("sales_ops", "error", "opportunities", "pager"),
        ("sales_ops", "warn", "opportunities", "sales"),
        ("sales_ops", "error", "accounts", "sales"),
        ("finance", "error", "opportunities", "ops"),
    ],
)
def test_the_first_route_that_fits_wins(
    tmp_path: Path, owner: str, severity: str, entity: str, channel: str
) -> None:
    policy = read_policy(desk(tmp_path), "Acme", "UTC")
    assert policy.channel(owner, severity, entity) == channel


@pytest.mark.parametrize(
    ("old", "new", "place", "complaint"),
    [
        ("99,*,*,*,ops", "99,*,*,accounts,ops", "line 4", "told to nobody"),
        ("99,*,*,*,ops\n", "", "line 2", "told to nobody"),
        ("99,*,*", "9,*,*", "line 3, column position", "never reached"),
        ("20,", "10,", "line 3, column position", "twice"),
        ("20,", "x,", "line 2, column position", "no whole number"),
        ("20,", ",", "line 2, column position", "empty"),
        ("sales_ops,*,*", "sales_ops,eror,*", "line 2, column severity", "did you mean 'error'"),
        ("sales_ops,*,*", ",*,*", "line 2, column owner", "names nothing"),
        (",pager", ",Pager", "line 3, column channel", "no name of a channel"),
        (",pager", ",mailto:ops@x", "line 3, column channel", "is an address"),
        ("entity,channel", "entity,chanel", "line 1", "did you mean 'channel'"),
        ("20,sales_ops,*,*,sales", "20,sales_ops,*,*", "line 2", "4 values"),
    ],
)
def test_a_wrong_route_is_refused(
    tmp_path: Path, old: str, new: str, place: str, complaint: str
) -> None:
    assert old in ROUTES
    with pytest.raises(ExpectationsError) as caught:
        read_policy(desk(tmp_path, routes=ROUTES.replace(old, new, 1)), "Acme", "UTC")
    assert complaint in str(caught.value)
    assert f"alert_routes.csv, {place}" in str(caught.value)


SECRET = "t0ken-h00k"


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        (",pager", f",https://hooks.example/{SECRET}", "channel"),
        (",pager", f",hooks.example/{SECRET}", "channel"),
        (",pager", f",{SECRET}", "channel"),
        ("sales_ops,error", f"sales_ops,https://hooks.example/{SECRET}", "severity"),
        ("entity,channel", f"entity,https://hooks.example/{SECRET}", ""),
    ],
)
def test_an_address_that_was_put_in_by_mistake_is_not_quoted(
    tmp_path: Path, old: str, new: str, column: str
) -> None:
    """The refusal goes out as the title of the run's alert."""
    assert old in ROUTES
    with pytest.raises(ExpectationsError) as caught:
        read_policy(desk(tmp_path, routes=ROUTES.replace(old, new, 1)), "Acme", "UTC")
    assert SECRET not in str(caught.value)
    assert "hooks.example" not in str(caught.value)
    assert column in caught.value.where


def test_a_route_behind_a_wider_one_is_told(tmp_path: Path) -> None:
    assert shadowed_routes(desk(tmp_path)) == []
    behind = ROUTES.replace("99,", "30,sales_ops,warn,leads,x\n5,*,error,leads,y\n99,")
    assert shadowed_routes(desk(tmp_path, routes=behind)) == [
        "alert_routes.csv, line 4 is never reached: line 2 fits all of it"
    ]
    narrow_first = ROUTES.replace("99,", "5,sales_ops,warn,leads,x\n99,")
    assert shadowed_routes(desk(tmp_path, routes=narrow_first)) == []


@pytest.mark.parametrize(
    ("old", "new", "place", "complaint"),
    [
        ("warn,2", "warning,2", ", line 3, column severity", "did you mean 'warn'"),
        ("warn,2", "error,2", ", line 3, column severity", "set twice"),
        ("warn,2,2,,,,,digest\n", "", "", "No line for the severity 'warn'"),
        ("error,1", "error,0", ", line 2, column open_after", "too small"),
        ("error,1", "error,one", ", line 2, column open_after", "no whole number"),
        ("0.25", "0", ", line 2, column escalation_growth", "too small"),
        ("0.25", "25%", ", line 2, column escalation_growth", "no number"),
        ("at_once", "soon", ", line 2, column notify", "no way to notify"),
    ],
)
def test_a_wrong_setting_is_refused(
    tmp_path: Path, old: str, new: str, place: str, complaint: str
) -> None:
    assert old in SETTINGS
    with pytest.raises(ExpectationsError) as caught:
        read_policy(desk(tmp_path, settings=SETTINGS.replace(old, new, 1)), "Acme", "UTC")
    assert complaint in str(caught.value)
    assert f"alert_settings.csv{place}" in str(caught.value)
