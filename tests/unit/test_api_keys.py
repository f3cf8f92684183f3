"""What an API key looks like, and what is kept of it."""

import hashlib

import pytest

from vixenbliss.services.tokens import KeyText

PREFIX = "0123456789ab"
SECRET = "A-_" + "a" * 40


def test_a_key_is_read_as_it_was_made() -> None:
    made = KeyText.of()

    assert KeyText.read(made.text) == made


def test_a_key_shows_its_prefix_and_hides_256_bits() -> None:
    made = KeyText.of()

    begin, prefix, secret = made.text.split("_", 2)
    assert (begin, prefix, len(prefix)) == ("vb", made.prefix, 12)
    assert len(secret) * 6 >= 256


def test_no_two_keys_are_alike() -> None:
    made = [KeyText.of() for _ in range(50)]

    assert len({key.prefix for key in made}) == 50
    assert len({key.hash for key in made}) == 50


def test_a_renewed_key_keeps_its_prefix_alone() -> None:
    before = KeyText.of()

    after = KeyText.of(before.prefix)

    assert after.prefix == before.prefix
    assert after.hash != before.hash


def test_the_hash_is_of_the_whole_key() -> None:
    text = f"vb_{PREFIX}_{SECRET}"

    key = KeyText.read(text)

    assert key is not None
    assert key.hash == hashlib.sha256(text.encode()).digest()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "vb__",
        f"vb_{PREFIX}",
        f"vb_{PREFIX}_{SECRET[1:]}",
        f"vb_{PREFIX}_{SECRET}=",
        f"vb_{PREFIX[1:]}_{SECRET}",
        f"vb_{PREFIX.upper()}_{SECRET}",
        f"xb_{PREFIX}_{SECRET}",
        f" vb_{PREFIX}_{SECRET}",
        f"vb_{PREFIX}_{SECRET}\n",
        f"vb_{PREFIX}_{SECRET}, vb_{PREFIX}_{SECRET}",
        "x" * 10_000,
    ],
    ids=range(12),
)
def test_what_is_no_key_is_not_read(text: str) -> None:
    assert KeyText.read(text) is None
