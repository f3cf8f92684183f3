"""The payer's pages in a browser: one to pay at, one to end a membership."""

from html import escape
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.stack.providers.stripe.errors import StripeError
from tests.stack.providers.stripe.house import PAGES, House
from tests.stack.providers.stripe.money import shown

type Json = dict[str, Any]

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<h1>{title}</h1><p>A stand-in: no money moves here.</p>{body}</html>"""
_BUTTON = '<button name="outcome" value="{value}">{label}</button>'
_PLACE = "{CHECKOUT_SESSION_ID}"


class Pages:
    """What a payer sees."""

    def __init__(self, house: House) -> None:
        self._house = house

    def routes(self) -> list[Route]:
        """Return the pages, each with its path."""
        table = [
            ("GET", "pay", self.checkout),
            ("POST", "pay", self.pay),
            ("GET", "portal", self.portal),
            ("POST", "portal", self.manage),
        ]
        return [
            Route(f"{PAGES}/{path}/{{id}}", endpoint, methods=[method])
            for method, path, endpoint in table
        ]

    async def checkout(self, request: Request) -> Response:
        """Show what is sold, and for how much."""
        try:
            session = self._house.engine.sessions.open(request.path_params["id"])
        except StripeError as refusal:
            return _refused(refusal)
        return _page("Checkout", self._goods(session) + _form("paid", "declined"))

    async def pay(self, request: Request) -> Response:
        """Pay, or try to, and go where the session says."""
        id_ = request.path_params["id"]
        form = parse_qs((await request.body()).decode())
        outcome = form.get("outcome", ["paid"])[0]
        is_good = outcome != "declined"
        try:
            session = self._house.engine.pay(id_, "paid" if is_good else "declined")
        except StripeError as refusal:
            return _refused(refusal)
        self._house.send()
        if not is_good:
            again = "<p>Your card was declined.</p>" + _form("paid", "declined")
            return _page("Checkout", self._goods(session) + again)
        return _gone(session["success_url"].replace(_PLACE, id_))

    async def portal(self, request: Request) -> Response:
        """Show a customer's memberships, each with what can be done about it."""
        session = self._house.engine.books.find(request.path_params["id"])
        if session is None:
            return _page("Nobody is here", "", HTTPStatus.NOT_FOUND)
        books = self._house.engine.books
        found = books.of("subscription", "customer", session["customer"])
        rows = "".join(_membership(each) for each in found)
        back = escape(session["return_url"] or "")
        return _page("Memberships", f'{rows}<p><a href="{back}">Back</a></p>')

    async def manage(self, request: Request) -> Response:
        """End a membership with its period, or let it go on after all."""
        engine = self._house.engine
        session = engine.books.find(request.path_params["id"])
        form = parse_qs((await request.body()).decode())
        subscription = form.get("subscription", [""])[0]
        ends = form.get("outcome", ["cancel"])[0] == "cancel"
        if session is None:
            return _page("Nobody is here", "", HTTPStatus.NOT_FOUND)
        try:
            engine.call("subscriptions.update", subscription, cancel_at_period_end=ends)
        except StripeError as refusal:
            return _refused(refusal)
        self._house.send()
        return _gone(session["return_url"] or request.url.path)

    def _goods(self, session: Json) -> str:
        lines = self._house.engine.books.lines[session["id"]]
        rows = "".join(
            f"<li>{line['quantity']} x {escape(line['description'])}: "
            f"{shown(line['amount_total'], line['currency'])}</li>"
            for line in lines
        )
        due = shown(session["amount_total"], session["currency"])
        return f"<ul>{rows}</ul><p>Due today: <strong>{due}</strong></p>"


def _membership(subscription: Json) -> str:
    price = subscription["items"]["data"][0]["price"]
    cost = shown(price["unit_amount"] or 0, price["currency"])
    ends = subscription["cancel_at_period_end"]
    value, label = ("resume", "Keep") if ends else ("cancel", "Cancel")
    button = _BUTTON.format(value=value, label=label)
    return (
        f"<p>{escape(subscription['status'])}: {cost} / "
        f"{price['recurring']['interval']}</p>"
        f'<form method="post"><input type="hidden" name="subscription" '
        f'value="{subscription["id"]}">{button}</form>'
    )


def _form(*outcomes: str) -> str:
    labels = {"paid": "Pay", "declined": "Pay with a card without money"}
    buttons = "".join(
        _BUTTON.format(value=value, label=labels[value]) for value in outcomes
    )
    return f'<form method="post">{buttons}</form>'


def _page(title: str, body: str, status: int = HTTPStatus.OK) -> Response:
    return HTMLResponse(_PAGE.format(title=title, body=body), status)


def _refused(refusal: StripeError) -> Response:
    return _page("Nothing to pay", f"<p>{escape(str(refusal))}</p>", refusal.status)


def _gone(to: str) -> Response:
    return RedirectResponse(to, HTTPStatus.SEE_OTHER)
