"""/api/v1/avatars and /avatars, entered as Lambda enters them."""

from tests.support.people import Person

LUNA = {"avatar_name": "Luna", "nicho": "travel", "aesthetic": "warm film"}


def test_a_created_avatar_is_told_in_exactly_two_keys(luna: Person) -> None:
    """Acceptance 000: create avatar -> exactly two keys."""
    answer = luna.api("POST", "/api/v1/avatars/create", LUNA)

    body = answer.ok(201)
    assert body.keys() == {"avatar_id", "status"}
    assert body["status"] == "created"
    assert answer.headers["location"] == f"/api/v1/avatars/{body['avatar_id']}"
