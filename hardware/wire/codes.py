"""How a code is printed: by the name that its protocol's table gives it, and always with the byte itself."""

from enum import IntEnum


def name_of(codes: type[IntEnum], code: int) -> str:
    """Return ``DENOMINATION[0x76]``, or ``UNKNOWN[0x99]`` for a code that the table does not have. Never raises."""
    try:
        return f"{codes(code).name}[0x{code:02X}]"
    except ValueError:
        return f"UNKNOWN[0x{code:02X}]"
