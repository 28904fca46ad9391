"""The report as one HTML page that needs nothing else: a matrix of checks and devices, and each check to be opened."""

from html import escape
from typing import Any

MARKS = {"passed": "✓", "failed": "✗", "not run": "–"}
"""What stands in the matrix."""

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #5d6670; --line: #d9dee4; --ground: #f6f7f9; --card: #fff;
  --good: #14733b; --good-bg: #e3f4e9; --bad: #b3261e; --bad-bg: #fbe6e4; --idle: #8a5a00; --idle-bg: #fdf1d8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --soft: #9aa4af; --line: #333a42; --ground: #14171a;
  --card: #1c2025; --good: #6fd196; --good-bg: #173323; --bad: #ff8f86; --bad-bg: #3d1c1a; --idle: #f2c063;
  --idle-bg: #3a2c10; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 32px 24px 80px; max-width: 1180px; font: 15px/1.5 system-ui, sans-serif; color: var(--ink);
  background: var(--ground); }
h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 18px; margin: 40px 0 8px; text-transform: capitalize; }
p.sub { margin: 0; color: var(--soft); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(250px, 1fr)); gap: 12px; margin: 24px 0; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; }
.card h3 { margin: 0; font-size: 16px; } .card p { margin: 2px 0 8px; color: var(--soft); font-size: 13px; }
.bar { display: flex; height: 8px; border-radius: 4px; overflow: hidden; background: var(--line); }
.bar i { display: block; } .bar .passed { background: #2f9e5b; } .bar .failed { background: #d93a30; }
.bar .not-run { background: #e0a030; }
.tally { display: flex; gap: 14px; margin-top: 8px; font-size: 13px; white-space: nowrap; }
.passed { color: var(--good); } .failed { color: var(--bad); } .not-run { color: var(--idle); }
.verdict { display: inline-block; padding: 3px 12px; border-radius: 99px; font-weight: 600; margin: 12px 0 0; }
.verdict.passed { background: var(--good-bg); } .verdict.failed { background: var(--bad-bg); }
.verdict.not-run { background: var(--idle-bg); }
details.check { background: var(--card); border: 1px solid var(--line); border-radius: 8px; margin: 6px 0; }
details.check > summary { cursor: pointer; padding: 9px 14px; display: flex; flex-wrap: wrap; gap: 4px 12px;
  align-items: baseline; list-style: none; }
details.check > summary::-webkit-details-marker { display: none; }
summary .what { flex: 1 1 auto; } summary .marks { display: flex; gap: 4px; flex-wrap: wrap; }
.mark { font-size: 12px; padding: 1px 8px; border-radius: 99px; white-space: nowrap; }
.mark.passed { background: var(--good-bg); } .mark.failed { background: var(--bad-bg); font-weight: 700; }
.mark.not-run { background: var(--idle-bg); }
.inside { border-top: 1px solid var(--line); padding: 10px 14px 14px; }
.demand { color: var(--soft); margin: 0 0 10px; max-width: 90ch; }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
td, th { text-align: left; padding: 4px 10px 4px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 500; } td.time { white-space: nowrap; font-variant-numeric: tabular-nums; }
td.why { max-width: 60ch; overflow-wrap: anywhere; }
pre { font: 12px/1.45 ui-monospace, monospace; background: var(--ground); border: 1px solid var(--line); border-radius: 6px;
  padding: 8px 10px; overflow: auto; max-height: 320px; margin: 6px 0; }
details.said > summary { cursor: pointer; color: var(--soft); }
"""


def page(document: dict[str, Any]) -> str:
    """Return the page for :meth:`hardware.testing.report.Report.document`."""
    checks: list[dict[str, Any]] = document["checks"]
    counts = document["counts"]
    devices = list(dict.fromkeys(check["device"] for check in checks))
    subjects: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for check in checks:
        subjects.setdefault(check["subject"], {}).setdefault(check["sentence"], []).append(check)
    verdict = escape(document["verdict"])
    body = [
        "<h1>Conformance</h1>",
        f'<p class="sub">{escape(document["bench"])} · {escape(document["written"])}</p>',
        f'<span class="verdict {_verdict_class(verdict)}">{verdict}: {_tally_words(counts)}</span>',
        '<div class="cards">',
        *(_card(device, [check for check in checks if check["device"] == device]) for device in devices),
        "</div>",
    ]
    for subject, sentences in subjects.items():
        body.append(f"<h2>{escape(subject)}</h2>")
        body += [_sentence(sentence, cases) for sentence, cases in sentences.items()]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Conformance: {verdict}</title><style>{_STYLE}</style></head>"
        f"<body>{''.join(body)}</body></html>\n"
    )


def _class(result: str) -> str:
    return result.replace(" ", "-")


def _verdict_class(verdict: str) -> str:
    return {"passed": "passed", "failed": "failed"}.get(verdict, "not-run")


def _count(checks: list[dict[str, Any]]) -> dict[str, int]:
    return {result: sum(check["result"] == result for check in checks) for result in MARKS}


def _tally_words(counts: dict[str, int]) -> str:
    return ", ".join(f"{counts[result]} {result}" for result in MARKS)


def _card(device: str, checks: list[dict[str, Any]]) -> str:
    counts, first = _count(checks), checks[0]
    bar = "".join(f'<i class="{_class(result)}" style="flex:{counts[result]}"></i>' for result in MARKS)
    tally = "".join(
        f'<span class="{_class(result)}">{MARKS[result]} {counts[result]} {result}</span>' for result in MARKS if counts[result]
    )
    seconds = sum(check["seconds"] for check in checks)
    real = sum(check["real_seconds"] for check in checks)
    took = f"{seconds:,.0f} s virtual in {real:,.1f} s" if first["clock"] == "virtual" else f"{real:,.0f} s"
    return (
        f'<div class="card"><h3>{escape(device)}</h3>'
        f"<p>{escape(first['protocol'])} · {escape(first['model'])} · {escape(first['link'])} · {took}</p>"
        f'<div class="bar">{bar}</div><div class="tally">{tally}</div>'
        f'<p style="margin-top:8px">{escape(first["confidence"])}</p></div>'
    )


def _sentence(sentence: str, cases: list[dict[str, Any]]) -> str:
    by_device: dict[str, list[dict[str, Any]]] = {}
    for case in cases:
        by_device.setdefault(case["device"], []).append(case)
    marks = "".join(_mark(device, checks) for device, checks in by_device.items())
    opened = " open" if any(case["result"] == "failed" for case in cases) else ""
    rows = "".join(_row(case) for case in cases)
    return (
        f'<details class="check"{opened}><summary><span class="what">{escape(sentence)}</span>'
        f'<span class="marks">{marks}</span></summary><div class="inside"><p class="demand">{_text(cases[0]["demand"])}</p>'
        "<table><tr><th>device</th><th>case</th><th>result</th><th>took</th><th>reason, and what was said last</th></tr>"
        f"{rows}</table></div></details>"
    )


def _text(demand: str) -> str:
    """Return a docstring as HTML: what stands between double backticks is code."""
    return "".join(f"<code>{escape(part)}</code>" if n % 2 else escape(part) for n, part in enumerate(demand.split("``")))


def _mark(device: str, checks: list[dict[str, Any]]) -> str:
    counts = _count(checks)
    worst = "failed" if counts["failed"] else "passed" if counts["passed"] else "not run"
    figure = f" {counts[worst]}/{len(checks)}" if len(checks) > 1 else ""
    return f'<span class="mark {_class(worst)}" title="{_tally_words(counts)}">{MARKS[worst]} {escape(device)}{figure}</span>'


def _row(case: dict[str, Any]) -> str:
    said = ""
    if case["told"] or case["wire"]:
        told, wire = escape("\n".join(case["told"])), escape("\n".join(case["wire"]))
        said = f'<details class="said"><summary>told and wire</summary><pre>{told}</pre><pre>{wire}</pre></details>'
    took = f"{case['seconds']:.1f} s virtual" if case["clock"] == "virtual" else f"{case['real_seconds']:.1f} s"
    return (
        f"<tr><td>{escape(case['device'])}</td><td>{escape(case['case'])}</td>"
        f'<td class="{_class(case["result"])}">{MARKS[case["result"]]} {case["result"]}</td><td class="time">{took}</td>'
        f'<td class="why">{escape(case["reason"])}{said}</td></tr>'
    )
