"""What our letters say: plain text, short, and nothing that a stranger has written.

Anybody may have a letter sent to anybody: by signing up, by inviting. So none repeats
what was typed, such as a workspace's name; it would be somebody's message in our name.
"""

from dataclasses import dataclass

from vixenbliss.models.letters import LetterKind

_GREETING = "Hello,\n\n"
_FAREWELL = "\n\nYours,\nVixenBliss Creator\n"


@dataclass(frozen=True, slots=True)
class LetterText:
    """A letter as it is read."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class _Draft:
    subject: str
    page: str
    """Of ours, where the letter leads."""
    body: str


_DRAFTS = {
    LetterKind.VERIFY_EMAIL: _Draft(
        "Confirm your address",
        "verify-email",
        "welcome! Please confirm that this address is yours:\n\n{link}\n\n"
        "The link is good for a week. If you did not sign up, ignore this letter.",
    ),
    LetterKind.RESET_PASSWORD: _Draft(
        "Choose a new password",
        "reset-password",
        "somebody, hopefully you, asked for a new password. Choose it here:\n\n"
        "{link}\n\n"
        "The link is good for 30 minutes, and once. If it was not you, ignore this "
        "letter; your password stays as it is.",
    ),
    LetterKind.CHANGE_EMAIL: _Draft(
        "Confirm your new address",
        "verify-email",
        "you want to sign in with this address from now on. Please confirm it:\n\n"
        "{link}\n\n"
        "The link is good for a day. You will then have to sign in again. If you did "
        "not ask for this, ignore this letter; nothing changes.",
    ),
    LetterKind.PASSWORD_CHANGED: _Draft(
        "Your password was changed",
        "forgot-password",
        "your password was just changed. If that was you, all is well.\n\n"
        "If it was not, choose a new one at once:\n\n{link}",
    ),
    LetterKind.EMAIL_CHANGED: _Draft(
        "Your address was changed",
        "support",
        "you now sign in with another address, and this one is no longer used. If that "
        "was you, all is well.\n\nIf it was not, tell us at once:\n\n{link}",
    ),
    LetterKind.INVITATION: _Draft(
        "You are invited",
        "accept-invitation",
        "somebody would like to work with you, and keeps a seat for you in their "
        "workspace. Sign in, or sign up with this address, and take it:\n\n{link}\n\n"
        "The seat is kept for a week. If you do not know what this is about, ignore "
        "this letter.",
    ),
    LetterKind.EXPORT_READY: _Draft(
        "Your data is ready",
        "privacy",
        "the copy of your data that you asked for is ready. Sign in to download it:"
        "\n\n{link}\n\nIt is kept for a week.",
    ),
    LetterKind.ERASED: _Draft(
        "Your account is gone",
        "",
        "as you wished, your account and what told who you are have been erased. "
        "Nobody can sign in with it any more.",
    ),
}


def text_of(kind: LetterKind, *, home: str, token: str | None = None) -> LetterText:
    """Return a letter that leads to a page below ``home``, with a token if given."""
    draft = _DRAFTS[kind]
    link = f"{home}/{draft.page}" + (f"?token={token}" if token else "")
    body = _GREETING + draft.body.format(link=link) + _FAREWELL
    return LetterText(draft.subject, body)
