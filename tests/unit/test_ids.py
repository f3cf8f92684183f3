"""Identifiers and secrets."""

import hashlib
import time
from datetime import timedelta
from uuid import RFC_4122

from vixenbliss import ids
from vixenbliss.clock import now


def test_an_id_is_a_uuid_of_version_7() -> None:
    made = ids.new_id()

    assert (made.version, made.variant) == (7, RFC_4122)


def test_an_id_begins_with_the_milliseconds_of_its_making() -> None:
    before = time.time_ns() // 1_000_000
    made = ids.new_id()
    after = time.time_ns() // 1_000_000

    assert before <= made.int >> 80 <= after


def test_no_id_is_made_twice() -> None:
    assert len({ids.new_id() for _ in range(10_000)}) == 10_000


def test_a_secret_has_256_bits_and_fits_in_an_address() -> None:
    made = ids.new_secret()

    assert len(made) == 43
    assert made.replace("-", "").replace("_", "").isalnum()


def test_no_secret_is_made_twice() -> None:
    assert len({ids.new_secret() for _ in range(1000)}) == 1000


def test_a_seed_has_31_bits_at_most() -> None:
    assert all(0 <= ids.new_seed() < 2**31 for _ in range(1000))


def test_a_digest_is_the_sha_256_of_the_text() -> None:
    assert ids.digest("luna ñ") == hashlib.sha256("luna ñ".encode()).digest()


def test_an_id_comes_after_the_first_one_of_its_time() -> None:
    before = ids.first_id(now() - timedelta(milliseconds=1))
    made = ids.new_id()
    after = ids.first_id(now() + timedelta(milliseconds=1))

    assert before < made < after
