"""The words that need no model to be refused or looked at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vixenbliss.services import floor

BLOCKED = {
    "sexual": ["nude", "Explicit", "porn", "nsfw", "lingerie", "desnuda", "lencería"],
    "graphic violence": ["gore", "beheading", "mutilated", "torture", "decapitado"],
    "hate": ["nazi", "Nazis", "white power", "ethnic cleansing", "limpieza étnica"],
    "self-harm": ["suicide", "suicidal", "self-harm", "self harming", "autolesión"],
    "illicit": ["cocaine", "meth", "heroin", "pipe bomb", "cocaína"],
    "evasion": ["shadowban", "shadow banned", "ban evasion", "undetectable AI"],
    "a minor": [
        "child",
        "children",
        "kids",
        "baby",
        "underage",
        "teen",
        "teenager",
        "schoolgirl",
        "little girls",
        "niña",
        "menor de edad",
        "adolescente",
        "7 years old",
        "17-year-old",
        "17yo",
        "16 y.o",
        "12 años",
        "0 years",
    ],
}
NEAR_MISSES = [
    "in Essex",
    "a sextant on deck",
    "a kidney bean",
    "a childish grin",  # whole words only
    "baby blue sky",
    "taking baby steps",
    "a methodical walk",
    "a heroine of her own",
    "27 years old",
    "18 years old",
    "a 117 years old lighthouse",
    "70 years of history",
    "1,800 years",
    "the torte was good",
    "a goreng stall",
    "a band evasive of labels",
    "a nudge in the ribs",
]
REVIEWABLE = {
    "medical claim": ["it cures colds", "prescribed by", "lose 5 kg", "adelgaza"],
    "financial claim": ["guaranteed returns", "get rich", "risk-free", "invest now"],
    "political claim": ["vote for her", "the election", "elecciones", "Senator"],
    "real person": ["looks like", "in the likeness of", "deepfake", "a celebrity"],
    "claims to be human": ["I am real", "I'm human", "not a robot", "soy humana"],
}


def cases(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(text, reason) for reason, texts in table.items() for text in texts]


@pytest.mark.parametrize(("text", "reason"), cases(BLOCKED))
def test_the_floor_refuses(text: str, reason: str) -> None:
    assert floor.blocked(f"a photo, {text}.") == (reason,)


@pytest.mark.parametrize(("text", "reason"), cases(BLOCKED))
def test_capitals_hide_nothing(text: str, reason: str) -> None:
    assert floor.blocked(text.upper()) == (reason,)


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_the_floor_lets_a_near_miss_pass(text: str) -> None:
    assert floor.blocked(text) == ()


@pytest.mark.parametrize(("text", "reason"), cases(REVIEWABLE))
def test_a_person_looks_at(text: str, reason: str) -> None:
    assert reason in floor.reviewable(f"so {text}!")


@pytest.mark.parametrize(
    "text", ["secures the boat", "a richer light", "elected", "dislikes", "I am here"]
)
def test_nobody_looks_at_a_near_miss(text: str) -> None:
    assert floor.reviewable(text) == ()


def test_a_text_may_have_several_reasons() -> None:
    assert floor.blocked("a nude child with a nazi flag") == (
        "sexual",
        "hate",
        "a minor",
    )


@given(before=st.text(), after=st.text())
def test_no_words_around_it_hide_a_word(before: str, after: str) -> None:
    assert "sexual" in floor.blocked(f"{before} nude {after}")


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    assert set(floor.blocked(text)) <= BLOCKED.keys()
    assert set(floor.reviewable(text)) <= REVIEWABLE.keys()


@pytest.mark.parametrize(
    ("term", "text", "is_there"),
    [
        ("acme", "by ACME, today", True),
        ("acme", "acmes", False),
        ("acme", "ac me", False),
        ("c++", "I like c++ a lot", True),
        (".*", "anything", False),
        ("new york", "in New York.", True),
        ("niño", "un niño", True),
    ],
)
def test_a_term_of_a_workspace_is_found_as_a_whole_word(
    term: str, text: str, *, is_there: bool
) -> None:
    assert bool(floor.containing(text, [term])) is is_there


@given(st.text(min_size=2).filter(str.strip))
def test_any_term_is_found_where_it_stands_alone(term: str) -> None:
    assert floor.containing(f"a {term} b", [term]) == (term,)


@pytest.mark.parametrize(
    "text",
    [
        "nu\u200bde",
        "nu\u00adde",
        "\uff4e\uff55\uff44\uff45",
        "n\u0443d\u0435".replace("\u0443", "u"),
        "p\u043ern",
        "nüde",
        "p0rn",
        "s3x",
        "n4k3d",
    ],
)
def test_words_in_disguise_are_seen_through(text: str) -> None:
    assert floor.blocked(f"a {text} picture") == ("sexual",)


@pytest.mark.parametrize("text", ["an mp3 of the sea", "room 101", "5e4d", "c0ast"])
def test_digits_among_letters_are_no_disguise_by_themselves(text: str) -> None:
    assert floor.blocked(text) == ()


def test_a_workspaces_terms_are_seen_through_a_disguise() -> None:
    assert floor.containing("buy ACM\u0415 now", ["acme"]) == ("acme",)
