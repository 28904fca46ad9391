"""Headers of ccTalk: what a host asks, in the manual's falling order, and how a code is printed.

Source: the reference on ccTalk where a member has a docstring with its tag; the other names are those of the published generic
specification as implementations quote it [2], there so that a trace can print them.
"""

from enum import IntEnum

REPLY = 0
"""Header of every answer that is neither NAK nor BUSY. ACK is an answer without data."""


class Header(IntEnum):
    """What the header byte says."""

    FACTORY_SETUP = 255
    SIMPLE_POLL = 254
    """Are you there? ACK [2]."""
    ADDRESS_POLL = 253
    """To everybody: each unit says ONE raw byte, its address, after 4 ms times that address [2]."""
    ADDRESS_CLASH = 252
    """To one address: each unit that has it says it as ONE raw byte after a time of its own choice [2]."""
    ADDRESS_CHANGE = 251
    """Data: the new address. ACK [2]."""
    ADDRESS_RANDOM = 250
    """Take an address by chance. ACK [2]."""
    REQUEST_POLLING_PRIORITY = 249
    """Answer: unit, value; unit 2 counts 10 ms [2]."""
    REQUEST_STATUS = 248
    REQUEST_VARIABLE_SET = 247
    REQUEST_MANUFACTURER_ID = 246
    """Answer: ASCII [2]."""
    REQUEST_EQUIPMENT_CATEGORY = 245
    """Answer: ``Coin Acceptor``, ``Payout``, ``Bill Validator`` [2]."""
    REQUEST_PRODUCT_CODE = 244
    """Answer: ASCII [2]."""
    REQUEST_DATABASE_VERSION = 243
    REQUEST_SERIAL_NUMBER = 242
    """Answer: 3 bytes, low byte first [2]."""
    REQUEST_SOFTWARE_REVISION = 241
    """Answer: ASCII [2]."""
    TEST_SOLENOIDS = 240
    """Data: a bit for each [2]."""
    OPERATE_MOTORS = 239
    TEST_OUTPUT_LINES = 238
    READ_INPUT_LINES = 237
    READ_OPTO_STATES = 236
    """Answer: a bit for each light barrier; which is which is the model's business [2]."""
    READ_LAST_CREDIT = 235
    ISSUE_GUARD_CODE = 234
    LATCH_OUTPUT_LINES = 233
    PERFORM_SELF_CHECK = 232
    """Answer: a :class:`~hardware.cctalk.codes.FaultCode`, and for some codes a byte of detail [2]."""
    MODIFY_INHIBIT_STATUS = 231
    """Data: a bit for each coin or bill, number 1 is bit 0 of the first byte. TRAP: 1 = accept, whatever comments say [2]."""
    REQUEST_INHIBIT_STATUS = 230
    READ_BUFFERED_CREDIT = 229
    """Coin acceptor: see :mod:`hardware.cctalk.events` [2]."""
    MODIFY_MASTER_INHIBIT = 228
    """Data: bit 0, 1 = accept [2]."""
    REQUEST_MASTER_INHIBIT = 227
    REQUEST_INSERTION_COUNTER = 226
    REQUEST_ACCEPT_COUNTER = 225
    DISPENSE_COINS = 224
    DISPENSE_CHANGE = 223
    MODIFY_SORTER_OVERRIDE = 222
    REQUEST_SORTER_OVERRIDE = 221
    REQUEST_PAYOUT_HIGH_LOW = 217
    REQUEST_DATA_STORAGE = 216
    READ_DATA_BLOCK = 215
    WRITE_DATA_BLOCK = 214
    REQUEST_OPTION_FLAGS = 213
    REQUEST_COIN_POSITION = 212
    POWER_MANAGEMENT = 211
    MODIFY_SORTER_PATHS = 210
    """Data: coin, path [2]."""
    REQUEST_SORTER_PATHS = 209
    MODIFY_PAYOUT_ABSOLUTE_COUNT = 208
    REQUEST_PAYOUT_ABSOLUTE_COUNT = 207
    EMPTY_PAYOUT = 206
    REQUEST_AUDIT_BLOCK = 205
    METER_CONTROL = 204
    DISPLAY_CONTROL = 203
    TEACH_MODE = 202
    REQUEST_TEACH_STATUS = 201
    UPLOAD_COIN_DATA = 200
    CONFIGURATION_TO_EEPROM = 199
    COUNTERS_TO_EEPROM = 198
    CALCULATE_ROM_CHECKSUM = 197
    REQUEST_CREATION_DATE = 196
    REQUEST_LAST_MODIFICATION_DATE = 195
    REQUEST_REJECT_COUNTER = 194
    REQUEST_FRAUD_COUNTER = 193
    REQUEST_BUILD_CODE = 192
    """Answer: ASCII [2]."""
    KEYPAD_CONTROL = 191
    MODIFY_DEFAULT_SORTER_PATH = 189
    REQUEST_DEFAULT_SORTER_PATH = 188
    MODIFY_PAYOUT_CAPACITY = 187
    REQUEST_PAYOUT_CAPACITY = 186
    MODIFY_COIN_ID = 185
    REQUEST_COIN_ID = 184
    """Data: position. Answer: 6 ASCII, ``JP100A`` [2]."""
    UPLOAD_WINDOW_DATA = 183
    DOWNLOAD_CALIBRATION = 182
    MODIFY_SECURITY_SETTING = 181
    REQUEST_SECURITY_SETTING = 180
    MODIFY_BANK_SELECT = 179
    REQUEST_BANK_SELECT = 178
    HANDHELD_FUNCTION = 177
    REQUEST_ALARM_COUNTER = 176
    MODIFY_PAYOUT_FLOAT = 175
    REQUEST_PAYOUT_FLOAT = 174
    REQUEST_THERMISTOR = 173
    EMERGENCY_STOP = 172
    """Hopper. Answer: coins not paid [U]."""
    REQUEST_HOPPER_COIN = 171
    REQUEST_BASE_YEAR = 170
    REQUEST_ADDRESS_MODE = 169
    REQUEST_HOPPER_DISPENSE_COUNT = 168
    """Answer: coins ever dispensed, 3 bytes low byte first [U]."""
    DISPENSE_HOPPER_COINS = 167
    """Data: security bytes, then the number of coins [1]."""
    REQUEST_HOPPER_STATUS = 166
    """Answer: event counter, coins remaining, last paid, last unpaid [1]."""
    MODIFY_VARIABLE_SET = 165
    ENABLE_HOPPER = 164
    """Data: A5 enables [1]."""
    TEST_HOPPER = 163
    """Answer: bit flags [1]."""
    MODIFY_INHIBIT_AND_OVERRIDE = 162
    PUMP_RNG = 161
    """Data: 8 bytes of chance from the host [U]."""
    REQUEST_CIPHER_KEY = 160
    """Answer: 8 bytes [U]."""
    READ_BUFFERED_BILL_EVENTS = 159
    """Bill validator: see :mod:`hardware.cctalk.events` [2]."""
    MODIFY_BILL_ID = 158
    REQUEST_BILL_ID = 157
    """Data: bill number. Answer: 7 ASCII, ``JP0001A`` [2]."""
    REQUEST_COUNTRY_SCALING = 156
    """Data: 2 ASCII. Answer: scale, 2 bytes low byte first, and decimal places; Japan E8 03 00 [2]."""
    REQUEST_BILL_POSITION = 155
    ROUTE_BILL = 154
    """Data: a :class:`~hardware.cctalk.codes.Route`. ACK, or one byte: 254 escrow empty, 255 failed [2]."""
    MODIFY_BILL_OPERATING_MODE = 153
    """Data: bit 0 stacker, bit 1 escrow [2]."""
    REQUEST_BILL_OPERATING_MODE = 152
    TEST_LAMPS = 151
    REQUEST_BILL_ACCEPT_COUNTER = 150
    REQUEST_BILL_ERROR_COUNTER = 149
    READ_OPTO_VOLTAGES = 148
    PERFORM_STACKER_CYCLE = 147
    """Bill validator [2]."""
    BIDIRECTIONAL_MOTORS = 146
    REQUEST_CURRENCY_REVISION = 145
    """Data: 2 ASCII or none. Answer: ASCII [2]."""
    UPLOAD_BILL_TABLES = 144
    BEGIN_TABLE_UPGRADE = 143
    FINISH_TABLE_UPGRADE = 142
    REQUEST_FIRMWARE_UPGRADE = 141
    UPLOAD_FIRMWARE = 140
    BEGIN_FIRMWARE_UPGRADE = 139
    FINISH_FIRMWARE_UPGRADE = 138
    SWITCH_ENCRYPTION_CODE = 137
    STORE_ENCRYPTION_CODE = 136
    SET_ACCEPT_LIMIT = 135
    DISPENSE_HOPPER_VALUE = 134
    """Hopper of several values [U]."""
    REQUEST_HOPPER_VALUE_STATUS = 133
    """Hopper of several values [U]."""
    EMERGENCY_STOP_VALUE = 132
    REQUEST_HOPPER_COIN_VALUE = 131
    REQUEST_INDEXED_DISPENSE_COUNT = 130
    READ_BARCODE_DATA = 129
    REQUEST_COMMS_REVISION = 4
    """Answer: level, major, minor [2]."""
    CLEAR_COMMS_STATUS = 3
    REQUEST_COMMS_STATUS = 2
    RESET_DEVICE = 1
    """ACK, then the unit starts anew: counter 0, settings gone [2]."""
    NAK = 5
    """In an answer: not done [2]."""
    BUSY = 6
    """In an answer: ask again [2]."""


ANSWERS = frozenset((REPLY, Header.NAK, Header.BUSY))
"""Headers of answers: no device obeys them."""


def name_of(codes: type[IntEnum], code: int) -> str:
    """Return ``ROUTE_BILL[154]``, or ``UNKNOWN[99]`` for a code that the table does not have. Never raises."""
    try:
        return f"{codes(code).name}[{code}]"
    except ValueError:
        return f"UNKNOWN[{code}]"
