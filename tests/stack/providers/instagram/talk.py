"""Comments: what people and the account itself write below posts."""

from starlette.responses import JSONResponse, Response

from tests.stack.providers.instagram import errors
from tests.stack.providers.instagram.accounts import COMMENTS
from tests.stack.providers.instagram.captions import check_comment, marked
from tests.stack.providers.instagram.engine import Instagram
from tests.stack.providers.instagram.gate import Asked
from tests.stack.providers.instagram.parameters import Below, page, shown
from tests.stack.providers.instagram.posts import Comment, Post
from tests.stack.providers.instagram.publishing import Publishing


class Talk:
    """The calls about comments."""

    def __init__(self, instagram: Instagram, publishing: Publishing) -> None:
        self._instagram = instagram
        self._publishing = publishing

    async def comments(self, asked: Asked) -> Response:
        """Return a page of a post's comments, newest first; replies hang below."""
        asked.need(COMMENTS)
        return self._page(asked, self._publishing.own_post(asked), None)

    async def replies(self, asked: Asked) -> Response:
        """Return a page of a comment's replies."""
        asked.need(COMMENTS)
        comment = self._comment(asked)
        return self._page(asked, comment.post, comment.id)

    async def comment(self, asked: Asked) -> Response:
        """Write below a post of the account."""
        asked.need(COMMENTS)
        return self._write(asked, self._publishing.own_post(asked), None)

    async def reply(self, asked: Asked) -> Response:
        """Write below a comment; a reply to a reply goes below the same comment."""
        asked.need(COMMENTS)
        comment = self._comment(asked)
        return self._write(asked, comment.post, comment.parent_id or comment.id)

    async def one(self, asked: Asked) -> Response:
        """Return a comment."""
        asked.need(COMMENTS)
        comment = self._comment(asked)
        view = comment.view(self._instagram.comments_of(comment.post))
        return JSONResponse(shown(view, asked.given.text("fields"), "IGComment"))

    async def hide(self, asked: Asked) -> Response:
        """Hide a comment, or show it again."""
        asked.need(COMMENTS)
        comment = self._comment(asked)
        asked.given.required("hide")
        comment.hidden = asked.given.flag("hide")
        asked.call.effect()
        return JSONResponse({"success": True})

    async def delete(self, asked: Asked) -> Response:
        """Take a comment away, and what hangs below it."""
        asked.need(COMMENTS)
        comment = self._comment(asked)
        kept = self._instagram.comments
        for one in [*kept.values()]:
            if comment.id in {one.id, one.parent_id}:
                del kept[one.id]
        asked.call.effect()
        return JSONResponse({"success": True})

    def _write(self, asked: Asked, post: Post, parent_id: str | None) -> Response:
        text = asked.given.required("message")
        check_comment(text)
        account = asked.account
        comment = self._instagram.comment(
            post, text, author=(account.id, account.username), parent_id=parent_id
        )
        asked.call.effect(id=comment.id, job=marked(text))
        return JSONResponse({"id": comment.id})

    def _page(self, asked: Asked, post: Post, parent_id: str | None) -> Response:
        everything = self._instagram.comments_of(post)
        views = [
            one.view(everything) for one in everything if one.parent_id == parent_id
        ]
        origin = self._instagram.world.origin
        found = Below("IGComment", views)
        return JSONResponse(page(found, asked.given, asked.call.request, origin))

    def _comment(self, asked: Asked) -> Comment:
        """Return the comment the path names, below a post of the account."""
        its_id = asked.call.request.path_params["comment_id"]
        comment = self._instagram.comments.get(its_id)
        if comment is None or comment.post.account is not asked.account:
            raise errors.NO_SUCH_OBJECT.error()
        asked.call.about["id"] = comment.id
        return comment
