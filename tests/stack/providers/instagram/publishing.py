"""From a container to a post, and what can be read of both.

"Content publishing", and the references of ``IG User/media``, ``IG Container`` and
``IG Media``. There is no key that makes publishing safe to repeat: the container says
whether it has been published.
"""

from starlette.responses import JSONResponse, Response

from tests.stack.providers.calls import Call
from tests.stack.providers.faults import Action
from tests.stack.providers.instagram import errors
from tests.stack.providers.instagram.accounts import BASIC, PUBLISH, Account
from tests.stack.providers.instagram.containers import Container, Kind, Status
from tests.stack.providers.instagram.creation import Creation, failed
from tests.stack.providers.instagram.engine import Instagram
from tests.stack.providers.instagram.errors import Problem
from tests.stack.providers.instagram.gate import Asked
from tests.stack.providers.instagram.parameters import Below, page, shown
from tests.stack.providers.instagram.posts import Post
from tests.stack.providers.instagram.settings import InstagramSettings, Standing

_STANDINGS = {Standing.RESTRICTED: errors.RESTRICTED, Standing.BLOCKED: errors.BLOCKED}


class Publishing:
    """The calls about containers and posts."""

    def __init__(self, instagram: Instagram) -> None:
        self._instagram = instagram

    async def create(self, asked: Asked) -> Response:
        """Make a container; nobody sees it, so it is no effect."""
        account = self._publisher(asked)
        if self._instagram.containers_today(account) >= account.quotas.containers:
            raise errors.CONTAINERS_USED_UP.error()
        creation = Creation.read(asked.given, self._instagram)
        container = await creation.container(account, self._instagram)
        container = _struck(container, asked.call)
        self._instagram.keep(container)
        asked.call.about |= {"id": container.id, "job": container.job}
        return JSONResponse({"id": container.id})

    async def container(self, asked: Asked) -> Response:
        """Return how far a container is."""
        asked.need(BASIC)
        its_id = asked.call.request.path_params["container_id"]
        container = self._instagram.containers.get(its_id)
        if container is None or container.account is not asked.account:
            raise errors.NO_SUCH_OBJECT.error()
        asked.call.about |= {"id": container.id, "job": container.job}
        view = container.view(self._instagram.now())
        return JSONResponse(shown(view, asked.given.text("fields"), "IGContainer"))

    async def publish(self, asked: Asked) -> Response:
        """Show a container to the world, once."""
        account = self._publisher(asked)
        container = self._instagram.containers.get(asked.given.required("creation_id"))
        if container is None or container.account is not account:
            raise errors.NO_MEDIA.error()
        asked.call.about |= {"id": container.id, "job": container.job}
        problem = self._why_not(container)
        if problem is not None:
            raise problem.error()
        post = self._instagram.publish(container)
        asked.call.effect(id=post.id, job=container.job)
        return JSONResponse({"id": post.id})

    async def post(self, asked: Asked) -> Response:
        """Return a post of the account."""
        asked.need(BASIC)
        post = self.own_post(asked)
        view = post.view(self._instagram.comments_of(post))
        return JSONResponse(shown(view, asked.given.text("fields"), "IGMedia"))

    async def posts(self, asked: Asked) -> Response:
        """Return a page of the account's posts, newest first; stories are not there."""
        asked.need(BASIC)
        views = [
            post.view(self._instagram.comments_of(post))
            for post in self._instagram.posts_of(asked.own())
            if post.container.kind is not Kind.STORY
        ]
        origin = self._instagram.world.origin
        listed = page(Below("IGMedia", views), asked.given, asked.call.request, origin)
        return JSONResponse(listed)

    async def delete(self, asked: Asked) -> Response:
        """Take a post away."""
        asked.need(PUBLISH)
        post = self.own_post(asked)
        if not self._instagram.settings.can_delete:
            raise errors.bad("Unsupported delete request.").error()
        post.deleted_at = self._instagram.now()
        asked.call.effect()
        return JSONResponse({"success": True, "deleted_id": post.id})

    def own_post(self, asked: Asked) -> Post:
        """Return the post the path names, and note it.

        Raises:
            RefusedError: It is not there, or somebody else's.
        """
        post = self._instagram.posts.get(asked.call.request.path_params["media_id"])
        is_own = post is not None and post.account is asked.account
        if post is None or not is_own or post.deleted_at is not None:
            raise errors.NO_SUCH_OBJECT.error()
        asked.call.about |= {"id": post.id, "job": post.container.job}
        return post

    def _publisher(self, asked: Asked) -> Account:
        asked.need(PUBLISH)
        account = asked.own()
        problem = _STANDINGS.get(account.standing)
        if problem is not None:
            raise problem.error()
        return account

    def _why_not(self, container: Container) -> Problem | None:
        """Return why a container is not published, if so; the quota comes last."""
        account = container.account
        if account.standing is Standing.SPAM:
            return errors.SPAM
        if container.kind is Kind.CHILD:
            return errors.bad("A carousel item cannot be published by itself")
        status = container.status(self._instagram.now())
        if status is not Status.FINISHED:
            return _status_problem(status, self._instagram.settings)
        is_used_up = self._instagram.posts_today(account) >= account.quotas.posts
        return errors.POSTS_USED_UP if is_used_up else None


def _status_problem(status: Status, settings: InstagramSettings) -> Problem:
    match status:
        case Status.ERROR:
            return errors.CONTAINER_FAILED
        case Status.EXPIRED:
            return errors.CONTAINER_EXPIRED
        case Status.PUBLISHED if settings.published_twice == "not_found":
            return errors.NO_MEDIA
    return errors.NOT_READY


def _struck(container: Container, call: Call) -> Container:
    """Return the container as a scripted fault lets it fare."""
    rule = call.struck_by(Action.FAIL)
    if rule is not None:
        return failed(container, rule.error)
    container.is_stuck = call.struck_by(Action.STUCK) is not None
    return container
