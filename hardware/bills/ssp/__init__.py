"""SSP and eSSP, the serial protocol of Innovative Technology's validators (NV9, NV200, BV20 ...), host and device side.

Codec, shared by both sides: :mod:`~hardware.bills.ssp.stuffing`, :mod:`~hardware.bills.ssp.frames` (packets),
:mod:`~hardware.bills.ssp.commands`, :mod:`~hardware.bills.ssp.events` (what a poll brings), :mod:`~hardware.bills.ssp.messages`
(set-up and other replies), :mod:`~hardware.bills.ssp.crypto` (key exchange and the AES layer that makes it eSSP).
"""
