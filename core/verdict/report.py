"""The report: one HTML file that shows what was found, offline, to somebody who has nothing else."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from importlib.resources import files
from string import Template

import altair as alt
import vl_convert

from core.charts.meaning import paper

MARKS = {
    "pass": ("✓", "passes", "pass"),
    "fail": ("✕", "fails", "fail"),
    "cannot judge": ("?", "cannot be judged", "doubt"),
    "go": ("✓", "Go", "pass"),
    "no-go": ("✕", "No-go", "fail"),
    "not yet": ("?", "Not yet", "doubt"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the answer, all in words: its name, itself, its interval, and what it rests on."""

    label: str
    value: str
    interval: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class GateLine:
    """One gate: ``status`` is "pass", "fail" or "cannot judge"; ``must`` says whether a go needs it."""

    title: str
    status: str
    sentence: str
    must: bool = True


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart with its title, the sentence under it, and what it means for a reader who cannot see it."""

    title: str
    chart: alt.TopLevelMixin
    caption: str
    alt: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says; every text is plain and is escaped where it is written.

    Attributes
    ----------
    question : the decision, as a question. project : its name.
    outcome : "go", "no-go" or "not yet". sentence : why.
    figures : the answer in numbers, the largest first.
    gates : every gate with its evidence.
    pictures : charts over aggregates; a chart over raw rows does not belong here.
    caveats : what to keep in mind, a sentence each.
    signed : who signed what and when, a line each.
    rests_on : (what, which): run, split, rows, digests.
    made_at : when, with its zone.
    """

    project: str
    question: str
    outcome: str
    sentence: str
    figures: Sequence[Figure]
    gates: Sequence[GateLine]
    pictures: Sequence[Picture] = ()
    caveats: Sequence[str] = ()
    signed: Sequence[str] = ()
    rests_on: Sequence[tuple[str, str]] = field(default_factory=tuple)
    made_at: str = ""


def report_html(report: Report) -> str:
    """The report as one HTML file of about 1 MB that loads nothing from anywhere.

    The charts' runtime is inline, and a content security policy forbids every request.
    """
    specifications = {f"chart{i}": specification(picture) for i, picture in enumerate(report.pictures)}
    charts = {"specifications": specifications, "light": paper(False), "dark": paper(True)}
    page = Template(files("core.verdict").joinpath("report.html").read_text(encoding="utf-8"))
    return page.substitute(
        title=escape(f"{report.question or report.project} – Touchstone"),
        body="\n".join(part for part in sections(report) if part),
        runtime=closed(vl_convert.javascript_bundle()),
        charts=json.dumps(charts, sort_keys=True).replace("<", "\\u003c"),
    )


def closed(script: str) -> str:
    """A script in which nothing reads as the end of its element."""
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def specification(picture: Picture) -> Mapping[str, object]:
    """The chart as Vega-Lite, described for a screen reader."""
    return {**picture.chart.to_dict(), "description": picture.alt}


def sections(report: Report) -> list[str]:
    """The page from top to bottom: question, outcome, figures, pictures, gates, caveats, what it rests on."""
    return [
        f"<h1>{escape(report.question or report.project)}</h1>",
        f'<p class="soft">{escape(report.project)}{" · " + escape(report.made_at) if report.made_at else ""}</p>',
        outcome(report),
        figures(report.figures),
        *(figure(i, picture) for i, picture in enumerate(report.pictures)),
        gates(report.gates),
        listed("What to keep in mind", report.caveats),
        listed("Signed", report.signed),
        rests_on(report.rests_on),
    ]


def outcome(report: Report) -> str:
    """The verdict with its mark and its sentence."""
    mark, word, colour = MARKS[report.outcome]
    return f'<p class="outcome {colour}">{mark} {word}</p>\n<p>{escape(report.sentence)}</p>'


def figures(items: Sequence[Figure]) -> str:
    """The answer in a row of cards."""
    cards = [
        f'<div class="figure"><small>{escape(item.label)}</small><strong>{escape(item.value)}</strong>'
        + "".join(f"<small>{escape(text)}</small>" for text in (item.interval, item.note) if text)
        + "</div>"
        for item in items
    ]
    return f'<div class="figures">{"".join(cards)}</div>' if cards else ""


def figure(number: int, picture: Picture) -> str:
    """One chart with its heading and caption."""
    return (
        f"<h2>{escape(picture.title)}</h2>\n"
        f'<figure><div class="chart" id="chart{number}" role="img" aria-label="{escape(picture.alt)}"></div>'
        f"<figcaption>{escape(picture.caption)}</figcaption></figure>"
    )


def gates(items: Sequence[GateLine]) -> str:
    """The gates as a table, each with a word and a mark beside its colour."""
    rows = []
    for item in items:
        mark, word, colour = MARKS[item.status]
        must = "" if item.must else ' <span class="soft">(for information)</span>'
        cells = (f"{escape(item.title)}{must}", escape(item.sentence))
        rows.append(f'<tr><td class="{colour}">{mark} {word}</td>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>')
    head = "<tr><th>Result</th><th>Gate</th><th>Evidence</th></tr>"
    table = f'<div class="wide"><table><thead>{head}</thead><tbody>{"".join(rows)}</tbody></table></div>'
    return f"<h2>What the verdict rests on</h2>\n{table}" if rows else ""


def listed(title: str, items: Sequence[str]) -> str:
    """A heading and a list, or nothing."""
    return f"<h2>{title}</h2><ul>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ul>" if items else ""


def rests_on(items: Sequence[tuple[str, str]]) -> str:
    """What was used, digests included, so that any figure can be traced."""
    rows = "".join(f"<tr><td>{escape(name)}</td><td><code>{escape(value)}</code></td></tr>" for name, value in items)
    return f'<h2>Where this comes from</h2><div class="wide"><table>{rows}</table></div>' if items else ""
