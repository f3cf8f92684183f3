"""What a new deployment needs before anybody can use it: somebody."""

from typing import Any

from vixenbliss.database import transaction
from vixenbliss.errors import UserExistsError
from vixenbliss.models.users import PlatformRole
from vixenbliss.repositories.users import UserRepository
from vixenbliss.schemas.users import UserCreate
from vixenbliss.services.users import UserService


async def seed(email: str, password: str) -> dict[str, Any]:
    """Make the first owner, an administrator of the platform.

    For an address that has signed up already only the role is given; its password
    stays.
    """
    wanted = UserCreate(email=email, password=password)
    try:
        async with transaction() as connection:
            user = await UserService(connection).sign_up(
                wanted, platform_role=PlatformRole.ADMIN
            )
    except UserExistsError:
        async with transaction() as connection:
            await UserRepository(connection).promote(wanted.email, PlatformRole.ADMIN)
        return {"email": wanted.email, "created": False}
    return {"email": user.email, "created": True}
