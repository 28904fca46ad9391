"""The kiosk's books: an append-only journal, double-entry accounts on top of it, and the audit that believes neither.

* ``entry``     what is written, its kinds, and the row that is read back
* ``accounts``  where a yen can be, and the one function for each thing that can happen to it
* ``chain``     the keyed hash that ties each row to all rows before it, and what such a chain can and cannot show
* ``custody``   where the key and the noted end are kept, away from the file
* ``opening``   what is looked at before the first row is written, what is refused, and what is migrated
* ``trouble``   what can be wrong with a journal, in words
* ``schema``    the tables, and the triggers that forbid changing them
* ``journal``   the file itself: one transaction, one sync, one writer
* ``rows``      reading it, a batch at a time
* ``intents``   which announced actions have no recorded result yet
* ``story``     one visit's rows told as one sentence
* ``audit``     everything checked again from the rows alone
* ``report``    what the audit found, for people and for programs

The package knows nothing of devices, sessions or screens.
"""
