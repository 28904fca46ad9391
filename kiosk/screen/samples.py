"""Sample models of every screen, for the gallery and for tests of the look. Numbers are of the never-assigned 0A0-0 blocks."""

from dataclasses import replace

from kiosk.screenmodel import CarrierCard, EntryField, PlanCard, Screen, ScreenModel, Step

_PLAN_NAMES = {
    "ja": ("ライト 1GB", "スタンダード 3GB", "たっぷり 10GB"),
    "en": ("Light 1 GB", "Standard 3 GB", "Plenty 10 GB"),
    "zh-Hans": ("轻量 1GB", "标准 3GB", "畅享 10GB"),
    "zh-Hant": ("輕量 1GB", "標準 3GB", "暢享 10GB"),
    "ko": ("라이트 1GB", "스탠더드 3GB", "넉넉한 10GB"),
    "vi": ("Nhẹ 1 GB", "Tiêu chuẩn 3 GB", "Thoải mái 10 GB"),
    "ne": ("सानो 1 GB", "सामान्य 3 GB", "ठूलो 10 GB"),
    "my": ("အသေး 1 GB", "ပုံမှန် 3 GB", "အကြီး 10 GB"),
    "th": ("เล็ก 1 GB", "มาตรฐาน 3 GB", "จุใจ 10 GB"),
}
_CARRIERS = (CarrierCard("docomo", "NTT docomo"), CarrierCard("softbank", "SoftBank"), CarrierCard("kddi", "KDDI"))
_MASKED = "090-****-4567"
_MASKED_ICCID = "8981 **** **** ***0 0016"
_ALL = (10, 50, 100, 500, 1000, 5000, 10000)
_LONG_NAMES = {
    "ja": "データ 10GB（3か月後の月末まで）",
    "en": "Data 10 GB, to the end of the third month",
    "zh-Hans": "流量 10GB（至三个月后月底）",
    "zh-Hant": "行動上網 10GB（至三個月後月底）",
    "ko": "데이터 10GB(3개월 후 말일까지)",
    "vi": "Dữ liệu 10 GB, đến cuối tháng thứ ba",
    "ne": "डाटा 10 GB, तेस्रो महिनाको अन्त्यसम्म",
    "my": "ဒေတာ 10 GB၊ \u200bတတိယလကုန်အထိ",
    "th": "เน็ต 10 GB \u200bถึงสิ้นเดือน\u200bที่สาม",
}
_BALANCES = {
    "ja": "通話・データ残高 3,000円",
    "en": "Balance 3,000 yen",
    "zh-Hans": "话费余额 3,000日元",
    "zh-Hant": "通話與上網餘額 3,000日圓",
    "ko": "통화·데이터 잔액 3,000엔",
    "vi": "Số dư 3,000 yên",
    "ne": "ब्यालेन्स 3,000 येन",
    "my": "လက်ကျန်ငွေ 3,000 ယန်း",
    "th": "ยอดเงิน 3,000 เยน",
}


_PINS = {
    "ja": "プリペイド番号 3,000円",
    "en": "Prepaid PIN 3,000 yen",
    "zh-Hans": "充值码 3,000日元",
    "zh-Hant": "預付儲值序號 3,000日圓",
    "ko": "선불 번호 3,000엔",
    "vi": "Mã nạp trả trước 3,000 yên",
    "ne": "प्रिपेड नम्बर 3,000 येन",
    "my": "ကြိုတင်ငွေဖြည့်နံပါတ် \u200b3,000 ယန်း",
    "th": "รหัสเติมเงิน 3,000 เยน",
}


def _plans(language: str) -> tuple[PlanCard, ...]:
    light, standard, plenty = _PLAN_NAMES[language]
    taxed = "tax.standard_10_included"
    return (
        PlanCard("light", light, "1", 1000, 1000, "2026-11-28", 7, refund="refund.never", tax=taxed),
        PlanCard(
            "standard",
            standard,
            "3",
            3000,
            3500,
            "2026-12-21",
            30,
            "promotion.renewal_discount",
            "refund.before_commit_only",
            taxed,
        ),
        PlanCard(
            "plenty",
            plenty,
            "10",
            8000,
            8000,
            "2027-01-20",
            60,
            "promotion.first_month_free",
            "refund.window",
            "tax.not_taxed_at_sale",
        ),
    )


def _balance(language: str) -> PlanCard:
    return PlanCard("balance", _BALANCES[language], "", 3000, 3000, "", 60, refund="refund.never", tax="tax.not_taxed_at_sale")


def _pin(language: str) -> PlanCard:
    return PlanCard(
        "pin", _PINS[language], "", 3000, 3000, "2027-05-23", 180, refund="refund.never", tax="tax.exempt", product="PIN"
    )


_ELECTRONIC = "\n".join(f"架空の店 領収書 {line}行目 合計 ¥3,000" for line in range(12))


def _steps(*states: str) -> tuple[Step, ...]:
    names = ("step.payment_taken", "step.contacting_carrier", "step.applying", "step.printing")
    return tuple(Step(name, state) for name, state in zip(names, states, strict=True))


def samples(language: str) -> dict[str, ScreenModel]:
    """Return named models, in the order a customer would meet them, troubles last."""
    plans = _plans(language)
    base = ScreenModel(Screen.ATTRACT, language)
    chosen = replace(base, carrier="NTT docomo", number=_MASKED, plan=plans[1], price_yen=3000, reference="K01-000142")
    phone = replace(base, screen=Screen.IDENTIFY, progress=2, carrier="NTT docomo", buttons=("cancel", "back"))
    cash = replace(
        chosen,
        screen=Screen.CASH,
        progress=4,
        inserted_yen=1000,
        remaining_yen=2000,
        accepted_yen=(1000, 2000),
        buttons=("cancel",),
    )
    processing = replace(chosen, screen=Screen.PROCESSING, progress=4, inserted_yen=3000)
    result = replace(chosen, screen=Screen.RESULT, progress=5, receipt="printing", buttons=("next",))
    returning = replace(base, screen=Screen.RETURNING, reference="K01-000142", buttons=())
    return {
        "01-attract": replace(base, accepted_yen=(1000, 5000, 10000)),
        "01-attract-coins": replace(base, accepted_yen=_ALL),
        "01-attract-notice": replace(base, accepted_yen=(1000, 5000, 10000), notice="notice.printer_trouble"),
        "02-language": replace(base, screen=Screen.LANGUAGE, buttons=("cancel",)),
        "02-language-sheet": replace(cash, choosing_language=True),
        "03-carrier": replace(base, screen=Screen.CARRIER, progress=1, carriers=_CARRIERS, buttons=("cancel", "back")),
        "04-identify-empty": replace(phone, entry=EntryField("phone", "", "___-____-____")),
        "04-identify-part": replace(
            phone,
            entry=EntryField("phone", "0900123", "090-0123-____"),
            notice="notice.note_waits_in_escrow",
            notice_yen=1000,
            escrow_yen=1000,
        ),
        "04-identify-problem": replace(
            phone, entry=EntryField("phone", "0900123456", "090-0123-456_", "problem.phone_too_short")
        ),
        "04-identify-full": replace(
            phone, entry=EntryField("phone", "09001234567", "090-0123-4567", complete=True), buttons=("cancel", "back", "next")
        ),
        "04-identify-iccid": replace(
            phone, entry=EntryField("iccid", "898199000000000", "8981 9900 0000 000_ ____", "problem.iccid_too_short")
        ),
        "05-number-check": replace(
            phone, screen=Screen.NUMBER_CHECK, number="09001234567", buttons=("cancel", "back", "next"), notice=""
        ),
        "05-number-check-iccid": replace(
            phone,
            screen=Screen.NUMBER_CHECK,
            number="89819900000000000016",
            number_kind="iccid",
            buttons=("cancel", "back", "next"),
            notice="notice.not_served_by_carrier",
        ),
        "06-looking-up": replace(chosen, screen=Screen.LOOKING_UP, progress=2, plan=None),
        "07-plan": replace(chosen, screen=Screen.PLAN, progress=3, plans=plans, buttons=("cancel", "back")),
        "07-plan-four": replace(
            chosen,
            screen=Screen.PLAN,
            progress=3,
            number=_MASKED_ICCID,
            plans=(*plans[:2], replace(plans[2], name=_LONG_NAMES[language], price_yen=0), _balance(language)),
            buttons=("cancel", "back"),
        ),
        "07-plan-six": replace(
            chosen,
            screen=Screen.PLAN,
            progress=3,
            plans=plans + tuple(replace(plan, id=plan.id + "2", data_gb="") for plan in plans),
            buttons=("cancel", "back"),
            notice="notice.quote_changed",
        ),
        "08-confirm": replace(chosen, screen=Screen.CONFIRM, progress=3, buttons=("cancel", "back")),
        "08-confirm-pin": replace(chosen, screen=Screen.CONFIRM, progress=3, plan=_pin(language), buttons=("cancel", "back")),
        "08-confirm-agreed": replace(
            chosen, screen=Screen.CONFIRM, progress=3, agreed=True, buttons=("cancel", "back", "next")
        ),
        "08-confirm-iccid": replace(
            chosen,
            screen=Screen.CONFIRM,
            progress=3,
            number=_MASKED_ICCID,
            number_kind="iccid",
            plan=replace(plans[2], name=_LONG_NAMES[language]),
            price_yen=8000,
            buttons=("cancel", "back"),
        ),
        "09-no-printer": replace(chosen, screen=Screen.NO_PRINTER, progress=4, buttons=("cancel", "next")),
        "09-no-printer-pin": replace(chosen, screen=Screen.NO_PRINTER, progress=4, buttons=("cancel",)),
        "10-cash": cash,
        "10-cash-escrow": replace(
            cash, escrow_yen=1000, accepted_yen=(), notice="notice.note_too_large", notice_yen=10000, buttons=("cancel",)
        ),
        "10-cash-paid": replace(cash, inserted_yen=3000, remaining_yen=0, accepted_yen=(), buttons=()),
        "10-cash-coins": replace(
            cash, price_yen=3480, inserted_yen=1600, remaining_yen=1880, accepted_yen=_ALL, gives_change=True
        ),
        "10-cash-no-change": replace(
            cash,
            price_yen=3480,
            remaining_yen=3480,
            inserted_yen=0,
            accepted_yen=(10, 50, 100, 500, 1000),
            gives_change=True,
            notice="notice.no_change",
            notice_yen=10000,
        ),
        "10-cash-change-due": replace(
            cash,
            price_yen=3480,
            inserted_yen=0,
            escrow_yen=5000,
            remaining_yen=3480,
            change_yen=1520,
            accepted_yen=(),
            buttons=(),
        ),
        "11-change": replace(
            chosen, screen=Screen.CHANGE, progress=5, price_yen=3480, inserted_yen=5000, change_yen=1520, change_paid_yen=1000
        ),
        "11-processing": replace(processing, steps=_steps("done", "running", "waiting", "waiting")),
        "11-processing-unknown": replace(processing, steps=_steps("done", "done", "unknown", "failed")),
        "12-result": result,
        "12-result-printed": replace(result, receipt="printed", returned_yen=1000),
        "12-result-change": replace(
            result, receipt="printed", inserted_yen=5000, change_yen=1520, change_paid_yen=1000, owed_yen=520
        ),
        "12-result-electronic": replace(result, receipt="failed", electronic=_ELECTRONIC),
        "12-result-presented": replace(result, receipt="presented"),
        "12-result-taken": replace(result, receipt="taken"),
        "12-result-left": replace(result, receipt="left", electronic=_ELECTRONIC),
        "12-result-pin": replace(result, plan=_pin(language), receipt="printed"),
        "12-result-pin-electronic": replace(result, plan=_pin(language), receipt="unknown", electronic=_ELECTRONIC),
        "13-take-change": replace(
            chosen, screen=Screen.TAKE, receipt="printed", change_yen=1520, change_paid_yen=1520, buttons=("next",)
        ),
        "13-take-all": replace(
            chosen,
            screen=Screen.TAKE,
            receipt="printed",
            returned_yen=1000,
            change_yen=1520,
            change_paid_yen=1520,
            buttons=("next",),
        ),
        "13-take": replace(chosen, screen=Screen.TAKE, progress=5, receipt="printed", buttons=("next",)),
        "13-take-presented": replace(chosen, screen=Screen.TAKE, progress=5, receipt="presented"),
        "13-take-taken": replace(chosen, screen=Screen.TAKE, progress=5, receipt="taken", buttons=("next",)),
        "13-take-left": replace(
            chosen, screen=Screen.TAKE, progress=5, receipt="left", electronic=_ELECTRONIC, buttons=("next",)
        ),
        "13-take-both": replace(chosen, screen=Screen.TAKE, receipt="printing", returned_yen=2000, buttons=("next",)),
        "13-take-nothing": replace(chosen, screen=Screen.TAKE, receipt="none", buttons=("next",)),
        "14-returning": replace(returning, notice="notice.cancelled"),
        "14-returning-owed": replace(returning, returned_yen=1000, owed_yen=2000, receipt="printing", buttons=("next",)),
        "14-returning-electronic": replace(
            returning, returned_yen=1000, owed_yen=2000, receipt="failed", electronic=_ELECTRONIC, buttons=("next",)
        ),
        "14-returning-paid": replace(returning, change_paid_yen=1600, receipt="", buttons=("next",)),
        "15-declined": replace(
            chosen,
            screen=Screen.DECLINED,
            notice="notice.daily_limit",
            returned_yen=1000,
            owed_yen=2000,
            receipt="printed",
            buttons=("next",),
        ),
        "16-unknown": replace(chosen, screen=Screen.UNKNOWN, receipt="printed", buttons=("next",)),
        "16-unknown-electronic": replace(
            chosen, screen=Screen.UNKNOWN, receipt="unknown", electronic=_ELECTRONIC, buttons=("next",)
        ),
        "15-declined-electronic": replace(
            chosen,
            screen=Screen.DECLINED,
            returned_yen=1000,
            owed_yen=2000,
            receipt="failed",
            electronic=_ELECTRONIC,
            buttons=("next",),
        ),
        "17-sorry": replace(chosen, screen=Screen.SORRY, notice="notice.kyc_required", buttons=("next",)),
        "18-out-of-service": replace(base, screen=Screen.OUT_OF_SERVICE, notice="notice.device_trouble"),
        "19-more-time": replace(cash, more_time_s=14),
    }
