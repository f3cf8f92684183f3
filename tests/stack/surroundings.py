"""What a function finds around itself: its program, with Lambda's environment.

Source: Lambda guide, "Defined runtime environment variables".
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.stack.aws import Aws
from tests.stack.intrinsics import Addresses, resolve_text
from tests.stack.options import Credentials, Options
from tests.stack.template import Function
from tests.stack.worker import ON_DEMAND, SNAP_START, Program

_KEPT = ("PATH", "HOME", "LANG", "SSL_CERT_FILE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all functions of a stack have in common."""

    options: Options
    aws: Aws
    addresses: Addresses
    credentials: Credentials
    database_url: str | None
    """At home it wins over what the template says of Postgres."""
    logs: Path

    def program(self, function: Function) -> Program:
        """Return how a function is run.

        Raises:
            TemplateError: a variable points to something that was not created.
        """
        folder = self.folder(function)
        return Program(
            function=function.name,
            arn=self.addresses.attributes[function.name, "Arn"],
            handler=function.handler,
            folder=folder,
            environment={
                **_lambda_environment(function, folder),
                "PYTHONPATH": self._python_path(function),
                **self.aws.environment,
                **self.credentials(function.name),
                **self._variables(function),
                **self.options.environment,
            },
            timeout_s=self.options.timeouts_s.get(function.name, function.timeout_s),
            log=self.logs / f"{function.name}.log",
            python=self.options.python,
            initialization=SNAP_START if function.snap_starts else ON_DEMAND,
        )

    def folder(self, function: Function) -> Path:
        """Return where a function's code is."""
        if self.options.code is not None:
            return self.options.code.folder(function.name)
        return self.options.root / function.code_dir

    def _python_path(self, function: Function) -> str:
        if self.options.code is not None:
            return self.options.code.python_path(function.name)
        return f"{self.folder(function)}{os.pathsep}{self.options.root / 'shared'}"

    def _variables(self, function: Function) -> dict[str, str]:
        variables = {
            name: resolve_text(place, self.addresses)
            for name, place in function.environment.items()
        }
        if self.database_url is not None:
            variables["DATABASE_URL"] = self.database_url
        return variables


def _lambda_environment(function: Function, folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return {
        **kept,
        "TZ": ":UTC",
        "_HANDLER": function.handler,
        "LAMBDA_TASK_ROOT": str(folder),
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{version}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_LOG_FORMAT": function.log_format,
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
    }
