"""How a name is spelled in an address."""

import pytest

from vixenbliss.models.academy import Course
from vixenbliss.services.slugs import LONGEST, slug_of, spellings


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Drawing with light", "drawing-with-light"),
        ("  Él Niño & Straße!  ", "el-nino-strasse"),
        ("C++ / C#", "c-c"),
        ("101", "course-101"),
        ("日本語", "course"),
        ("日本語 2", "course-2"),
        ("--", "course"),
        ("ﬁne", "fine"),
        ("x" * 500, "x" * LONGEST),
    ],
)
def test_a_name_is_spelled_in_plain_letters(name: str, slug: str) -> None:
    assert slug_of(name, otherwise="course") == slug


def test_a_long_name_is_not_cut_at_a_hyphen() -> None:
    name = "a" * (LONGEST - 1) + " b"

    assert slug_of(name, otherwise="course") == "a" * (LONGEST - 1)


def test_what_is_taken_is_numbered_and_in_the_end_one_of_a_kind() -> None:
    first, *numbered, last = spellings("light")

    assert [first, *numbered] == ["light", "light-2", "light-3", "light-4", "light-5"]
    assert last.startswith("light-")
    assert last not in spellings("light")
    assert len(last) <= Course.slug.type.length
