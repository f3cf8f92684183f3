"""Words by which the moderation stand-in knows what it must not let pass.

A handful per category, enough to drive the product's policy; not a filter for anyone.
"""

LISTS: dict[str, tuple[str, ...]] = {
    "harassment": ("loser", "pathetic idiot", "worthless", "imbecil", "idiota"),
    "harassment/threatening": ("i will hurt you", "i will find you", "te voy a matar"),
    "hate": ("subhuman", "vermin people", "inferior race", "raza inferior"),
    "hate/threatening": ("exterminate them", "gas them", "exterminarlos"),
    "illicit": ("shoplift", "counterfeit", "launder money", "cocaine", "cocaina"),
    "illicit/violent": ("pipe bomb", "build a bomb", "buy a gun illegally"),
    "self-harm": ("self-harm", "suicide", "suicidio", "cut myself", "cortarme"),
    "self-harm/instructions": ("how to kill myself", "ways to die"),
    "self-harm/intent": ("kill myself", "end my life", "quiero morir"),
    "sexual": (
        "nude",
        "nudes",
        "naked",
        "desnuda",
        "desnudo",
        "explicit",
        "porn",
        "porno",
        "pornographic",
        "topless",
        "erotic",
        "sex",
        "sexual",
        "xxx",
        "hardcore",
    ),
    "sexual/minors": ("lolita", "child porn", "underage sex"),
    "violence": ("gore", "blood", "bloody", "sangre", "murder", "massacre", "stabbing"),
    "violence/graphic": ("gore", "dismembered", "decapitated", "entrails"),
}
CHILDREN = (
    "child",
    "children",
    "minor",
    "underage",
    "schoolgirl",
    "schoolboy",
    "teen",
    "teenager",
    "menor",
    "colegiala",
)
BORDERLINE = ("risqué", "borderline", "lingerie", "sensual", "atrevida")
