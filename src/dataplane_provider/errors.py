"""What goes wrong on the data plane, in one grammar: `<gerund> <id>: <cause>`, then `expected …`, then `hint: …`."""

from dataplane_provider.masking import masked
from provider_wire.verbs import ProviderError


def message(doing: str, cause: str, expected: str = "", hint: str = "") -> str:
    """Put an error text together; `doing` is a gerund and an id, as `publishing pipeline/a`."""
    lines = [f"{doing}: {cause}"]
    if expected:
        lines.append(f"expected {expected}")
    if hint:
        lines.append(f"hint: {hint}")
    return "\n".join(lines)


def unreachable(host: str) -> str:
    """What to do when a host cannot be reached: it may be there and unknown here, or gone with all that was in it."""
    return (
        f"check the network; if {host} was deleted: `pulumi up` makes it again if it is of this stack, and then "
        "`pulumi up --refresh` what was in it; `pulumi state delete` forgets what was in it"
    )


class ServiceFailure(ProviderError):
    """A service refused a request or did not carry it out. `status` is 0 if no answer came.

    Services repeat what they refuse: secrets in `detail` are hidden.
    """

    def __init__(self, doing: str, status: int, code: str, detail: str, hint: str = "") -> None:
        """Keep the parts, so that callers judge by status and code and never by text."""
        detail = masked(detail)
        answered = f"the service answered {status} {code}".rstrip() if status else (code or "no answer came")
        super().__init__(message(doing, f"{answered}: {detail}" if detail else answered, hint=hint))
        self.doing, self.status, self.code, self.detail = doing, status, code, detail

    def with_hint(self, hint: str) -> "ServiceFailure":
        """The same failure with what to do about it."""
        return ServiceFailure(self.doing, self.status, self.code, self.detail, hint)


class NotPropagated(ServiceFailure):
    """A refusal that a fresh role or network rule explains, still there at the deadline."""


class AlreadyExists(ProviderError):
    """Something of that name exists and means something else; the text carries the import command."""


class DataWouldBeLost(ProviderError):
    """A deletion would remove data and was not told to."""
