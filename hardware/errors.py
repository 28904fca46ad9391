"""What can go wrong with a device, as one tree.

::

    DeviceError
    +-- SequenceError        a call in the wrong order: ``stack()`` with no note in escrow
    +-- DisabledError        the device is not enabled for this
    +-- BusyError            it is still at the last thing asked
    +-- OverDispenseError    more was asked for than the device has to pay out
    +-- HardwareFault        jammed, no paper, motor stopped: staff must act (see its remedy)
    +-- NotRecordedError     raised by a listener that could not write down what it was told: see the acceptor's contract
    +-- ConfigError          a bench or model file cannot be used; names file, key, found, expected
    +-- TransientError       may work when tried again
        +-- OfflineError     the line is dead or was unplugged, whatever the operating system called it
        +-- DeviceTimeout    the device did not answer in time

Only a ``TransientError`` is retried. What a customer or a device ordinarily does is an event, not an exception.
"""


class DeviceError(Exception):
    """Root of the tree."""


class SequenceError(DeviceError):
    """The caller asked for something that the device's state does not allow (UPOS E_ILLEGAL)."""


class DisabledError(DeviceError):
    """The device is not enabled (UPOS E_DISABLED)."""


class BusyError(DeviceError):
    """The device is still at the last thing asked of it (UPOS E_BUSY)."""


class OverDispenseError(DeviceError):
    """More was asked for than the device has to pay out (UPOS EOVERDISPENSE)."""


class HardwareFault(DeviceError):
    """The machine is broken or blocked; a person has to act (UPOS E_FAILURE)."""


class NotRecordedError(DeviceError):
    """The listener could not write down what became of money; the device must not hear that it did."""


class ConfigError(DeviceError):
    """A configuration file cannot be used. The text names file, key, what was found and what was expected."""


class TransientError(DeviceError):
    """May work when tried again."""


class OfflineError(TransientError):
    """The line is dead: unplugged, closed at the far end, never there (UPOS E_OFFLINE)."""


class DeviceTimeout(TransientError):
    """No answer within the time the protocol allows (UPOS E_TIMEOUT)."""
