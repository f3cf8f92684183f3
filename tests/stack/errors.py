"""What can go wrong in the local stack.

StackError                  one sentence for a person
├── TemplateError           template.yaml says something we do not understand
├── UnknownNameError        a caller named what the template does not have
├── WrongPortError          PORT is no port
├── PortTakenError          somebody else answers there
├── LocalFolderInUseError   another stack of this checkout runs
├── ChildEndedError         a process we stand on ended by itself
├── DataFolderInUseError    another Postgres runs in the same folder
├── StageError              a stage of the start failed: migration, provider stand-ins
└── InvocationError         a function failed, with Lambda's words
    └── RequestTooLargeError    the payload never reached the function
"""

from pathlib import Path

from tests.stack.wire import JsonObject


class StackError(Exception):
    """The stack cannot do what it was asked; the text is one sentence for a person."""


class TemplateError(StackError):
    """The template says something the stack does not understand."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"template.yaml, {place}: {reason}")


class UnknownNameError(StackError):
    """A caller named something that the template does not have."""

    def __init__(self, name: str, kind: str) -> None:
        super().__init__(f"The template has no {kind} called {name}.")


class WrongPortError(StackError):
    """The wish for a port cannot be met anywhere."""

    def __init__(self, wished: str) -> None:
        super().__init__(f"PORT={wished} is no port; take a number from 0 to 65535.")


class PortTakenError(StackError):
    """Somebody else listens where the API should."""

    def __init__(self, port: int) -> None:
        super().__init__(f"Port {port} is already in use; choose another with PORT=...")


class LocalFolderInUseError(StackError):
    """Another stack keeps its logs, journals and data where this one would."""

    def __init__(self, folder: Path, pid: str) -> None:
        super().__init__(
            f"Another stack (process {pid}) runs in {folder}; stop it first."
        )


class ChildEndedError(StackError):
    """A process the stack stands on ended by itself."""

    def __init__(self, name: str, log: Path) -> None:
        super().__init__(f"{name} ended too early; see {log}.")


class DataFolderInUseError(StackError):
    """A running Postgres owns the data folder."""

    def __init__(self, folder: Path, pid: int) -> None:
        super().__init__(f"{folder} is in use by process {pid}: another stack runs.")


class StageError(StackError):
    """A stage of the start failed."""

    def __init__(self, stage: str, reason: str) -> None:
        super().__init__(f"{stage} failed: {reason}")


class InvocationError(StackError):
    """A function failed; ``payload`` is what Lambda's Invoke would have returned."""

    def __init__(self, error_type: str, payload: JsonObject) -> None:
        super().__init__(f"{error_type}: {payload.get('errorMessage', '')}")
        self.error_type = error_type
        self.payload = payload


class RequestTooLargeError(InvocationError):
    """Lambda refused the request before any function saw it."""

    def __init__(self, size: int, limit: int) -> None:
        message = (
            f"Request must be smaller than {limit} bytes for the"
            f" InvokeFunction operation, not {size}"
        )
        super().__init__("RequestTooLargeException", {"errorMessage": message})
