"""All that we know of a user, table by table, for themselves.

Each statement names its columns: no hash, no token, nothing of other people's. What is
of a workspace is the workspace's, and is not told here.
"""

from typing import Any

from sqlalchemy import Select, String, bindparam, cast, func, select

from vixenbliss.database import Connection
from vixenbliss.models.academy import Course, CourseRating, Lesson
from vixenbliss.models.api_keys import ApiKey
from vixenbliss.models.catalogue import Benefit, Product
from vixenbliss.models.checkouts import Checkout
from vixenbliss.models.customers import Customer
from vixenbliss.models.data_requests import DataRequest
from vixenbliss.models.grants import Grant
from vixenbliss.models.learning import Enrollment, LessonProgress
from vixenbliss.models.letters import Letter
from vixenbliss.models.notices import Notice
from vixenbliss.models.openings import Opening
from vixenbliss.models.orders import Order, OrderLine
from vixenbliss.models.sessions import UserSession
from vixenbliss.models.subscriptions import Subscription
from vixenbliss.models.todos import Todo
from vixenbliss.models.users import User
from vixenbliss.models.workspaces import Workspace, WorkspaceMember

_me = bindparam("me", type_=User.id.type)
_is_mine = Customer.user_id == _me

_USER = select(
    User.id,
    User.email,
    User.email_verified_at,
    User.is_active,
    User.platform_role,
    User.created_at,
    User.updated_at,
).where(User.id == _me)
_SESSIONS = (
    select(
        UserSession.id,
        UserSession.user_agent,
        cast(func.host(UserSession.ip), String).label("ip"),
        UserSession.created_at,
        UserSession.rotated_at,
        UserSession.expires_at,
        UserSession.revoked_at,
    )
    .where(UserSession.user_id == _me)
    .order_by(UserSession.created_at)
)
_MEMBERSHIPS = (
    select(
        WorkspaceMember.workspace_id,
        Workspace.name.label("workspace_name"),
        WorkspaceMember.role,
        WorkspaceMember.created_at,
    )
    .join(Workspace, Workspace.id == WorkspaceMember.workspace_id)
    .where(WorkspaceMember.user_id == _me)
    .order_by(WorkspaceMember.created_at)
)
_API_KEYS = (
    select(
        ApiKey.id,
        ApiKey.workspace_id,
        ApiKey.name,
        ApiKey.prefix,
        ApiKey.scopes,
        ApiKey.created_at,
        ApiKey.last_used_at,
        ApiKey.revoked_at,
    )
    .where(ApiKey.created_by == _me)
    .order_by(ApiKey.created_at)
)
_ORDERS = (
    select(
        Order.id,
        Order.number,
        Order.reason,
        Order.status,
        func.array(
            select(OrderLine.label)
            .where(OrderLine.order_id == Order.id)
            .order_by(OrderLine.id)
            .scalar_subquery()
        ).label("lines"),
        Order.subtotal_minor,
        Order.discount_minor,
        Order.tax_minor,
        Order.total_minor,
        Order.refunded_minor,
        Order.currency,
        Checkout.message,
        Order.paid_at,
        Order.created_at,
    )
    .join(Customer, Customer.id == Order.customer_id)
    .outerjoin(Checkout, Checkout.id == Order.checkout_id)
    .where(_is_mine)
    .order_by(Order.created_at)
)
_SUBSCRIPTIONS = (
    select(
        Subscription.id,
        Product.name.label("product_name"),
        Subscription.status,
        Subscription.current_period_start,
        Subscription.current_period_end,
        Subscription.cancel_at_period_end,
        Subscription.created_at,
        Subscription.ended_at,
    )
    .join(Customer, Customer.id == Subscription.customer_id)
    .join(Product, Product.id == Subscription.product_id)
    .where(_is_mine)
    .order_by(Subscription.created_at)
)
_GRANTS = (
    select(
        Grant.id,
        Benefit.name.label("benefit_name"),
        Grant.source_type,
        Grant.starts_at,
        Grant.ends_at,
        Grant.revoked_at,
    )
    .join(Customer, Customer.id == Grant.customer_id)
    .join(Benefit, Benefit.id == Grant.benefit_id)
    .where(_is_mine)
    .order_by(Grant.created_at)
)
_OPENINGS = (
    select(Opening.piece_id, Opening.day)
    .where(Opening.user_id == _me)
    .order_by(Opening.day, Opening.piece_id)
)
_ENROLLMENTS = (
    select(
        Enrollment.id,
        Course.slug.label("course"),
        Enrollment.enrolled_at,
        Enrollment.completed_at,
    )
    .join(Course, Course.id == Enrollment.course_id)
    .where(Enrollment.user_id == _me)
    .order_by(Enrollment.enrolled_at)
)
_PROGRESS = (
    select(
        LessonProgress.enrollment_id,
        Lesson.slug.label("class"),
        LessonProgress.position_s,
        LessonProgress.completed_at,
        LessonProgress.updated_at,
    )
    .join(Enrollment, Enrollment.id == LessonProgress.enrollment_id)
    .join(Lesson, Lesson.id == LessonProgress.lesson_id)
    .where(Enrollment.user_id == _me)
    .order_by(LessonProgress.updated_at)
)
_RATINGS = (
    select(
        Course.slug.label("course"),
        CourseRating.rating,
        CourseRating.created_at,
        CourseRating.updated_at,
        CourseRating.deleted_at,
    )
    .join(Course, Course.id == CourseRating.course_id)
    .where(CourseRating.user_id == _me)
    .order_by(CourseRating.created_at)
)
_TODOS = (
    select(Todo.id, Todo.title, Todo.completed, Todo.due_at, Todo.created_at)
    .where(Todo.owner_id == _me)
    .order_by(Todo.id)
)
_NOTICES = (
    select(Notice.id, Notice.kind, Notice.detail, Notice.created_at, Notice.read_at)
    .where(Notice.user_id == _me)
    .order_by(Notice.created_at)
)
_LETTERS = (
    select(Letter.kind, Letter.email, Letter.status, Letter.created_at, Letter.sent_at)
    .where(Letter.user_id == _me)
    .order_by(Letter.created_at)
)
_REQUESTS = (
    select(DataRequest.id, DataRequest.kind, DataRequest.status, DataRequest.created_at)
    .where(DataRequest.user_id == _me)
    .order_by(DataRequest.created_at)
)
_STATEMENTS: dict[str, Select[*tuple[Any, ...]]] = {
    "user": _USER,
    "sessions": _SESSIONS,
    "memberships": _MEMBERSHIPS,
    "api_keys": _API_KEYS,
    "orders": _ORDERS,
    "subscriptions": _SUBSCRIPTIONS,
    "grants": _GRANTS,
    "openings": _OPENINGS,
    "enrollments": _ENROLLMENTS,
    "progress": _PROGRESS,
    "ratings": _RATINGS,
    "todos": _TODOS,
    "notices": _NOTICES,
    "letters": _LETTERS,
    "requests": _REQUESTS,
}


class PersonalDataRepository:
    """What a user may have a copy of."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def gather(self, user_id: int) -> dict[str, list[dict[str, Any]]]:
        """Return the rows that are about a user, by what they are about."""
        return {
            name: [dict(row) for row in await self._connection.all(rows, me=user_id)]
            for name, rows in _STATEMENTS.items()
        }
