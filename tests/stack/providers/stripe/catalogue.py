"""Products and their prices."""

from typing import Any

from tests.stack.providers.stripe.books import Books
from tests.stack.providers.stripe.commands import Asked, Command, merged, retrieval
from tests.stack.providers.stripe.errors import invalid
from tests.stack.providers.stripe.lists import fits, page
from tests.stack.providers.stripe.money import MOST

type Json = dict[str, Any]

_OF_PRODUCTS = (
    "active",
    "description",
    "images",
    "name",
    "shippable",
    "statement_descriptor",
    "tax_code",
    "unit_label",
    "url",
)
_OF_PRICES = (
    "active",
    "currency",
    "custom_unit_amount",
    "lookup_key",
    "nickname",
    "product",
    "recurring",
    "tax_behavior",
    "transfer_lookup_key",
    "unit_amount",
)
_RECURRING = {"interval_count": 1, "meter": None, "trial_period_days": None}


class Catalogue:
    """What is sold."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def commands(self) -> list[Command]:
        """Return the calls about products and prices."""
        books, products, prices = self._books, "/v1/products", "/v1/prices"
        product, price = f"{products}/{{id}}", f"{prices}/{{id}}"
        return [
            Command(
                "products.create", "POST", products, "ProductCreateParams", self.create
            ),
            retrieval(
                books, "product", "products", "products", "ProductRetrieveParams"
            ),
            Command(
                "products.update", "POST", product, "ProductUpdateParams", self.update
            ),
            Command(
                "prices.create", "POST", prices, "PriceCreateParams", self.create_price
            ),
            retrieval(books, "price", "prices", "prices", "PriceRetrieveParams"),
            Command(
                "prices.update", "POST", price, "PriceUpdateParams", self.update_price
            ),
            Command("prices.list", "GET", prices, "PriceListParams", self.list_prices),
        ]

    def create(self, asked: Asked) -> Json:
        """Know a new product, by an id of ours if there is one."""
        said = asked.only(*_OF_PRODUCTS, "id")
        if self._books.find(said.get("id")):
            raise invalid("Product already exists.", "id", "resource_already_exists")
        product = self._product(metadata=asked.metadata(), **said)
        self._books.tell("product.created", product)
        return product

    def _product(self, **fields: Any) -> Json:
        standard = {"active": True, "type": "service", "updated": self._books.now()}
        return self._books.new("product", **standard | fields)

    def update(self, asked: Asked) -> Json:
        """Change what is named."""
        product = self._books.get("product", asked.id)
        said = asked.only(*_OF_PRODUCTS) | {
            "metadata": asked.metadata(product["metadata"]),
            "updated": self._books.now(),
        }
        self._books.change(product, "product.updated", **said)
        return product

    def create_price(self, asked: Asked) -> Json:
        """Know a new price, whose amount stays for good."""
        said = asked.only(*_OF_PRICES)
        if "product" not in said:
            raise invalid("You must specify product.", "product", "parameter_missing")
        self._books.get("product", said["product"], param="product")
        self._free_lookup_key(said, takes=said.pop("transfer_lookup_key", False))
        price = self.price(metadata=asked.metadata(), **said)
        self._books.tell("price.created", price)
        return price

    def price(self, **fields: Any) -> Json:
        """Return a new price, listed or for one session."""
        amount = fields.get("unit_amount")
        if amount is None and "custom_unit_amount" not in fields:
            raise invalid(
                "You must specify unit_amount.", "unit_amount", "parameter_missing"
            )
        if amount is not None and not 0 <= amount <= MOST:
            raise invalid("Invalid amount.", "unit_amount", "invalid_integer")
        recurring = fields.pop("recurring", None)
        standard = {
            "active": True,
            "billing_scheme": "per_unit",
            "tax_behavior": "unspecified",
            "type": "recurring" if recurring else "one_time",
            "recurring": recurring
            and {"usage_type": "licensed", **_RECURRING, **recurring},
            "unit_amount_decimal": None if amount is None else str(amount),
        }
        return self._books.new("price", **standard | fields)

    def inline(self, data: Json) -> Json:
        """Return the price that a session makes for itself."""
        data = dict(data)
        told = data.pop("product_data", None)
        if (told is None) == ("product" not in data):
            raise invalid("Specify product or product_data.", "line_items")
        if told is not None:
            metadata = merged({}, told.pop("metadata", {}))
            product = self._product(**told, metadata=metadata)
            data["product"] = product["id"]
        self._books.get("product", data["product"], param="line_items")
        return self.price(**data | {"active": False})

    def update_price(self, asked: Asked) -> Json:
        """Change what is named; the amount cannot be."""
        price = self._books.get("price", asked.id)
        said = asked.only(
            "active", "lookup_key", "nickname", "tax_behavior", "transfer_lookup_key"
        )
        takes = said.pop("transfer_lookup_key", False)
        if said.get("lookup_key") != price["lookup_key"]:
            self._free_lookup_key(said, takes=takes)
        said["metadata"] = asked.metadata(price["metadata"])
        self._books.change(price, "price.updated", **said)
        return price

    def list_prices(self, asked: Asked) -> Json:
        """List prices of a product, or by their lookup keys."""
        params = dict(asked.params)
        asked.only("active", "created", "currency", "limit", "lookup_keys", "product",
                   "starting_after", "ending_before", "type")  # fmt: skip
        keys = params.pop("lookup_keys", None)
        found = self._books.all("price")[::-1]
        if keys is not None:
            found = [price for price in found if price["lookup_key"] in keys]
        matching = [price for price in found if fits(price, params)]
        return page(matching, params, "/v1/prices")

    def _free_lookup_key(self, said: Json, *, takes: bool) -> None:
        """Take a lookup key from whoever has it, or refuse it."""
        key = said.get("lookup_key")
        owners = [p for p in self._books.all("price") if key and p["lookup_key"] == key]
        for owner in owners:
            if not takes:
                message = f"A price (`{owner['id']}`) already uses that lookup key."
                raise invalid(message, "lookup_key", "resource_already_exists")
            self._books.change(owner, "price.updated", lookup_key=None)
