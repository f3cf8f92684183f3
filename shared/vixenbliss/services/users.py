"""Signing up."""

from vixenbliss.callers import Member, Role
from vixenbliss.database import Connection
from vixenbliss.ids import new_id
from vixenbliss.models.letters import LetterKind
from vixenbliss.models.users import PlatformRole
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.members import MemberRepository
from vixenbliss.repositories.users import UserRepository
from vixenbliss.repositories.workspaces import WorkspaceRepository
from vixenbliss.schemas.users import UserCreate, UserRead
from vixenbliss.services import passwords
from vixenbliss.services.letters import write_letter

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

        A letter asks them to confirm their address.

        Raises:
            ValidationError: the password is one of those that are tried first.
            UserExistsError: the address is taken.
        """
        passwords.refuse_guessable(
            wanted.password, email=wanted.email, field="password"
        )
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
        await write_letter(
            self._connection,
            LetterKind.VERIFY_EMAIL,
            email=user.email,
            user_id=user.id,
        )
        await AuditRepository(self._connection).add(
            home, "workspace.created", ("workspace", home.workspace_id)
        )
        return user
