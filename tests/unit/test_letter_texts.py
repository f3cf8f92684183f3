"""What our letters say."""

import pytest

from vixenbliss.models.letters import LetterKind
from vixenbliss.services.letter_texts import text_of

HOME = "https://studio.test"


@pytest.mark.parametrize("kind", LetterKind)
def test_every_letter_can_be_written(kind: LetterKind) -> None:
    text = text_of(kind, home=HOME)

    assert text.subject.isascii()
    assert "\n" not in text.subject
    assert "{" not in text.body
    assert text.body.startswith("Hello,\n")
    assert text.body.endswith("VixenBliss Creator\n")


@pytest.mark.parametrize(
    ("kind", "page"),
    [
        (LetterKind.VERIFY_EMAIL, "verify-email"),
        (LetterKind.CHANGE_EMAIL, "verify-email"),
        (LetterKind.RESET_PASSWORD, "reset-password"),
        (LetterKind.INVITATION, "accept-invitation"),
    ],
)
def test_a_token_is_part_of_the_link(kind: LetterKind, page: str) -> None:
    text = text_of(kind, home=HOME, token="t0ken-_")

    assert f"\n{HOME}/{page}?token=t0ken-_\n" in text.body
