"""What clients may choose for a post is what publishers take, field by field."""

from dataclasses import asdict
from typing import get_args, get_type_hints

from vixenbliss.models.posts import Failure
from vixenbliss.providers.publishing import PrivacyLevel, Wishes
from vixenbliss.schemas.posts import ErrorClass, PostSettings
from vixenbliss.services.post_facts import wishes_of


def test_both_choose_among_the_same_with_the_same_defaults() -> None:
    assert PostSettings().model_dump() == asdict(Wishes())


def test_both_know_the_same_words() -> None:
    ours = get_type_hints(PostSettings)

    assert set(get_args(get_args(ours["privacy_level"])[0])) == set(
        get_args(PrivacyLevel.__value__)
    )
    assert ours["mode"] == get_type_hints(Wishes)["mode"]


def test_what_is_to_be_done_is_told_in_the_model_s_words() -> None:
    assert get_args(ErrorClass) == tuple(Failure)


def test_what_was_chosen_is_what_is_taken() -> None:
    chosen = {
        "mode": "upload",
        "privacy_level": "SELF_ONLY",
        "comments": False,
        "duets": True,
        "stitches": True,
        "music": True,
        "branded_content": True,
        "own_brand": True,
        "share_to_feed": False,
        "cover_ms": 1_500,
    }

    taken = wishes_of(PostSettings.model_validate(chosen))

    assert asdict(taken) == chosen
