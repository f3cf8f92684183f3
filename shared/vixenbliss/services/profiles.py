"""An avatar's description in words: what the gate judges, what prompts end with."""

from vixenbliss.models.policy import SubjectType
from vixenbliss.repositories.avatars import LockedAvatar
from vixenbliss.repositories.judgements import Subject
from vixenbliss.schemas.avatars import Sheet
from vixenbliss.services.policies import text_subject


def profile_subject(avatar: LockedAvatar, sheet: Sheet) -> Subject:
    """Return what an avatar says of itself, as one subject for the policy gate.

    Its age and languages are facts, and what it avoids it does not say; all else that
    people wrote of it is judged, one line each.
    """
    said = [avatar.avatar_name, avatar.nicho, avatar.aesthetic_style, avatar.bio or ""]
    text = "\n".join(filter(None, [*said, *_lines_of(sheet)]))
    return text_subject(SubjectType.PROFILE, text, avatar.id)


def looks(sheet: Sheet) -> str:
    """Return how an avatar looks, the same words after each of its prompts."""
    look = sheet.appearance
    parts = [
        f"adult, {sheet.fictional_age} years old",
        look.summary,
        look.hair,
        look.eyes,
        *look.wardrobe,
        *look.marks,
    ]
    return ", ".join(filter(None, parts))


def _lines_of(sheet: Sheet) -> list[str]:
    look, voice = sheet.appearance, sheet.voice
    return [
        look.summary,
        look.hair or "",
        look.eyes or "",
        *look.wardrobe,
        *look.marks,
        voice.tone,
        *voice.topics,
        sheet.backstory,
        sheet.disclosure,
    ]
