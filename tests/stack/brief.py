"""The campaign brief: a YAML file that a person writes, read strictly.

The parts that the API takes as they are have the API's own types, so a brief that is
read here is not refused there for its form.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AwareDatetime, Field, ValidationError

from vixenbliss.api.errors import sentence
from vixenbliss.models.social_accounts import Platform
from vixenbliss.money import Currency
from vixenbliss.providers.publishing import PrivacyLevel
from vixenbliss.schemas.avatars import Aesthetic, AvatarName, Bio, Nicho, Sheet
from vixenbliss.schemas.base import Input, Language, line
from vixenbliss.schemas.content_jobs import AspectRatio, Prompt


class AvatarBrief(Input):
    """Who the campaign is about."""

    name: AvatarName
    nicho: Nicho
    aesthetic: Aesthetic
    bio: Bio | None = None
    monthly_budget_cents: Annotated[int, Field(ge=1, le=1_000_000)]
    sheet: Sheet


class Theme(Input):
    """What a post shows, and what it speaks of."""

    scene: Prompt
    caption: Prompt
    language: Language | None = None
    """Of the caption, one of the sheet's; by default the first of them."""


class Campaign(Input):
    """What is to be made."""

    themes: Annotated[list[Theme], Field(min_length=1, max_length=20)]
    images_per_theme: Annotated[int, Field(ge=1, le=10)] = 1
    aspect_ratio: AspectRatio = "4:5"

    @property
    def images(self) -> int:
        """How many images that comes to."""
        return len(self.themes) * self.images_per_theme


class Publishing(Input):
    """Where the campaign appears, and when."""

    platforms: Annotated[list[Platform], Field(min_length=1, max_length=2)]
    at: AwareDatetime | Literal["now", "next_slot"] = "now"
    tiktok_privacy: PrivacyLevel
    """Who sees it at TikTok, which wants somebody's word for that."""


class Membership(Input):
    """What fans may buy, and what one of them gives on top."""

    name: Annotated[str, line(at_least=1, at_most=120)]
    price_minor: Annotated[int, Field(ge=50, le=1_000_000)]
    """A month, in the currency's smallest unit."""
    currency: Currency
    tip_minor: Annotated[int, Field(ge=50, le=100_000)]


class Brief(Input):
    """A campaign brief."""

    avatar: AvatarBrief
    campaign: Campaign
    publishing: Publishing | None = None
    """Without it, the campaign ends with approved pieces."""
    membership: Membership | None = None
    """Without it, nothing is sold."""


class BrokenBriefError(Exception):
    """A brief cannot be understood; each reason begins with its line."""

    def __init__(self, path: Path, reasons: Sequence[str]) -> None:
        listed = "\n".join(f"  {reason}" for reason in reasons)
        super().__init__(f"{path} is not a brief that can be worked on:\n{listed}")


def read(path: Path) -> Brief:
    """Return the brief in a file.

    Raises:
        BrokenBriefError: there is none, or it is not understood; told with the lines.
    """
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenBriefError(path, [f"it cannot be read: {error}"]) from error
    except yaml.MarkedYAMLError as error:
        raise BrokenBriefError(path, [_of_syntax(error)]) from error
    except yaml.YAMLError as error:
        raise BrokenBriefError(path, [str(error)]) from error
    if root is None:
        raise BrokenBriefError(path, ["line 1: the file is empty"])
    reasons = [*_doubled(root), *_unreadable(root)]
    if reasons:
        raise BrokenBriefError(path, reasons)
    return _understood(path, root)


def _understood(path: Path, root: yaml.Node) -> Brief:
    loader = yaml.SafeLoader("")
    try:
        brief = Brief.model_validate(loader.construct_document(root))
    except ValidationError as error:
        places = sorted(error.errors(), key=lambda item: _line_of(root, item))
        reasons = [_of_value(root, item) for item in places]
        raise BrokenBriefError(path, reasons) from error
    except yaml.MarkedYAMLError as error:
        raise BrokenBriefError(path, [_of_syntax(error)]) from error
    reasons = list(_unspoken(root, brief))
    if reasons:
        raise BrokenBriefError(path, reasons)
    return brief


def _unspoken(root: yaml.Node, brief: Brief) -> Iterator[str]:
    """Yield the themes in languages that the avatar does not speak."""
    spoken = brief.avatar.sheet.voice.languages
    for number, theme in enumerate(brief.campaign.themes):
        if theme.language not in (None, *spoken):
            place = ("campaign", "themes", number, "language")
            where = ".".join(map(str, place))
            known = f"the sheet's languages are {', '.join(spoken)}"
            yield f"line {_line(root, place)}: {where}: {known}"


def _of_syntax(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    return f"line {line}: {error.problem or error.context}"


def _of_value(root: yaml.Node, item: Any) -> str:
    where = ".".join(str(part) for part in item["loc"]) or "the brief"
    return f"line {_line_of(root, item)}: {where}: {sentence(item)}"


def _line_of(root: yaml.Node, item: Any) -> int:
    return _line(root, [part for part in item["loc"] if isinstance(part, str | int)])


def _line(root: yaml.Node, place: Sequence[str | int]) -> int:
    """Return the line of a value, or of the nearest thing around it that is there."""
    node, line = root, root.start_mark.line
    for part in place:
        found = _inside(node, part)
        if found is None:
            break
        line, node = found
    return line + 1


def _inside(node: yaml.Node, part: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return key.start_mark.line, value
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
        found = node.value[part : part + 1]
        return (found[0].start_mark.line, found[0]) if found else None
    return None


def _doubled(root: yaml.Node) -> Iterator[str]:
    """Yield keys that stand twice, of which YAML would silently take the last."""
    for node in _nodes(root):
        if isinstance(node, yaml.MappingNode):
            names = [str(key.value) for key, _ in node.value]
            for number, (key, _) in enumerate(node.value):
                if names[number] in names[:number]:
                    yield f"line {key.start_mark.line + 1}: {key.value} stands twice"


def _unreadable(root: yaml.Node) -> Iterator[str]:
    """Yield values that YAML takes for something they are not, as the 31st of June."""
    for node in _nodes(root):
        if isinstance(node, yaml.ScalarNode):
            try:
                yaml.SafeLoader("").construct_document(node)
            except yaml.MarkedYAMLError:
                continue  # told with the rest
            except ValueError as error:
                yield f"line {node.start_mark.line + 1}: {node.value}: {error}"


def _nodes(root: yaml.Node) -> Iterator[yaml.Node]:
    """Yield each node once, even if an alias leads back to it."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            waiting += reversed(_within(node))


def _within(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []
