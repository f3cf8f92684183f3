"""How long Amazon may keep us waiting.

botocore would wait for a minute, five times over: longer than any function may run. So
an API function, which has ten seconds, still answers when a service of AWS is silent.
"""

from botocore.config import Config

PATIENCE = Config(connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 2})
"""For every client: a call that hangs has failed after nine seconds at most."""
