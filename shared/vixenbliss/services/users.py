"""Signing up, and who one is."""

from vixenbliss.callers import Caller, Member, Role
from vixenbliss.database import Connection
from vixenbliss.ids import new_id
from vixenbliss.models.users import PlatformRole
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.members import MemberRepository
from vixenbliss.repositories.users import UserRepository
from vixenbliss.repositories.workspaces import WorkspaceRepository
from vixenbliss.schemas.users import UserCreate, UserRead
from vixenbliss.services import passwords

HOME_NAME = "My workspace"


class UserService:
    """The users, each with a workspace of their own."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._users = UserRepository(connection)

    async def sign_up(
        self, wanted: UserCreate, *, platform_role: PlatformRole = PlatformRole.MEMBER
    ) -> UserRead:
        """Make a user and the workspace that they own, or neither.

        Raises:
            UserExistsError: the address is taken.
        """
        user = await self._users.add(
            email=wanted.email,
            hashed_password=await passwords.hashed(wanted.password),
            is_active=wanted.is_active,
            platform_role=platform_role,
        )
        home = Member(user.id, new_id(), Role.OWNER)
        slug = f"ws-{home.workspace_id.hex[-12:]}"
        await WorkspaceRepository(self._connection).add(
            home.workspace_id, name=HOME_NAME, slug=slug
        )
        await MemberRepository(self._connection).add(
            home.workspace_id, user.id, Role.OWNER, is_home=True
        )
        await AuditRepository(self._connection).add(
            home, "workspace.created", ("workspace", home.workspace_id)
        )
        return user

    async def me(self, caller: Caller) -> UserRead:
        """Return the signed-in user.

        Raises:
            UnauthorizedError: the session has ended.
        """
        return await self._users.get(caller)
