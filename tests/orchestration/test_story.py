"""What a person is told of dbt's own messages."""

import pytest

from orchestration.defs.models import _plain

PYTHON = """Runtime Error in model int_counted (models/int_counted.py)
  Python model failed:
  Traceback (most recent call last):
    File "/somewhere/int_counted.py", line 7, in model
      raise ValueError("no pairs")
  ValueError: no pairs
"""
SQL = """Compilation Error in model dim_reps (models/dim_reps.sql)
  'nobody' is undefined

  > in macro conformed (macros/conformed.sql)
  > called by model dim_reps (models/dim_reps.sql)
"""


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (
            PYTHON,
            "Runtime Error in model int_counted (models/int_counted.py) Python model failed:"
            " ValueError: no pairs",
        ),
        (SQL, "Compilation Error in model dim_reps (models/dim_reps.sql) 'nobody' is undefined"),
        ("Database Error:\n  no such table", "Database Error: no such table"),
    ],
)
def test_the_cause_without_the_way_there(message: str, told: str) -> None:
    assert _plain(message) == told
