"""Passwords, hashed with Argon2id."""

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

from vixenbliss.loop import run
from vixenbliss.services import passwords

PASSWORD = "correct horse battery"

pytestmark = pytest.mark.usefixtures("real_hasher")


@pytest.fixture(scope="module")
def kept(real_hasher: None) -> str:
    return run(passwords.hashed(PASSWORD))


def test_a_hash_is_argon2id_as_owasp_has_it(kept: str) -> None:
    parameters = extract_parameters(kept)

    assert parameters.type is Type.ID
    assert parameters.memory_cost >= 19 * 1024
    assert parameters.time_cost >= 2


def test_the_same_password_is_never_hashed_the_same(kept: str) -> None:
    assert run(passwords.hashed(PASSWORD)) != kept


def test_the_right_password_matches(kept: str) -> None:
    assert run(passwords.matches(PASSWORD, kept))


@pytest.mark.parametrize(
    "wrong", ["", "Correct horse battery", PASSWORD + " ", PASSWORD[:-1], "ñ" * 128]
)
def test_another_password_does_not(wrong: str, kept: str) -> None:
    assert not run(passwords.matches(wrong, kept))


@pytest.mark.parametrize("guess", [PASSWORD, "nobody has this password"])
def test_no_password_matches_an_unknown_user(guess: str) -> None:
    assert not run(passwords.matches(guess, None))


@pytest.mark.parametrize("broken", ["!", "$argon2id$v=19$m=1", "plain"])
def test_no_password_matches_a_broken_hash(broken: str) -> None:
    assert not run(passwords.matches(PASSWORD, broken))


def test_characters_beyond_the_first_72_count() -> None:
    long = "x" * 100
    kept = run(passwords.hashed(long + "a"))

    assert not run(passwords.matches(long + "b", kept))


def test_a_hash_of_today_is_not_outdated(kept: str) -> None:
    assert not passwords.is_outdated(kept)


def test_a_hash_with_weaker_parameters_is_outdated() -> None:
    weaker = PasswordHasher(memory_cost=8, time_cost=1, parallelism=1).hash(PASSWORD)

    assert passwords.is_outdated(weaker)
