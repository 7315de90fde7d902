"""The SQL of macros/engine/texts.sql against expectations/texts.py, which is the definition."""

from datetime import date

import duckdb
from hypothesis import example, given, settings
from hypothesis import strategies as st

from expectations.texts import NARROW, comparable_text, trimmed
from tests.pipeline.area import Settings
from tests.quality.area import QualityArea

# What the definition names, what stands beside it, and what people type.
ALPHABET = [*NARROW, *"aBÉß 'é-_/0.9\t\n\u200b\ufeff\u00ad\u2028\u3000", "\u2015", "\uff5f", "🙂"]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(texts=st.lists(st.text(st.sampled_from(ALPHABET), max_size=8), min_size=1, max_size=40))
@example(texts=["".join(NARROW), "a" + "".join(NARROW) + "z", "'", "\\", "", " \u200b "])
def test_sql_makes_of_a_text_what_python_makes(area: QualityArea, texts: list[str]) -> None:
    sql = next(model.sql for model in area.models if model.name == "int_values_told")
    connection = duckdb.connect()
    connection.execute("attach ':memory:' as area; use area; create schema intermediate")
    connection.execute(
        """
        create table intermediate.int_field_readings as
        select 'r' as rule_id, unnest(?) as field_value, 'text' as value_kind,
            '' as compared_value, 'text' as compared_kind
    """,
        [texts],
    )
    run = Settings(day=date(2025, 1, 1))
    told = connection.execute(
        f"select field_value, trimmed_value, comparable from ({run.fill(sql)}) as told"
    ).fetchall()
    connection.close()

    assert set(told) == {(text, trimmed(text), comparable_text(text)) for text in texts}
