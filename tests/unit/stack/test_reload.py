"""Whom a change concerns."""

from pathlib import Path

import pytest

from tests.stack import reload

_FOLDERS = {
    "Avatars": Path("/p/functions/api/avatars"),
    "Sheets": Path("/p/functions/api/avatar_sheets"),
    "Twin": Path("/p/functions/api/avatars"),
}


@pytest.mark.parametrize(
    ("changed", "functions"),
    [
        (["/p/functions/api/avatars/app.py"], ["Avatars", "Twin"]),
        (["/p/functions/api/avatar_sheets/app.py"], ["Sheets"]),
        (["/p/shared/words.py"], None),
        (["/p/functions/api/avatars/app.py", "/p/shared/words.py"], None),
    ],
)
def test_a_change_concerns_its_function_or_all(
    changed: list[str], functions: list[str] | None
) -> None:
    concerned = reload.affected(set(map(Path, changed)), _FOLDERS)

    assert concerned == functions
