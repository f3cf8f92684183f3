"""Accounts, as the platform's staff sees and changes them."""

from datetime import datetime

from vixenbliss.models.users import PlatformRole
from vixenbliss.schemas.base import UNSENT, Flag, Input
from vixenbliss.schemas.users import UserRead


class UserAccountRead(UserRead):
    """An account."""

    platform_role: PlatformRole
    email_verified_at: datetime | None
    erased_at: datetime | None


class UserAccountUpdate(Input):
    """What an administrator wants to be different."""

    is_active: Flag = UNSENT
    platform_role: PlatformRole = UNSENT
