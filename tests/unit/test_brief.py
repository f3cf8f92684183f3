"""The campaign brief, read strictly."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stack.brief import BrokenBriefError, read
from tests.support.api import ROOT

SAMPLE = (ROOT / "docs/campaign.yaml").read_text()
type Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a brief and return where it lies."""

    def _write(text: str) -> Path:
        path = tmp_path / "brief.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return _write


def line_of(text: str, start: str) -> int:
    lines = text.splitlines()
    return next(n for n, line in enumerate(lines, 1) if line.strip().startswith(start))


def test_the_brief_that_comes_with_us_is_understood() -> None:
    brief = read(ROOT / "docs/campaign.yaml")

    assert brief.avatar.name == "Luna Marés"
    assert brief.campaign.images == len(brief.campaign.themes) == 4


def test_images_are_counted_over_all_themes(write: Write) -> None:
    text = SAMPLE.replace("images_per_theme: 1", "images_per_theme: 3")

    assert read(write(text)).campaign.images == 12


@pytest.mark.parametrize(
    ("was", "becomes", "where"),
    [
        ("fictional_age: 27", "fictional_age: 17", "avatar.sheet.fictional_age"),
        ("name: Luna Marés", "name: Lu", "avatar.name"),
        ("name: Luna Marés", "nombre: Luna", "avatar.nombre"),
        ("budget_cents: 200", "budget_cents: 0", "avatar.monthly_budget_cents"),
        ("budget_cents: 200", "budget_cents: many", "avatar.monthly_budget_cents"),
        ('aspect_ratio: "4:5"', 'aspect_ratio: "5:4"', "campaign.aspect_ratio"),
        ("images_per_theme: 1", "images_per_theme: 11", "campaign.images_per_theme"),
        ("languages: [en]", "languages: [english]", "avatar.sheet.voice.languages.0"),
    ],
)
def test_what_is_not_understood_is_told_with_its_line(
    was: str, becomes: str, where: str, write: Write
) -> None:
    text = SAMPLE.replace(was, becomes)

    with pytest.raises(BrokenBriefError) as caught:
        read(write(text))

    line = line_of(text, where.rpartition(".")[2].replace("0", "languages"))
    assert f"line {line}: {where}: " in str(caught.value)


def test_a_theme_may_name_one_of_the_sheets_languages(write: Write) -> None:
    text = SAMPLE.replace("languages: [en]", "languages: [en, es]")
    text = text.replace("    - scene: in a", "    - language: es\n      scene: in a")

    themes = read(write(text)).campaign.themes

    assert [theme.language for theme in themes] == [None, "es", None, None]


def test_a_theme_in_a_language_that_the_avatar_lacks_is_refused(write: Write) -> None:
    text = SAMPLE.replace("    - scene: in a", "    - language: es\n      scene: in a")

    with pytest.raises(BrokenBriefError) as caught:
        read(write(text))

    where = f"line {line_of(text, '- language:')}: campaign.themes.1.language: "
    assert f"{where}the sheet's languages are en" in str(caught.value)


def test_what_a_text_must_be_is_told_in_words(write: Write) -> None:
    text = SAMPLE.replace("languages: [en]", "languages: [english]")

    with pytest.raises(BrokenBriefError, match="a language as two lower-case letters"):
        read(write(text))


def test_what_is_missing_is_told_with_the_line_around_it(write: Write) -> None:
    text = SAMPLE.replace("  nicho: slow travel by the sea\n", "")

    with pytest.raises(BrokenBriefError) as caught:
        read(write(text))

    line = line_of(text, "avatar:")
    assert f"line {line}: avatar.nicho: Field required" in str(caught.value)


def test_all_that_is_wrong_is_told_at_once(write: Write) -> None:
    text = SAMPLE.replace("27", "17").replace("cents: 200", "cents: 0")

    with pytest.raises(BrokenBriefError) as caught:
        read(write(text))

    assert str(caught.value).count("line ") == 2


def test_a_key_that_stands_twice_is_refused(write: Write) -> None:
    text = SAMPLE.replace("  bio:", "  nicho: another\n  bio:")

    with pytest.raises(BrokenBriefError) as caught:
        read(write(text))

    assert f"line {line_of(text, 'bio:') - 1}: nicho stands twice" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing but a comment\n",
        "- a\n- list\n",
        "just words",
        "avatar: {",
        "avatar:\n\tname: tab",
        "a: *nobody",
        "avatar: !!python/object/apply:os.system [ls]",
    ],
)
def test_what_is_no_brief_is_refused(text: str, write: Write) -> None:
    with pytest.raises(BrokenBriefError, match=r"line [12]"):
        read(write(text))


def test_a_brief_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BrokenBriefError, match=r"none\.yaml"):
        read(tmp_path / "none.yaml")


def test_a_brief_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "brief.yaml"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(BrokenBriefError, match="cannot be read"):
        read(path)
