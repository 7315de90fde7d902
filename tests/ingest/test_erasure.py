"""Erasure: afterwards no kept file holds the address, and all that was counted still is."""

import bz2
import gzip
import io
import json
import sqlite3
import unicodedata
import zipfile
from pathlib import Path
from urllib.parse import quote

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from delivered import Shop

from ingest.compaction import compact
from ingest.contract import Source, read_source
from ingest.erasure import Erased, Folders, erase
from ingest.errors import DeliveryError
from ingest.lake import Lake
from ingest.loads import load_table
from ingest.refusals import refusals_in
from ingest.searching import Left, holding, holds
from ingest.spellings import Spellings

ANNA = "anna.b+x@example.com"
JURGEN = "jürgen@müller.de"
TOKEN = "erased-0123"
HEADER = "id,email,name,note\n"
COLUMNS = dict.fromkeys(("id", "email", "name", "note"), "varchar")


@pytest.fixture
def shop(shop: Shop) -> Shop:
    shop.columns = dict(COLUMNS)
    shop.terms["mode"] = "incremental"
    return shop


def personal(shop: Shop) -> Source:
    declaration = shop.declaration()
    for column in declaration["sources"][0]["tables"][0]["columns"]:
        column["config"] = {"meta": {"personal": column["name"] in ("email", "name")}}
    path = shop.home / "_shop__sources.yml"
    path.write_text(yaml.safe_dump(declaration))
    return read_source(path)


def land(shop: Shop, **deliveries: str) -> None:
    for day, content in deliveries.items():
        shop.deliver(f"2025-0{day[1]}-0{day[2]}", HEADER + content)
    source = personal(shop)
    load_table(source, source.tables[0], shop.deliveries, shop.lake, keeps_originals=True)


def forget(shop: Shop, email: str = ANNA, left: Left | None = None) -> Erased:
    return erase([personal(shop)], Folders(shop.deliveries, shop.lake), email, TOKEN, left)


def test_a_person_is_taken_out_of_all_that_is_kept(shop: Shop) -> None:
    """Anna once had another address; Bob's note mentions her; a refused row and one whose column
    nobody declared hold her address too."""
    shop.home.mkdir()
    land(
        shop,
        d11="1,old@example.com,Anna,\n"
        "2,bob@example.com,Bob,ask Anna.B+X@Example.com\n3,c@d.e,Cy,\n",
        d12=f"1,{ANNA},Anna,hello\n{ANNA}\n",
        d21="3,c@d.e,Cy,new\n",
    )
    extra = f"id,email,name,note,cc\n4,e@f.g,Eve,,{ANNA}\n"
    shop.deliver("2025-02-02", extra)
    land(shop)
    compact(shop.lake)
    loads = Lake(shop.lake).loads(shop.source().tables[0])
    assert forget(shop) == Erased(1, 2, 1, 0, 6)
    assert holding(shop.home, Spellings(ANNA)) == []
    columns = "id, email, name, note, _extra"
    assert shop.rows(columns) == [
        ("1", None, None, None, None),
        ("2", "bob@example.com", "Bob", f"ask {TOKEN}", None),
        ("3", "c@d.e", "Cy", None, None),
        ("1", None, None, "hello", None),
        ("3", "c@d.e", "Cy", "new", None),
        ("4", "e@f.g", "Eve", None, f'{{"cc":"{TOKEN}"}}'),
    ]
    assert [text for *_, text in shop.refused()] == [""]
    assert Lake(shop.lake).loads(shop.source().tables[0]) == loads
    assert forget(shop) == Erased(0, 0, 0, 0, 0)
    assert [path.name for path in (shop.lake / "generations").iterdir()] == [
        (shop.lake / "raw").resolve().parent.name
    ]


def test_nothing_of_others_is_touched(shop: Shop) -> None:
    shop.home.mkdir()
    land(shop, d11="1,a@b.c,Anna,\n")
    before = {path: path.read_bytes() for path in shop.home.rglob("*.parquet")}
    assert forget(shop, "anna@b.c") == Erased(0, 0, 0, 0, 0)
    assert {path: path.read_bytes() for path in shop.home.rglob("*.parquet")} == before
    assert shop.land() == []


def test_an_address_goes_out_of_the_notes_of_refused_deliveries_too(shop: Shop) -> None:
    """It stands in the name of a file; what the file held is not told."""
    shop.terms["path"] = "{extracted_at:%Y-%m-%d}/*.csv"
    land(shop, d11="1,a@b.c,Al,\n")
    refused = shop.deliver("2025-02-01", "").with_name(f"{ANNA}.csv")
    refused.with_name("deals.csv").rename(refused)
    refused.write_text(f"{ANNA},{ANNA},Anna,hello\n", encoding="utf-8")
    with pytest.raises(DeliveryError, match="two columns"):
        land(shop)
    refused.unlink()
    assert forget(shop) == Erased(0, 0, 0, 1, 0)
    (left,) = refusals_in(shop.lake, [])
    assert (left.source_file, left.reason) == (
        f"2025-02-01/{TOKEN}.csv",
        "two columns have the same name",
    )
    assert holding(shop.home, Spellings(ANNA)) == []


def test_an_address_that_heads_a_column_goes_out_of_what_stands_beside_the_rows(shop: Shop) -> None:
    """Of a load and of its refused rows."""
    shop.home.mkdir()
    shop.deliver("2025-01-01", f"id,email,name,note,{ANNA}\n1,a@b.c,Al,,5\n2,b@c.d\n")
    land(shop)
    assert forget(shop) == Erased(0, 1, 1, 0, 2)
    assert holding(shop.home, Spellings(ANNA)) == []
    assert files_with_the_bytes_of(ANNA, shop.home) == []
    (load,) = Lake(shop.lake).loads(shop.source().tables[0])
    assert (load.extra_columns, load.columns[-1]) == ((TOKEN,), TOKEN)
    assert shop.rows("id, _extra") == [("1", f'{{"{TOKEN}":"5"}}')]


def test_a_file_that_is_named_after_a_person_goes_and_its_folder_too(shop: Shop) -> None:
    """What landed out of it tells another name, and so do the rows that were refused."""
    shop.terms["path"] = "*/{extracted_at:%Y-%m-%d}_*.csv"
    folder = shop.deliveries / ANNA.upper()
    folder.mkdir(parents=True)
    (folder / f"2025-01-01_{ANNA}.csv").write_text(HEADER + "1,a@b.c,Al,\n2\n")
    land(shop)
    assert forget(shop) == Erased(0, 1, 1, 0, 1)
    assert list(shop.deliveries.iterdir()) == []
    assert files_with_the_bytes_of(ANNA, shop.home) == []
    name = f"{TOKEN}/2025-01-01_{TOKEN}.csv"
    assert [load.source_file for load in Lake(shop.lake).loads(shop.source().tables[0])] == [name]
    assert shop.rows("id, _source_file") == [("1", name)]
    assert shop.refused("source_file, raw_text") == [(name, "2")]


def test_a_file_that_has_not_landed_and_is_named_after_a_person_stops_the_erasure(
    shop: Shop,
) -> None:
    land(shop, d11="1,a@b.c,Al,\n")
    (shop.deliveries / f"{ANNA}.txt").write_text("hello")
    with pytest.raises(DeliveryError, match="in them or in their names, have not") as refusal:
        forget(shop)
    assert refusal.value.where == f"{ANNA}.txt"


def files_with_the_bytes_of(text: str, folder: Path) -> list[Path]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return [path for path in paths if text.encode() in path.read_bytes().lower()]


def test_a_delivery_that_has_not_landed_stops_the_erasure(shop: Shop) -> None:
    shop.home.mkdir()
    land(shop, d11=f"1,{ANNA},Anna,\n")
    shop.deliver("2025-01-02", HEADER + f"1,{ANNA},Anna,new\n")
    with pytest.raises(DeliveryError, match="1 files that hold the address, in") as refusal:
        forget(shop)
    assert refusal.value.where == "2025-01-02/deals.csv"
    assert len(holding(shop.home, Spellings(ANNA))) == 4


def test_a_refused_delivery_is_removed_before_the_erasure(shop: Shop) -> None:
    """A run would refuse it again."""
    land(shop, d11="1,a@b.c,Al,\n")
    refused = shop.deliver("2025-01-02", f"id,email\n1,{ANNA}\n")
    with pytest.raises(DeliveryError, match="'name', 'note'"):
        land(shop)
    shop.deliver("2025-01-03", HEADER + f"1,{ANNA},Anna,new\n")
    with pytest.raises(DeliveryError, match="1 of them were refused") as refusal:
        forget(shop)
    assert refusal.value.where == "2025-01-02/deals.csv"
    assert refusal.value.remedy.startswith("remove or mend these")
    refused.unlink()
    land(shop)
    assert forget(shop) == Erased(1, 2, 0, 0, 2)


def test_an_address_that_is_a_key_is_replaced_in_the_key(shop: Shop) -> None:
    shop.home.mkdir()
    shop.keys = ["email"]
    land(shop, d11=f"1,{ANNA},Anna,\n")
    forget(shop)
    assert shop.rows("_key, email") == [(TOKEN, None)]


def zipped(text: str | bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.xml", "x" * 1000)
        archive.writestr("b.xml", text)
    return target.getvalue()


@pytest.mark.parametrize(
    ("title", "content"),
    [
        ("plain", b" " * ((1 << 20) - 5) + ANNA.upper().encode()),
        ("UTF-16", ANNA.encode("utf-16")),
        ("gzip", gzip.compress(ANNA.encode())),
        ("gzip of a zip", gzip.compress(zipped(ANNA))),
        ("zip", zipped(ANNA)),
        ("damaged gzip", gzip.compress(b"")[:10] + ANNA.encode()),
        ("gzip that is cut short", gzip.compress(ANNA.encode() + b" " * 1000)[:-8]),
        ("gzip in a zip", zipped(gzip.compress(ANNA.encode()))),
    ],
)
def test_an_address_is_found_however_it_is_packed(
    tmp_path: Path, title: str, content: bytes
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert holds(path, Spellings(ANNA)), title
    assert not holds(path, Spellings("y" + ANNA)), title


def test_what_a_killed_search_has_unpacked_is_swept(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lies beside no delivery, where it would be taken for one that has not landed."""
    land(shop, d11=f"1,{ANNA},Anna,\n")

    class Kept(io.FileIO):
        """As a killed process leaves its temporary file."""

        def __init__(self, dir: Path) -> None:  # noqa: A002 - as the one it stands for
            super().__init__(dir / "unpacked", "w")

    with monkeypatch.context() as patched:
        patched.setattr("ingest.searching.tempfile.NamedTemporaryFile", Kept)
        forget(shop, "nobody@example.com")
    lake = Lake(shop.lake)
    assert ANNA in (lake.searching / "unpacked").read_text()
    assert forget(shop) == Erased(1, 1, 0, 0, 2)
    assert holding(shop.home, Spellings(ANNA)) == []
    assert list(lake.searching.iterdir()) == []


@pytest.mark.parametrize(
    ("title", "content"),
    [
        ("as it is", JURGEN.encode()),
        ("upper case", JURGEN.upper().encode()),
        ("mixed case", "jÜrgen@MüLLER.de".encode()),
        ("JSON", json.dumps(JURGEN).encode()),
        ("JSON in upper case", json.dumps(JURGEN.upper()).encode()),
        ("upper hexadecimal digits", rb"j\u00FCrgen@m\u00DCller.de"),
        ("JSON in JSON", json.dumps(json.dumps(JURGEN)).encode()),
        ("JSON in UTF-16", json.dumps(JURGEN).encode("utf-16")),
        ("UTF-16", JURGEN.upper().encode("utf-16")),
        ("Windows", JURGEN.upper().encode("cp1252")),
        ("declared", JURGEN.upper().encode("cp850")),
        ("decomposed", unicodedata.normalize("NFD", JURGEN).encode()),
        ("JSON, decomposed", json.dumps(unicodedata.normalize("NFD", JURGEN)).encode()),
        ("percent", quote(JURGEN).encode()),
        ("percent in small letters", quote(JURGEN).lower().encode()),
        ("percent, decomposed", quote(unicodedata.normalize("NFD", JURGEN)).encode()),
        ("percent of Windows", quote(JURGEN, encoding="cp1252").encode()),
        ("percent in percent", quote(quote(JURGEN)).encode()),
        ("HTML", JURGEN.encode("ascii", errors="xmlcharrefreplace")),
        ("HTML by names", b"j&uuml;rgen&commat;m&uuml;ller.de"),
        ("HTML in hexadecimal digits", b"j&#xfc;rgen&#x40;m&#xFC;ller&#x2E;de"),
        ("HTML with a zero", "jürgen&#064;müller.de".encode()),
        ("HTML in HTML", "jürgen&amp;#64;müller&amp;period;de".encode()),
        ("HTML in UTF-16", "j&#252;rgen&#64;müller.de".encode("utf-16")),
        ("a mail", JURGEN.encode().replace(b"\xc3\xbc", b"=C3=BC").replace(b"@", b"=40")),
        ("a mail of Windows", b"j=FCrgen@m=fcller=2Ede"),
        ("a mark that JSON may escape", rb"j\u00fcrgen\u0040m\u00fcller\.de"),
        ("between two chunks", b" " * ((1 << 20) - 5) + json.dumps(JURGEN).encode()),
    ],
)
def test_an_address_is_found_however_it_is_spelled(
    tmp_path: Path, title: str, content: bytes
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert holds(path, Spellings(JURGEN, ["cp850"])), title
    assert holds(path, Spellings(unicodedata.normalize("NFD", JURGEN), ["cp850"])), title
    assert not holds(path, Spellings("jurgen@muller.de", ["cp850"])), title
    assert not holds(path, Spellings("y" + JURGEN, ["cp850"])), title


def test_an_address_that_json_spells_goes_out_of_refused_rows(shop: Shop) -> None:
    """As our own fetch writes them; several, for of one alone the file tells the text beside it."""
    shop.terms["format"] = "jsonl"
    shop.columns["n"] = "bigint"
    rows = [{"id": n, "email": "a@b", "name": "", "note": "", "n": "x"} for n in "1234"]
    rows[2]["note"] = f"see {JURGEN}"
    shop.deliver("2025-01-01", "".join(json.dumps(row) + "\n" for row in rows))
    land(shop)
    assert forget(shop, JURGEN) == Erased(0, 0, 1, 0, 2)
    assert [bool(text) for *_, text in shop.refused()] == [True, True, False, True]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
def test_an_address_goes_out_of_the_bytes_of_refused_rows(shop: Shop, encoding: str) -> None:
    """Of three: of the first and the last the file tells the text beside the rows."""
    path = shop.deliver("2025-01-01", "")
    refused = (b"1,a@b.c", b"5," + JURGEN.encode(encoding), b"9,z@b.c")
    path.write_bytes(HEADER.encode() + b"\n".join((*refused, b"2,ok@b.c,O,\n")))
    land(shop)
    before = shop.refused("raw_bytes")
    assert len(before) == 3
    assert forget(shop, JURGEN) == Erased(0, 0, 1, 0, 2)
    assert shop.refused("raw_bytes") == [before[0], (b"",), before[2]]


def test_an_address_is_found_in_a_column_of_bytes(tmp_path: Path) -> None:
    """Between two others: of the least and the greatest the file tells the bytes unpacked, too."""
    path = tmp_path / "a.parquet"
    for told, is_there in ((JURGEN, True), ("see " + JURGEN, True), ("é" + JURGEN, False)):
        for encoding in ("latin-1", "utf-8", "utf-16-le"):
            rows = [{"told": one} for one in (b"a", told.encode(encoding), b"\xff")]
            pq.write_table(pa.Table.from_pylist(rows), path)
            assert holds(path, Spellings(JURGEN)) is is_there, (told, encoding)


def test_a_neighbour_with_an_accent_in_refused_rows_keeps_nobody_from_being_erased(
    shop: Shop,
) -> None:
    land(shop, d11="1,x@b.c\n2,Ébo@x.de\n9,z@b.c\n", d12="5,bo@x.de,Bo,\n")
    assert forget(shop, BO) == Erased(1, 1, 0, 0, 2)
    assert [text for *_, text in shop.refused()] == ["1,x@b.c", "2,Ébo@x.de", "9,z@b.c"]
    assert holding(shop.home, Spellings(BO)) == []


def test_an_address_in_an_address_of_the_web_goes_too(shop: Shop) -> None:
    """As its parameter, in an address within an address, and in HTML."""
    shop.home.mkdir()
    land(
        shop,
        d11="1,a@b.c,Al,https://shop.example/?utm=1&email=anna.b%2Bx%40example.com&x=1\n"
        "2,b@c.d,Bo,https://login.example/?to=%2Fme%3Fe%3Danna.b%252bx%2540example.com\n"
        "3,c@d.e,Cy,<a href=mailto:anna.b&#43;x&#x40;example.com>\n",
    )
    assert forget(shop) == Erased(0, 1, 0, 0, 2)
    assert shop.rows("note") == [
        (f"https://shop.example/?utm=1&email={TOKEN}&x=1",),
        (f"https://login.example/?to=%2Fme%3Fe%3D{TOKEN}",),
        (f"<a href=mailto:{TOKEN}>",),
    ]
    assert list(shop.deliveries.rglob("*.csv")) == []


def test_an_address_in_capitals_goes_out_of_deliveries_and_originals_too(shop: Shop) -> None:
    land(shop, d11=f"1,{JURGEN.upper()},J,\n2,b@c.d,B,ask jÜrgen@MüLLER.de\n3\n")
    assert forget(shop, JURGEN) == Erased(1, 1, 0, 0, 2)
    assert shop.rows("email, name, note") == [(None, None, None), ("b@c.d", "B", f"ask {TOKEN}")]
    assert list(shop.deliveries.rglob("*.csv")) == []


def sqlite_of(path: Path, *values: str | bytes) -> sqlite3.Connection:
    con = sqlite3.connect(path)
    con.execute("create table events (id integer primary key, told)")
    con.executemany("insert into events (told) values (?)", [(value,) for value in values])
    con.commit()
    return con


@pytest.mark.parametrize("kind", [str, bytes])
def test_an_address_is_found_where_a_page_of_sqlite_ends(tmp_path: Path, kind: type) -> None:
    """A text of 9 kB spills over pages of 4,096 bytes, each of which names the next one first."""
    path, cut = tmp_path / "runs.db", 0
    for before in range(24):
        told = f"{'':{4_880 + before}}{ANNA}{'':{4_080 - before}}"
        values = told if kind is str else told.encode()
        sqlite_of(path, values).close()
        cut += ANNA.encode() not in path.read_bytes()
        assert holds(path, Spellings(ANNA)), before
        assert not holds(path, Spellings("y" + ANNA)), before
        path.unlink()
    assert cut > 0


def test_an_address_is_found_in_what_sqlite_has_written_ahead(tmp_path: Path) -> None:
    """Nothing is left beside a database that nobody has open."""
    path = tmp_path / "runs.db"
    con = sqlite_of(path)
    con.execute("pragma journal_mode = wal")
    con.execute("insert into events (told) values (?)", (" " * 4_070 + ANNA + " " * 5_000,))
    con.commit()
    assert ANNA.encode() not in path.read_bytes()
    assert path in holding(tmp_path, Spellings(ANNA))
    con.close()
    assert holding(tmp_path, Spellings(ANNA)) == [path]
    assert list(tmp_path.iterdir()) == [path]


def test_what_sqlite_has_deleted_is_found_as_long_as_its_file_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    con = sqlite_of(path, "one", f"said {ANNA}")
    con.execute("pragma secure_delete = off")
    con.execute("delete from events where id = 2")
    con.commit()
    con.close()
    assert holds(path, Spellings(ANNA))


def test_a_file_that_only_begins_as_sqlite_does_is_searched_as_bytes(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    path.write_bytes(b"SQLite format 3\0 but " + ANNA.encode())
    assert holds(path, Spellings(ANNA))
    assert not holds(path, Spellings("bob@example.com"))


BO, NEIL = "bo@x.de", "neil@x.de"
BESIDE = {
    "nothing": ("bo@x.de", "#"),
    "a letter at the beginning of the file": ("1bo@x.de", None),
    "a longer name": ("jimbo@x.de 1bo@x.de übo@x.de", None),
    "a name with signs": ("anna-bo@x.de a.bo@x.de a_bo@x.de", None),
    "a plus": ("jim+bo@x.de jim%2Bbo@x.de jim%2bbo@x.de", None),
    "a longer domain": ("bo@x.de.example bo@x.dev bo@x.de-a.de", None),
    "an escaped letter": (r"\u00fcbo@x.de &uuml;bo@x.de %C3%BCbo@x.de %25C3%25BCbo@x.de", None),
    "a mark of its own": ("u\u0308bo@x.de", None),
    "an escape that ends with its own letter": (r"Hi\nbo@x.de", r"Hi\n#"),
    "an escaped sign": (
        r"%3Dbo@x.de%26 \u003cbo@x.de\u003e &lt;bo@x.de&gt;",
        r"%3D#%26 \u003c#\u003e &lt;#&gt;",
    ),
    "signs": ("<bo@x.de>,'bo@x.de';bo@x.de?a=1 «bo@x.de»", "<#>,'#';#?a=1 «#»"),
    "one sign between two": ("bo@x.de,bo@x.de bo@x.de", "#,# #"),
    "the end of a sentence": ("Ask bo@x.de. Or bo@x.de.", "Ask #. Or #."),
    "points, strokes": ("...bo@x.de... -bo@x.de- _bo@x.de_", "...#... -#- _#_"),
    "an apostrophe within a name": ("o'neil@x.de o''neil@x.de o\u2019neil@x.de", None),
    "quoted neighbours": (r"""'o'neil@x.de' 'o''neil@x.de' 'o\'neil@x.de' "o'neil@x.de" """, None),
    "quotes": (
        r"""'neil@x.de',(''neil@x.de'')='neil@x.de' \'neil@x.de\' c='neil@x.de' `neil@x.de`""",
        r"""'#',(''#'')='#' \'#\' c='#' `#`""",
    ),
    "every sign of an address": (
        " ".join(f"o{sign}neil@x.de" for sign in "!#$%&'*+/=?^_`{|}~-"), None
    ),
    "every sign of an address and a point": (
        " ".join(f"o{sign}.neil@x.de" for sign in "!#$%&'*+/=?^_`{|}~-"), None
    ),
    "what a sign encloses": ("a|neil@x.de|b c={neil@x.de} *neil@x.de*", "a|#|b c={#} *#*"),
    "parts of an address of the web": (
        "https://a.example/b/neil@x.de https://a.example/?neil@x.de /users/neil@x.de",
        "https://a.example/b/# https://a.example/?# /users/#",
    ),
    "parameters": ("/?b=1&to=neil@x.de&a to=neil@x.de&b=2", "/?b=1&to=#&a to=#&b=2"),
    "a neighbour in an address of the web": ("https://a.example/?to=o'neil@x.de&b=1", None),
    "an address on either side": ("jim@x.de|neil@x.de/neil@x.de", "jim@x.de|#/#"),
    "the name of a file": ("2025_bo@x.de.csv.gz jimbo@x.de.csv", "2025_#.csv.gz jimbo@x.de.csv"),
}  # fmt: skip


@pytest.mark.parametrize("beside", BESIDE, ids=str)
def test_an_address_is_masked_and_found_where_it_is_no_part_of_another(beside: str) -> None:
    text, masked = BESIDE[beside]
    email = Spellings(NEIL if NEIL in text else BO)
    assert email.masked(text, "#") == (masked or text)
    is_there = masked is not None
    assert email.are_in(text) is is_there
    for encoding in ("utf-8", "utf-16", "cp1252"):
        assert email.are_in_bytes(text.encode(encoding, errors="xmlcharrefreplace")) is is_there


def test_an_address_that_the_next_sentence_is_glued_to_is_told(tmp_path: Path) -> None:
    """It stays: a domain may be written so, if hardly ever. A whole domain in capitals is none."""
    path, left = tmp_path / "file", Left()
    path.write_text("Ask bo@x.de.Merci jimbo@x.de.Merci BO@X.DE.EXAMPLE bo@x.de.example bo@x.de.É1")
    assert holding(tmp_path, Spellings(BO), left) == []
    assert left == Left({path: 1})
    path.write_text("écrire à bo@x.de.Écoutez, bo@x.de.csv")
    assert holding(tmp_path, Spellings(BO)) == [path]
    assert Spellings(BO).masked(path.read_text(), "#") == "écrire à bo@x.de.Écoutez, #.csv"


def test_an_escape_is_not_taken_for_the_first_letter_of_an_address() -> None:
    assert Spellings("nina@x.de").masked(r"Hi\nina@x.de", "#") == r"Hi\nina@x.de"


def test_nobody_is_erased_whose_address_holds_that_of_another(shop: Shop) -> None:
    """Nor does anything of them go that is kept of them alone."""
    shop.home.mkdir()
    others = "1,jimbo@x.de,Jim,anna-bo@x.de\n3,c@d.e,Cy,see bo@x.de.example\njimbo@x.de\n"
    land(shop, d11=others, d12="2,bo@x.de,Bo,as jimbo@x.de says\n")
    assert forget(shop, BO) == Erased(1, 1, 0, 0, 2)
    assert shop.rows("id, email, name, note") == [
        ("1", "jimbo@x.de", "Jim", "anna-bo@x.de"),
        ("3", "c@d.e", "Cy", "see bo@x.de.example"),
        ("2", None, None, "as jimbo@x.de says"),
    ]
    assert [text for *_, text in shop.refused()] == ["jimbo@x.de"]
    assert [path.parent.name for path in shop.deliveries.rglob("*.csv")] == ["2025-01-01"]
    assert holding(shop.home, Spellings(BO)) == []


NEIGHBOUR = "o'neil@x.de"
SPELLED = {
    "percent": quote(NEIGHBOUR, safe=""),
    "percent in percent": quote(quote(NEIGHBOUR, safe=""), safe=""),
    "HTML": "o&#39;neil&#64;x.de",
    "HTML in hexadecimal digits": "o&#x27;neil&#x40;x.de",
    "HTML by name": "o&apos;neil&commat;x.de",
    "HTML in HTML": "o&amp;apos;neil@x.de o&amp;#39;neil&amp;#64;x.de",
    "HTML in JSON": r"o\u0026#39;neil@x.de",
    "JSON": r"o\u0027neil\u0040x.de",
    "JSON in JSON": r"o\\u0027neil\\u0040x.de",
    "JSON in percent": "o%5Cu0027neil%40x.de",
    "Python": r"o\'neil@x.de o\x27neil@x.de",
    "an accent": "rené'neil@x.de josé+neil@x.de",
    "an accent, escaped": "ren%C3%A9%27neil%40x.de jos%E9%2Bneil@x.de é&#39;neil@x.de",
}


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("spelled", SPELLED, ids=str)
def test_a_neighbour_is_known_however_it_is_spelled(spelled: str, form: str) -> None:
    email = Spellings(NEIL, ["utf-16", "utf-32", "utf-8-sig", "cp850"])
    text = unicodedata.normalize(form, SPELLED[spelled])
    assert email.masked(text, "#") == text
    for encoding in ("utf-8", "utf-16", "utf-16-be", "utf-32", "latin-1", "cp850"):
        try:
            content = text.encode(encoding)
        except UnicodeEncodeError:
            continue
        assert not email.are_in_bytes(content), encoding
        assert email.are_in_bytes(f"{text} {NEIL}".encode(encoding)), encoding


def test_an_apostrophe_of_the_person_is_found_doubled_between_quotes() -> None:
    email = Spellings(NEIGHBOUR)
    assert email.masked("1,'o''neil@x.de','O''Neil' o'neil@x.de", "#") == "1,'#','O''Neil' #"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32-le", "latin-1", "cp037"])
def test_a_delivery_in_a_declared_encoding_goes_with_its_original(
    shop: Shop, encoding: str
) -> None:
    """That of a neighbour stays, with its original; how often is told."""
    shop.terms["encoding"] = encoding
    for day, email in (("2025-01-01", NEIL), ("2025-01-02", NEIGHBOUR)):
        shop.deliver(day, "").write_bytes(f"{HEADER}1,{email},René,\n".encode(encoding))
    land(shop)
    left = Left()
    assert forget(shop, NEIL, left) == Erased(1, 2, 0, 0, 2)
    assert left == Left({shop.deliveries / "2025-01-02/deals.csv": 1})
    assert len(list((shop.lake / "deliveries").rglob("*.gz"))) == 1


def locked(content: bytes) -> bytes:
    """A zip whose members say that they are encrypted."""
    return content.replace(b"PK\x01\x02\x14\x03\x14\0\0\0", b"PK\x01\x02\x14\x03\x14\0\1\0")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (gzip.compress(b"hello" * 1000)[:-8], "cannot be unpacked whole"),
        (gzip.compress(bytes(11_000_000)), "unpacks to more than 200 times its size"),
        (locked(zipped("hello")), "or is locked"),
        (bz2.compress(b"hello"), "it is bzip2"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "Office"),
        (b"PAR1 cut short", "Parquet"),
        (b"SQLite format 3\0 cut short", "SQLite"),
        (bytes(8) + b"DUCK" + bytes(100), "DuckDB"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_searched_is_told(tmp_path: Path, content: bytes, why: str) -> None:
    path, left = tmp_path / "file", Left()
    path.write_bytes(content)
    assert holding(tmp_path, Spellings(ANNA), left) == []
    assert list(left.unsearched) == [path]
    assert why in left.unsearched[path]
    assert left.doubtful == {}


def test_a_neighbour_is_counted_once_however_it_is_looked_at(tmp_path: Path) -> None:
    """A Parquet file tells the least and the greatest value again; a piece reaches into another."""
    parquet, table = tmp_path / "a.parquet", tmp_path / "b.sqlite"
    duckdb.sql(f"copy (select 'd''{ANNA}' as b) to '{parquet}'")
    sqlite_of(table, f"d'{ANNA}", f"d'{ANNA}").close()
    text = tmp_path / "c.txt"
    text.write_text(" " * ((1 << 20) - 3_000) + f"d'{ANNA} " * 300)
    named = tmp_path / f"d'{ANNA}.csv"
    named.write_text("")
    left = Left()
    assert holding(tmp_path, Spellings(ANNA), left) == []
    assert left == Left({parquet: 1, table: 2, text: 300, named: 1})


@pytest.mark.parametrize("delimiter", ["|", "detect"])
def test_a_sign_that_separates_columns_is_part_of_no_address(shop: Shop, delimiter: str) -> None:
    shop.terms["delimiter"] = delimiter
    shop.deliver("2025-01-01", "id|name|note|email\n1|Neil||neil@x.de\n2|Oona||o'neil@x.de\n")
    land(shop)
    assert forget(shop, NEIL) == Erased(1, 1, 0, 0, 2)
    assert shop.rows("id, email") == [("1", None), ("2", "o'neil@x.de")]
    assert list(shop.deliveries.rglob("*.csv")) == []


def test_an_address_of_another_is_not_found_in_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "alerts.sqlite"
    sqlite_of(path, "jimbo@x.de", b"anna-bo@x.de", "bo@x.de.example", "jimbo@x.de" * 900).close()
    assert not holds(path, Spellings(BO))
    assert holds(path, Spellings("jimbo@x.de"))


@pytest.mark.parametrize("reach", range(-12, 3))
def test_a_neighbour_in_the_chunk_beside_is_seen(tmp_path: Path, reach: int) -> None:
    path = tmp_path / "file"
    start = b" " * ((1 << 20) + reach)
    for text, is_there in (("jimbo@x.de", False), ("bo@x.de.example", False), (BO, True)):
        path.write_bytes(start + text.encode() + b" " * 5_000)
        assert holds(path, Spellings(BO)) is is_there


def test_an_address_is_found_in_tables(tmp_path: Path) -> None:
    parquet, database = tmp_path / "a.parquet", tmp_path / "b.duckdb"
    with duckdb.connect(str(database)) as con:
        con.execute("create schema s")
        con.execute(f"create table s.t as select 1 as n, ['{ANNA}'] as list from range(9)")
        con.execute(f"copy (from s.t) to '{parquet}'")
    assert holding(tmp_path, Spellings(ANNA)) == [parquet, database]
    assert holding(tmp_path, Spellings("bob@example.com")) == []
