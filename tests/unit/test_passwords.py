"""Passwords, hashed with Argon2id."""

import unicodedata
from pathlib import Path

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

from vixenbliss.errors import ValidationError
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


@pytest.mark.parametrize(
    "password",
    [
        "password",
        "Password1",
        "QWERTYUIOP",
        "1q2w3e4r5t",
        "correcthorsebatterystaple",
        "contraseña",
        "aaaaaaaaa",
        "AAAAaaaa",
        "luna.moon",
        "Luna.Moon@Example.com",
    ],
)
def test_what_is_tried_first_is_refused(password: str) -> None:
    with pytest.raises(ValidationError) as refused:
        passwords.refuse_guessable(
            password, email="luna.moon@example.com", field="new_password"
        )

    assert refused.value.field == "new_password"


@pytest.mark.parametrize(
    "password", [PASSWORD, "ñandúñan", "eight ch", "luna.moon and more", "example.com"]
)
def test_what_is_not_tried_first_is_taken(password: str) -> None:
    passwords.refuse_guessable(password, email="luna.moon@example.com", field="x")


def test_the_list_is_of_passwords_that_could_be_chosen() -> None:
    path = Path(passwords.__file__).with_name("common_passwords.txt")

    listed = path.read_text("utf-8").splitlines()

    assert len(listed) > 1_000
    assert listed == sorted(set(listed))
    assert [p for p in listed if len(p) < 8 or p != p.casefold()] == []
    assert [p for p in listed if p != unicodedata.normalize("NFKC", p)] == []
