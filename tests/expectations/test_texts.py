"""When two texts are the same text: by Python and by SQL alike, over all of Unicode's letters."""

import random
import unicodedata

import duckdb
import pytest

from expectations.texts import comparable_text, comparable_text_sql, trimmed, trimmed_sql

# Not characters, or characters of which the engines' Unicode tables may not know yet.
UNASSIGNED = {"Cn", "Cs"}


def by_sql(expression: str, texts: list[str]) -> list[str]:
    with duckdb.connect() as con:
        con.execute("create table texts (n integer, a_text varchar)")
        con.execute("insert into texts select unnest(range(len($1))), unnest($1)", [texts])
        rows = con.execute(f"select {expression} from texts order by n").fetchall()
    return [text for (text,) in rows]


@pytest.mark.parametrize(
    ("text", "comparable"),
    [
        ("", ""),
        ("\u00a0\t\u200b\r\n", ""),
        (" N/A\u00a0", "n/a"),
        ("\uff2e\uff0f\uff21", "n/a"),
        ("\uff1a\uff07", ":'"),
        ("well\u2013known\u00a0name", "well-known name"),
        ("\u00c9T\u00c9", "\u00e9t\u00e9"),
        ("a  b", "a  b"),
    ],
)
def test_unusual_forms_are_made_plain(text: str, comparable: str) -> None:
    assert comparable_text(text) == comparable
    assert by_sql(comparable_text_sql("a_text"), [text]) == [comparable]


def test_nothing_is_nothing() -> None:
    with duckdb.connect() as con:
        found = con.execute(f"select {comparable_text_sql('cast(null as varchar)')}").fetchone()
    assert found == (None,)


def test_python_and_sql_agree_on_random_texts() -> None:
    seed = random.SystemRandom().randrange(10**9)
    print(f"seed = {seed}")
    chance = random.Random(seed)
    characters = [
        chr(code)
        for code in [*range(1, 0x3100), *range(0xFE00, 0x10000)]
        if unicodedata.category(chr(code)) not in UNASSIGNED and len(chr(code).lower()) == 1
    ]
    texts = ["".join(chance.choices(characters, k=chance.randrange(6))) for _ in range(20_000)]
    texts += [*characters, *(f"{each} a {each}" for each in characters)]
    plain = by_sql(comparable_text_sql("a_text"), texts)
    cut = by_sql(trimmed_sql("a_text"), texts)
    differing = [
        (text, comparable, kept)
        for text, comparable, kept in zip(texts, plain, cut, strict=True)
        if (comparable, kept) != (comparable_text(text), trimmed(text))
    ]
    assert differing == []
