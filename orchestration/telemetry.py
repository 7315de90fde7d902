"""Telemetry of our dependencies: off, whatever the environment says; and what it said."""

import os

# Every dependency that would call home, in one place; set before any of them is imported.
TELEMETRY_OFF = {
    "DO_NOT_TRACK": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DAGSTER_DISABLE_TELEMETRY": "true",
    "GX_ANALYTICS_ENABLED": "false",
    "RUNTIME__DLTHUB_TELEMETRY": "false",
}
YES, NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}

_asked_for: dict[str, str] = {}


def switch_off() -> None:
    """Switch it off for this process and its children."""
    for name, off in TELEMETRY_OFF.items():
        before = os.environ.get(name, "")
        if before.lower() in (NO if off in YES else YES):
            _asked_for[name] = before
    os.environ.update(TELEMETRY_OFF)


def asked_for() -> dict[str, str]:
    """The variables by which the environment had switched telemetry on, as they were."""
    return dict(_asked_for)
