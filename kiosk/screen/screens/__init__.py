"""One function for each screen: it draws a model's content into the area that the frame leaves."""

from collections.abc import Callable

from kiosk.screen.chrome import Area
from kiosk.screen.painter import Painter
from kiosk.screen.screens import cash, choosing, confirm, ending, languages, number, processing, trouble, welcome
from kiosk.screenmodel import Screen, ScreenModel

DRAW: dict[Screen, Callable[[Painter, ScreenModel, Area], None]] = {
    Screen.ATTRACT: welcome.attract,
    Screen.LANGUAGE: languages.language,
    Screen.CARRIER: choosing.carrier,
    Screen.IDENTIFY: number.identify,
    Screen.NUMBER_CHECK: number.number_check,
    Screen.LOOKING_UP: processing.looking_up,
    Screen.PLAN: choosing.plan,
    Screen.CONFIRM: confirm.confirm,
    Screen.NO_PRINTER: trouble.no_printer,
    Screen.CASH: cash.cash,
    Screen.PROCESSING: processing.processing,
    Screen.CHANGE: cash.change,
    Screen.RESULT: ending.result,
    Screen.TAKE: ending.take,
    Screen.RETURNING: ending.returning,
    Screen.DECLINED: trouble.declined,
    Screen.UNKNOWN: trouble.unknown,
    Screen.SORRY: trouble.sorry,
    Screen.OUT_OF_SERVICE: welcome.out_of_service,
}
"""Every screen."""
