import json
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from core import charts
from core.verdict.report import Figure, GateLine, Picture, Report, report_html

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
SHARE = np.linspace(0, 1, 101)
CURVE = pd.DataFrame({"share_acted": SHARE, "value": 1e6 * np.sqrt(SHARE) * (1 - SHARE)})


class Page(HTMLParser):
    """What a browser would see: elements with their attributes, and the text of each kind."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.texts, self.inside = [], {}, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.inside.append(tag)

    def handle_endtag(self, tag):
        if tag in self.inside:
            while self.inside.pop() != tag:
                pass

    def handle_data(self, data):
        if self.inside:
            self.texts.setdefault(self.inside[-1], []).append(data)


def report(**changes):
    points = pd.DataFrame({"name": [EVIL], "share_acted": [1.0], "value": [0.0], "colour": ["today"]})
    curve = charts.movable_value_curve(CURVE, points, "EUR", cut=0.3)
    fields = {
        "project": EVIL,
        "question": f"Rebook? {EVIL}",
        "outcome": "not yet",
        "sentence": "A gate cannot be judged.",
        "figures": (Figure("Net value", "€1.2 M", "€0.9 M to €1.4 M", "against today"), Figure(EVIL, EVIL)),
        "gates": (
            GateLine("Beats today", "pass", EVIL),
            GateLine("Recall", "cannot judge", "Too few rows.", must=False),
        ),
        "pictures": (Picture("Money", curve, "The band is the 90 % interval.", f"Money rises {EVIL}"),),
        "caveats": (EVIL, "Few positives."),
        "signed": ("Ada, yes",),
        "rests_on": (("run", "abc123"),),
        "made_at": "22 Nov 2026, 10:00 UTC",
    }
    return report_html(Report(**{**fields, **changes}))


def test_everything_that_was_typed_is_escaped():
    page = Page(report())
    assert not [attrs for tag, attrs in page.elements if tag == "img"]
    assert [tag for tag, _ in page.elements].count("script") == 3
    assert all(not name.startswith("on") for _, attrs in page.elements for name in attrs)
    assert f"Rebook? {EVIL}" in page.texts["h1"][0]


def test_the_file_asks_nobody_for_anything():
    text = report()
    page = Page(text)
    assert not [attrs for _, attrs in page.elements if {"src", "href"} & set(attrs)]
    [policy] = [attrs["content"] for tag, attrs in page.elements if attrs.get("http-equiv")]
    assert policy.startswith("default-src 'none'")
    assert len(text.encode()) < 2_000_000


def test_the_charts_travel_as_data_that_can_be_read():
    data = Page(report()).texts["script"][1]
    found = json.loads(data)
    assert list(found["specifications"]) == ["chart0"]
    assert found["specifications"]["chart0"]["description"] == f"Money rises {EVIL}"
    assert found["light"]["range"]["category"] != found["dark"]["range"]["category"]


@pytest.mark.parametrize(("outcome", "words"), [("go", "✓ Go"), ("no-go", "✕ No-go"), ("not yet", "? Not yet")])
def test_the_verdict_has_a_word_and_a_mark_besides_its_colour(outcome, words):
    assert words in re.sub(r"\s+", " ", report(outcome=outcome))


def test_what_is_not_there_leaves_no_heading():
    bare = report(pictures=(), caveats=(), signed=(), gates=(), rests_on=(), figures=())
    assert not re.findall("<h2>", bare.split("<main>")[1].split("</main>")[0])


def test_the_same_content_gives_the_same_bytes():
    assert report() == report()
