"""What SAM makes of a template: CloudFormation, as the transform on AWS would.

Run by path with the interpreter that has ``samtranslator``: reads JSON with the keys
``template`` and ``parameters``, or a list of such, and writes the transformed template,
or a list of such.
"""

import json
import logging
import sys
from typing import Any

from samtranslator.translator.transform import (  # type: ignore[import-not-found]
    transform,
)

_CODE = {"Bucket": "packages", "Key": "package.zip"}
"""Where a deployment would have put code; no role depends on it."""
_STACK = "https://packages.s3.amazonaws.com/stack.yaml"
"""Where a deployment would have put a nested stack."""


_DIGEST = "AutoPublishCodeSha256"


class NoPolicies:
    """AWS's managed policies by their names; SAM needs none, it knows the ARNs."""

    def load(self) -> dict[str, str]:
        """Return the ARNs by name."""
        return {}


def _is_known(digest: Any) -> bool:
    """Tell whether SAM can name a version: by a text, or a parameter that is given."""
    return isinstance(digest, str) or list(digest or ()) == ["Ref"]


def packaged(resource: dict[str, Any]) -> dict[str, Any]:
    """Return a resource with its code where a deployment would have put it."""
    properties = {**resource.get("Properties", {})}
    if not _is_known(properties.get(_DIGEST)):
        properties.pop(_DIGEST, None)  # of code, which is made up here
    moved = dict.fromkeys({"CodeUri", "ContentUri"} & properties.keys(), _CODE)
    nested = dict.fromkeys({"Location"} & properties.keys(), _STACK)
    return {**resource, "Properties": {**properties, **moved, **nested}}


def transformed(asked: dict[str, Any]) -> Any:
    """Return what SAM makes of one template."""
    template = asked["template"]
    template["Resources"] = {
        name: packaged(resource) for name, resource in template["Resources"].items()
    }
    return transform(template, asked["parameters"], NoPolicies())


def main() -> None:
    """Transform, once."""
    logging.disable(logging.WARNING)  # of its own features and metrics, by the hundred
    asked = json.load(sys.stdin)
    many = asked if isinstance(asked, list) else [asked]
    made = [transformed(one) for one in many]
    json.dump(made if isinstance(asked, list) else made[0], sys.stdout)


if __name__ == "__main__":
    main()
