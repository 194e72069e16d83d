"""Both themes can be read, every chart says in words what it shows, and a keyboard reaches every widget."""

import tomllib
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from core.workspace.home import close_all
from pages.shared.journey import STOPS
from tests.browser.conftest import PATIENCE_MS, ROOT, Server, Tab
from tests.pages.model_project import SLUG, project

DESK, PHONE = ({"width": width, "height": 900} for width in (1280, 390))
MOST_PRESSES = 150
THEME = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]

pytestmark = pytest.mark.browser

# What is drawn under a text is the first opaque background above it, with everything half transparent laid over it.
COLOURS = """
const parsed = text => {
    const pen = parsed.pen ??= Object.assign(document.createElement("canvas"), {width: 1, height: 1}).getContext(
        "2d", {willReadFrequently: true})
    pen.clearRect(0, 0, 1, 1)
    pen.fillStyle = "rgba(0, 0, 0, 0)"
    pen.fillStyle = text
    pen.fillRect(0, 0, 1, 1)
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data
    return [r, g, b, a / 255]
}
const over = (top, under) => [0, 1, 2].map(i => top[i] * top[3] + under[i] * (1 - top[3])).concat(1)
const above = element => element.assignedSlot ?? element.parentElement
const ground = element => {
    const layers = []
    for (let one = element; one; one = above(one)) {
        const colour = parsed(getComputedStyle(one).backgroundColor)
        if (colour[3] > 0) layers.push(colour)
        if (colour[3] === 1) break
    }
    return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255, 1])
}
const faded = element => {
    let share = 1
    for (let one = element; one; one = above(one)) share *= Number(getComputedStyle(one).opacity)
    return share
}
const light = colour => {
    const [r, g, b] = colour.map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
const contrast = (ink, under) => {
    const [low, high] = [light(over(ink, under)), light(under)].sort((a, b) => a - b)
    return (high + 0.05) / (low + 0.05)
}
const seen = element => element.getClientRects().length > 0
    && element.checkVisibility({visibilityProperty: true, opacityProperty: true})
"""

# Streamlit writes white on the primary colour and the primary colour on the background: on dark, no colour does both
# at 4.5:1. Light can.
LEAST_OF_GOLD = {"light": 4.5, "dark": 3.8}

FAINT_TEXT = (
    "([gold, leastOfGold]) => {"
    + COLOURS
    + """
    const primary = parsed(gold)
    const same = (one, other) => [0, 1, 2].every(i => one[i] === other[i])
    const off = "[disabled], [aria-disabled=true], [data-disabled=true]"
    const found = []
    for (const element of document.querySelectorAll("[data-testid=stApp] *")) {
        const text = [...element.childNodes].filter(n => n.nodeType === 3).map(n => n.textContent).join("").trim()
        if (!text || element.closest("svg, style, script, canvas") || !seen(element) || element.closest(off)) continue
        const widget = element.closest("[data-testid=stElementContainer]")
        if (element.closest("label") && widget?.querySelector(off)) continue
        const style = getComputedStyle(element), size = parseFloat(style.fontSize)
        const ink = parsed(style.color)
        ink[3] *= faded(element)
        const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 600)
        // The value of a slider stands above its hand, not on it.
        const under = ground(element.closest("[data-testid=stSlider]") ?? element)
        const wanted = large || element.closest("[data-testid=stIconMaterial]") ? 3
            : same(ink, primary) || same(under, primary) ? leastOfGold : 4.5
        const got = contrast(ink, under)
        if (got < wanted) found.push(`${text.slice(0, 40)}: ${got.toFixed(2)}`)
    }
    return found
}"""
)

FAINT_MARKS = (
    "() => {"
    + COLOURS
    + """
    const found = []
    for (const drawn of document.querySelectorAll("[data-testid=stVegaLiteChart] svg")) {
        if (!seen(drawn)) continue
        const under = ground(drawn)
        for (const mark of drawn.querySelectorAll("text, .role-mark path, .role-mark line, .role-mark rect")) {
            const style = getComputedStyle(mark)
            const opaque = ["opacity", "fillOpacity", "strokeOpacity"].every(name => Number(style[name]) > 0.5)
            const inks = [style.fill, style.stroke].map(parsed).filter(ink => ink[3] > 0)
            // Bands and tints are meant to be faint: what they surround is not. A boundary counts as the mark.
            if (mark.closest(".background, .foreground, defs") || !opaque || !inks.length) continue
            const got = Math.max(...inks.map(ink => contrast(ink, under)))
            const wanted = mark.tagName === "text" ? 4.5 : 3
            const name = mark.textContent || mark.parentNode.className.baseVal
            if (got < wanted) found.push(`${mark.tagName} ${name}: ${got.toFixed(2)}`)
        }
    }
    return found
}"""
)

WORDLESS = """() => {
    const seen = element => element.checkVisibility({visibilityProperty: true})
    const charts = [...document.querySelectorAll("[data-testid=stVegaLiteChart]")].filter(seen)
    const images = [...document.querySelectorAll("[data-testid=stApp] img")].filter(seen)
    return [
        ...charts.filter(chart => (chart.getAttribute("aria-label") ?? "").length < 15).map(() => "a chart"),
        ...images.filter(image => !image.hasAttribute("alt")).map(image => image.src),
    ]
}"""

# A widget is named by its key; a chart is one when there is a hand on it to move.
WIDGETS = """page => [...new Set(
    [...document.querySelectorAll("[data-testid=stMain] :is(button, input, textarea, select, [role=slider])")]
        .filter(one => !one.disabled && one.getAttribute("aria-disabled") !== "true" && one.tabIndex !== -1)
        .filter(one => one.checkVisibility({visibilityProperty: true}))
        .map(one => one.closest(`[class*="st-key-${page}-"]`))
        .filter(Boolean)
        .map(one => [...one.classList].find(name => name.startsWith("st-key-")))
)]"""
FOCUSED = """page => {
    const keyed = document.activeElement?.closest(`[class*="st-key-${page}-"]`)
    return keyed ? [...keyed.classList].find(name => name.startsWith("st-key-")) : ""
}"""


@pytest.fixture
def looked_at(browser: Browser, serve: Callable[[], Server]) -> Callable[[str], Tab]:
    """Opens a tab in a theme, on a project that went the whole journey."""
    project("exported")
    close_all()
    server = serve()

    def opened(scheme: str) -> Tab:
        page = browser.new_context(viewport=DESK, color_scheme=scheme).new_page()
        page.set_default_timeout(PATIENCE_MS)
        return Tab(page, server.url)

    return opened


def drawn(tab: Tab, name: str) -> Page:
    """Open a page of the journey and wait until its charts are on it."""
    tab.goto(f"/{name}?project={SLUG}")
    tab.page.get_by_role("heading", level=1).wait_for()
    tab.page.wait_for_function(
        "() => [...document.querySelectorAll('[data-testid=stVegaLiteChart]')]"
        ".every(one => !one.checkVisibility() || one.querySelector('svg.marks'))"
    )
    return tab.page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_can_be_read_and_every_widget_reached_by_keyboard(looked_at, scheme):
    tab, gold = looked_at(scheme), THEME[scheme]["primaryColor"]
    faults = {}
    for stop in STOPS:
        page = drawn(tab, stop.name)
        faults[stop.name] = {
            "too faint": page.evaluate(FAINT_TEXT, [gold, LEAST_OF_GOLD[scheme]]) + page.evaluate(FAINT_MARKS),
            "without words": page.evaluate(WORDLESS),
            "out of Tab's reach": unreached(page, stop.name),
            "pixels too wide for a phone": too_wide(page),
        }
    assert {name: found for name, found in faults.items() if any(found.values())} == {}


def unreached(page: Page, name: str) -> set[str]:
    """The keys of widgets that Tab does not come to; every page has some widget."""
    wanted, reached = set(page.evaluate(WIDGETS, name)), set()
    assert wanted, name
    page.locator("h1").first.click()
    for _ in range(MOST_PRESSES):
        page.keyboard.press("Tab")
        reached.add(page.evaluate(FOCUSED, name))
        if wanted <= reached:
            break
    return wanted - reached


def too_wide(page: Page) -> int:
    """How far the page can be moved sideways on a phone."""
    page.set_viewport_size(PHONE)
    page.wait_for_timeout(500)
    wide = page.get_by_test_id("stMain").evaluate("one => one.scrollWidth - one.clientWidth")
    page.set_viewport_size(DESK)
    return wide
