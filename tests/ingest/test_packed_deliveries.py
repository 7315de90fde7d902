"""Packed deliveries: gzip and zip, and what may be wrong with them."""

import gzip
import io
import zipfile
from hashlib import sha256

import pytest
from delivered import Shop, counts

from ingest.errors import DeliveryError

DAY = "2025-01-01"
TEXT = "id,amount,closed_on\n" + "".join(f"{n},{n}.50,2025-01-02\n" for n in range(1, 2001))


def zipped(members: dict[str, str]) -> bytes:
    """A zip of files: name -> text."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return target.getvalue()


def packed_shop(shop: Shop, ending: str) -> Shop:
    shop.terms["path"] = "{extracted_at:%Y-%m-%d}/deals.csv" + ending
    return shop


def deliver(shop: Shop, ending: str, content: bytes) -> None:
    path = shop.deliveries / DAY / f"deals.csv{ending}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("ending", "content"),
    [
        (".gz", gzip.compress(TEXT.encode())),
        (".gz", gzip.compress(TEXT[:900].encode()) + gzip.compress(TEXT[900:].encode())),
        (".zip", zipped({"deals.csv": TEXT})),
        (".zip", zipped({"deals.csv": TEXT, "__MACOSX/._deals.csv": "of no interest"})),
    ],
    ids=["gzip", "gzip in two members", "zip", "zip made by a Mac"],
)
def test_what_is_packed_lands_like_what_is_not(shop: Shop, ending: str, content: bytes) -> None:
    deliver(packed_shop(shop, ending), ending, content)
    (load,) = shop.land()
    assert counts(load) == (2000, 0, 0, 0)
    assert (load.bytes, load.content_sha256) == (len(content), sha256(content).hexdigest())
    assert sum(amount for (amount,) in shop.rows("amount")) == 2_002_000
    assert shop.land() == [], "the same file is one load"


@pytest.mark.parametrize(
    ("title", "ending", "content", "complaint"),
    [
        ("cut short", ".gz", gzip.compress(TEXT.encode())[:-500], "cannot be unpacked whole"),
        ("wrong checksum", ".gz", gzip.compress(TEXT.encode())[:-8] + b"\0" * 8, "whole"),
        ("not packed", ".gz", TEXT.encode(), "cannot be unpacked whole"),
        ("garbage behind", ".gz", gzip.compress(TEXT.encode()) + b"garbage", "whole"),
        ("bomb", ".gz", gzip.compress(b"0" * 30_000_000), "more than 200 times its size"),
        ("cut short", ".zip", zipped({"deals.csv": TEXT})[:-30], "cannot be unpacked whole"),
        ("not packed", ".zip", TEXT.encode(), "cannot be unpacked whole"),
        (
            "two files",
            ".zip",
            zipped({"deals.csv": TEXT, "more.csv": TEXT}),
            "2 files instead of one",
        ),
        ("no file", ".zip", zipped({}), "0 files instead of one"),
        ("climbing", ".zip", zipped({"../deals.csv": TEXT}), "leads out of it"),
        ("absolute", ".zip", zipped({"/deals.csv": TEXT}), "leads out of it"),
        ("bomb", ".zip", zipped({"deals.csv": "0" * 30_000_000}), "more than 200 times its size"),
    ],
)
def test_a_packed_delivery_that_cannot_be_trusted_is_refused_whole(
    shop: Shop, title: str, ending: str, content: bytes, complaint: str
) -> None:
    deliver(packed_shop(shop, ending), ending, content)
    with pytest.raises(DeliveryError) as refusal:
        shop.land()
    assert complaint in refusal.value.what, title
    assert f"{DAY}/deals.csv{ending}" in refusal.value.where
    assert shop.rows() == []


def test_a_locked_zip_is_refused(shop: Shop) -> None:
    content = bytearray(zipped({"deals.csv": TEXT}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    deliver(packed_shop(shop, ".zip"), ".zip", bytes(content))
    with pytest.raises(DeliveryError, match="locked with a password"):
        shop.land()


def test_faults_of_rows_within_a_packed_file_are_quarantined_as_ever(shop: Shop) -> None:
    deliver(packed_shop(shop, ".gz"), ".gz", gzip.compress((TEXT + "2001,x,\n").encode()))
    (load,) = shop.land()
    assert counts(load) == (2000, 0, 1, 0)
    assert shop.refused() == [(2002, "amount", "<x> is no decimal(18,2)", "2001,x,")]
