"""What every container has imported before anybody asks it for something.

Containers that tests start at one moment are forked from a process that has imported
this module: each is as good as new, for importing reads no environment and opens
nothing, and is there in a hundredth of the time.
"""

import importlib
import pkgutil

import vixenbliss
from tests.support.api import routes

for module in pkgutil.walk_packages(vixenbliss.__path__, "vixenbliss."):
    if not module.name.startswith("vixenbliss.migrations"):
        importlib.import_module(module.name)
routes()
