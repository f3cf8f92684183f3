"""What to say of a running stack: where its things are, and how to go on by hand."""

from dataclasses import dataclass

from tests.stack.stack import Stack

_TOKEN = """sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/'"""
_APPROVED = "review_status=approved"
_JSON = "-H 'Content-Type: application/json'"
_AVATAR = '{"avatar_name": "Sol", "nicho": "city food", "aesthetic": "neon nights"}'


@dataclass(frozen=True, slots=True)
class Owner:
    """The demo's owner, who may also run the platform."""

    email: str
    password: str


def places(stack: Stack, owner: Owner) -> dict[str, str]:
    """Return where everything is."""
    folder = stack.options.folder
    found = {
        "API": stack.api,
        "contract": f"{stack.api}/openapi.json",
        "owner": f"{owner.email}, password {owner.password}",
        "database": stack.database_url,
        "AWS endpoint": stack.aws.endpoint,
    }
    if stack.stand_ins:
        found["stand-ins"] = stack.stand_ins.control
    return found | {
        "mail": str(folder / "mail"),
        "logs": str(folder / "logs"),
        "all of it": str(folder / "stack.json"),
    }


def commands(stack: Stack, owner: Owner) -> dict[str, str]:
    """Return three commands that work as they stand, in this order."""
    login = f"username={owner.email}&password={owner.password}"
    token = f"curl -s {stack.api}/api/v1/auth/token -d '{login}' | {_TOKEN}"
    signed = 'curl -s -H "Authorization: Bearer $TOKEN"'
    create = f"{stack.api}/api/v1/avatars/create"
    return {
        "sign in": f"TOKEN=$({token})",
        "see what is approved": f"{signed} '{stack.api}/api/v1/pieces?{_APPROVED}'",
        "make another avatar": f"{signed} {create} {_JSON} -d '{_AVATAR}'",
    }
