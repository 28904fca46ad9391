"""SSP byte stuffing: the start byte 7F is unique on the wire, because every other 7F is sent twice.

A lone 7F therefore begins a packet, wherever it turns up. The CRC is stuffed too: a set-up reply whose CRC holds a 7F was
seen to end ``00 00 7F 7F 2E`` [R].
"""

STX = 0x7F
_LONE = bytes((STX,))
_TWICE = bytes((STX, STX))


def stuff(body: bytes) -> bytes:
    """Return everything that follows the start byte as it goes over the wire: each 7F doubled."""
    return body.replace(_LONE, _TWICE)


def unstuff(body: bytes) -> bytes | None:
    """Return what :func:`stuff` was given, or None when a lone 7F stands in ``body``: another packet begins there."""
    pieces = body.split(_TWICE)
    return None if any(STX in piece for piece in pieces) else _LONE.join(pieces)
