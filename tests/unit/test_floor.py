"""The words that need no model to be refused or looked at."""

import time

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
    "she is 15 and loves the beach",
    "SHE IS 15 AND HAPPY",
    "he's 14 with freckles",
    "she's fifteen with freckles",
    "she's only 16 in this picture",
    "she's almost 16",
    "she is 6 and loves sand",
    "I'm 14 and a half",
    "who's 15.",
    "she turned sixteen",
    "the model just turned 17",
    "girls who are 15 and 16",
    "girl 15",
    "girl 15 \U0001f334",
    "girl, 15",
    "a girl (16)",
    "a girl of 15",
    "girl of 9.",
    "a girl of fifteen in a red dress",
    "two girls, 15 and 17",
    "my daughter, 12, on the swing",
    "student, sixteen, in class",
    "15 yr girl",
    "17 and a half years old",
    "17\u00bd years old",
    "15.year.old",
    "15\u2011year\u2011old",
    "seventeen - year - old",
    "13-to-17-year-olds",
    "a 15\u201317 year old",
    "15.y.o.",
    "girl aged 12 with a whisky",
    "a 15-year-old dog walker",
    "a 15-year-old cat lover",
    "15-year-old bikes to school",
    "15-year-old blonde with a dog",
    "a 12-year-old with a 12-year-old whisky",
    "the girl with the dog is 15 years old",
    "the girl wearing the boots is 15 years old",
    "a model in sneakers, aged 15 years",
    "they are 16 years old",
    "an adolescent girl at the pool",
    "adolescents",
    "prepubescent girl",
    "pubescent model",
    "10th grader in a swimsuit",
    "a ninth-grader",
    "8th-grade girl",
    "she is a minor",
    "still a minor, she smiles",
    "photo of a minor",
    "a minor who smiles",
    "a minor girl",
    "chica de 15 en la playa",
    "chica de dieciséis con gafas",
    "una modelo de 16 en la playa",
    "joven de 16",
    "una chica de 16 y medio",
    "nina de 10 anos",
    "16-años",
    "apenas 16 años.",
    "15 añera",
    "ella tiene 15 y sonríe",
    "a los 14 años en la playa",
    "edad: 15",
    "un chico de secundaria",
    "una preadolescente",
    "una menor en la playa",
    "15_year_old",
    "\uff11\uff15 years old",
    "f1fteen years old",
    "s3venteen years old",
    "g1rl 15",
    "fift\u0435en years old",
    "she's\u200b 15",
    "she\nis\n15",
    "1\u200b5yo",
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
    "they were four.",
    "they're 15 and counting",
    "my account is 6 years old",
    "our dog is 12 years old",
    "the whisky is 12 years old",
    "la marca cumple 10 años",
    "un perro que tiene 12 años",
    "an El Niño winter",
    "El Niño brings rain",
    "dancing since the age of 5",
    "for ages 3-10",
    "a child at heart",
    "the new kids on the block",
    "a girl, seven, by the sea",
    "Ana, 16, at the beach",
    "Model 15 in navy",
    "una mujer de 10 en la playa",
    "turning 17.",
    "in 10th grade",
    "almost eighteen",
    "younger than 18",
    "she isn't 18",
    "una empresa de 15 años",
    "a band of youngsters",
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
    "Portrait of two women, one in red and one in blue",
    "Look 1: linen suit, city at dusk",
    "Three outfits. Look 3, my favourite!",
    "Look 12: the red dress",
    "Models, two on bikes",
    "15 models, 12 on bikes",
    "tres modelos, dos en la playa",
    "chicas, 10 looks en la calle",
    "model, 3",
    "person (1)",
    "women (12)",
    "woman (£12)",
    "model 3 of the series",
    "the page looks ten.",
    "she looks ten times happier",
    "the shop turned ten.",
    "portrait of a woman, 16:9",
    "a lady, 4:5, studio",
    "a woman, 10:30 in the morning",
    "a woman, 15-35mm lens",
    "a woman, 15\u201335 mm lens",
    "a girl, 16,000 followers",
    "she is 1.75, blonde",
    "he is 10/10",
    "he is 6'2, dark",
    "she is 10 minutes early",
    "she's in her 30s",
    "I'm three coffees in",
    "I'm 5 years into this job",
    "I am 10 years sober",
    "she is 3 years older than me",
    "15 years experience",
    "10-year-old whisky",
    "a 12-year-old single malt whisky, neat",
    "a rum aged 12 years in oak",
    "her 15-year-old leather boots",
    "an 8-year-old rescue dog on the sand",
    "a 15-year-old company is proud",
    "one hundred and five years old",
    "ages 12 and up",
    "a mother of two",
    "I kid you not",
    "kid gloves",
    "a minor detail",
    "a minor in art history",
    "Sonata in A minor",
    "the chord of A minor chimes",
    "Ursa Minor at night",
    "an adolescence in Rome",
    "15th floor",
    "tiene 3 años en el mercado",
    "tengo 10 años viviendo en Lisboa",
    "un ron de 12 años",
    "una mujer de diez",
    "un menor precio",
    "la modelo con 12 looks",
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


@pytest.mark.parametrize(
    "often",
    ["1-1", "1.", "one ", "15 years ", "she is ", "my dog is ", "girl, ", "chica a"],
)
def test_a_text_four_times_as_long_takes_some_four_times_as_long(often: str) -> None:
    """In squares it would take sixteen times as long."""
    text = (often * 20_000)[:20_000]

    assert _reading_s(text) < 10 * _reading_s(text[:5_000])


def _reading_s(text: str) -> float:
    """Return the shortest of three readings' times, of this process alone."""

    def once() -> float:
        start_s = time.thread_time()
        floor.blocked(text)
        floor.reviewable(text)
        return time.thread_time() - start_s

    return min(once() for _ in range(3))


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
