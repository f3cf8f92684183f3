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
    "a minor": ["child", "teenager", "schoolgirl", "niña", "17-year-old", "12 años"],
}
NEAR_MISSES = [
    "in Essex",
    "a sextant on deck",
    "a kidney bean",
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
A_MINOR = [
    "a child on a swing",
    "children at the beach",
    "she holds two kids",
    "a toddler in the garden",
    "a baby in her arms",
    "portrait of my baby",
    "a baby girl",
    "an underage model",
    "a teen, smiling",
    "teenage dream",
    "a school-girl",
    "school girl outfit",
    "a schoolkid",
    "little girls",
    "a young girl in a field",
    "a high school student",
    "high-schooler look",
    "a kindergartner",
    "an infant's face",
    "lolita fashion",
    "la niña",
    "unas ninas en la playa",
    "una nina en la playa",
    "menor de edad",
    "una adolescente",
    "una colegiala",
    "la quinceañera",
    "estudiante de secundaria",
    "7 years old",
    "17-year-old",
    "17 yrs old",
    "she is 2.5 years old",
    "17yo",
    "16 y.o",
    "15 y/o",
    "seventeen years old",
    "a five-year-old",
    "aged 15",
    "aged nine",
    "age: 16",
    "girl of 15",
    "girl of fifteen who smiles",
    "a woman, 16, at a bar",
    "model (17)",
    "she's 16.",
    "I am 17 years and proud",
    "who just turned 17",
    "she looks 16",
    "sweet sixteen",
    "12 años",
    "Ana, 12 anos, en casa",
    "doce años de edad",
    "una chica de 15 años",
    "chica de quince años",
    "ella tiene 16 años",
    "con 14 añitos",
    "eine 16-jährige Frau",
    "12 Jahre alt",
    "a naked_child",
    "#young_girl",
    "chi\ufe0fld",
    "te\u034fen",
    "sch\u3164ool\uffa0girl",
    "k\U000e0101ids",
    "little\ngirl",
    "\uff54\uff45\uff45\uff4e",
    "t33n",
    "seventeen_years_old",
]
PERHAPS_A_MINOR = [
    "at the children's museum",
    "a kids' menu",
    "a child-friendly hotel",
    "the inner child",
    "mi niño interior",
    "in love with you baby",
    "el museo de los niños",
    "Baby it's cold outside",
    "ooh baby, baby",
    "celebrating 3 years!",
    "hoy 12 años lejos",
    "una historia de 10 años",
    "a man of 10 talents",
    "a six-month-old",
    "her 16th birthday",
    "not for people under 18",
    "in a school uniform",
    "una jovencita",
]
NOBODY_YOUNG = [
    "for 3 years",
    "10 years of travel",
    "3 years ago in Lisbon",
    "in two years",
    "over the last 5 years together",
    "27 years old",
    "twenty-two years old",
    "a 2-year plan",
    "a lighthouse, 1,800 years old",
    "18 years old",
    "a woman of 35",
    "a woman, 2 dogs and a boat",
    "a man of one word",
    "she is 5 minutes away",
    "she's one of a kind",
    "a page of text",
    "hace 3 años",
    "since 2 years",
    "durante 10 años",
    "treinta y dos años",
    "con 10 años de experiencia",
    "una mujer de 28 años",
    "una mujer joven",
    "a young woman",
    "a girl at the bar",
    "a high school teacher",
    "Nina by the sea",
    "baby blue sky",
    "taking baby steps",
    "just kidding",
    "a childish grin",
    "in the old days",
]
REVIEWABLE = {
    "perhaps a minor": ["children's museum", "hey baby", "celebrating 3 years"],
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


@pytest.mark.parametrize("text", A_MINOR, ids=ascii)
def test_nobody_under_eighteen_is_shown(text: str) -> None:
    assert "a minor" in floor.blocked(text)


@pytest.mark.parametrize("text", PERHAPS_A_MINOR, ids=ascii)
def test_a_person_looks_at_what_may_mean_a_minor(text: str) -> None:
    assert floor.blocked(text) == ()
    assert floor.reviewable(text) == ("perhaps a minor",)


@pytest.mark.parametrize("text", NOBODY_YOUNG, ids=ascii)
def test_young_words_without_anybody_young_pass(text: str) -> None:
    assert floor.blocked(text) == ()
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
        "very_nude",
        "n\ufe0fude",
        "n\u034fu\u180bd\u3164e",
        "nu\U000e01efde",
        "lenceria",
    ],
)
def test_words_in_disguise_are_seen_through(text: str) -> None:
    assert floor.blocked(f"a {text} picture") == ("sexual",)


@pytest.mark.parametrize("text", ["an mp3 of the sea", "room 101", "5e4d", "c0ast"])
def test_digits_among_letters_are_no_disguise_by_themselves(text: str) -> None:
    assert floor.blocked(text) == ()


def test_a_workspaces_terms_are_seen_through_a_disguise() -> None:
    assert floor.containing("buy ACM\u0415 now", ["acme"]) == ("acme",)
