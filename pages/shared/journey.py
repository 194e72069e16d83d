"""The pages in their order: where each lives, what it answers and what will be seen there."""

from dataclasses import dataclass
from typing import Literal

Picture = Literal["form", "table", "flow", "bars", "curve", "check"]


@dataclass(frozen=True, slots=True)
class Stop:
    """One page of the journey.

    Attributes
    ----------
    name : its name in links, keys and ``flow.status``.
    section : its section in the menu.
    title : its name in the menu.
    file : the script, relative to ``app.py``.
    question : what it answers.
    picture : which gray picture shows what will be here.
    """

    name: str
    section: str
    title: str
    file: str
    question: str
    picture: Picture


STOPS = (
    Stop("projects", "Start", "Projects", "pages/start/projects.py", "Which POC are we working on?", "form"),
    Stop("frame", "Plan", "Frame", "pages/plan/frame.py", "What will we decide, and what is it worth?", "form"),
    Stop("load", "Data", "Load", "pages/data/load.py", "Which data do we have, and where is it from?", "table"),
    Stop("prepare", "Data", "Prepare", "pages/data/prepare.py", "How does it become one row per decision?", "flow"),
    Stop("quality", "Data", "Quality", "pages/data/quality.py", "Can we trust it when we decide?", "bars"),
    Stop("train", "Model", "Train", "pages/model/train.py", "Does anything beat today?", "bars"),
    Stop("threshold", "Model", "Threshold", "pages/model/threshold.py", "When do we act?", "curve"),
    Stop("explain", "Model", "Explain", "pages/model/explain.py", "Why does it say that?", "bars"),
    Stop("verdict", "Decide", "Verdict", "pages/decide/verdict.py", "Go, no-go or not yet?", "check"),
    Stop("export", "Decide", "Export", "pages/decide/export.py", "What does engineering build?", "flow"),
    Stop("demo", "Share", "Demo", "pages/share/demo.py", "What is it worth, and how sure are we?", "curve"),
)


def stop(name: str) -> Stop:
    """Return the page of that name."""
    return next(one for one in STOPS if one.name == name)
