"""The one logger: JSON lines, facts as keys, nothing personal.

An event is a constant phrase in the past tense: ``log.info("job settled", job_id=...)``
Never a body, a token, a prompt or an address. ``error`` means someone must act,
``warning`` is expected trouble.
"""

from aws_lambda_powertools import Logger

log = Logger(service="vixenbliss", use_rfc3339=True, serialize_stacktrace=False)
