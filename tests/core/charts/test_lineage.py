"""The picture of where columns come from."""

import re

import pytest
import vl_convert

from core import charts
from core.charts.lineage import MOST_SHOWN, column_lineage, column_path, lineage, path_in_words
from core.prepare import ColumnEdge

EDGES = (
    ColumnEdge("customers", "id", "adults", "id"),
    ColumnEdge("customers", "income", "adults", "income"),
    ColumnEdge("adults", "id", "decisions", "id"),
    ColumnEdge("adults", "income", "decisions", "monthly"),
    ColumnEdge("weather", "temp", "decisions", "odd"),
    ColumnEdge("adults", "income", "decisions", "odd"),
)
ODD = ("decisions", "odd")
TABLES = (("customers", "adults"), ("adults", "decisions"), ("weather", "decisions"))


def drawn(chart, width=700, dark=False):
    return vl_convert.vegalite_to_svg({**chart.properties(width=width).to_dict(), "config": charts.paper(dark)})


def names(svg):
    return re.findall(r"<text[^>]*>([^<]+)</text>", svg)


def wide(n):
    steps = [ColumnEdge("raw", f"column_{number}", "last", f"column_{number}") for number in range(n)]
    return (*steps, ColumnEdge("raw", "column_3", "last", "made"))


def test_the_path_of_a_column_is_all_that_leads_to_it_and_on_from_it():
    assert column_path(EDGES, ODD) == (EDGES[1], EDGES[4], EDGES[5])
    assert column_path(EDGES, ("customers", "income")) == (EDGES[1], EDGES[3], EDGES[5])
    assert column_path(EDGES, ("decisions", "id")) == (EDGES[0], EDGES[2])
    assert column_path(EDGES, ("decisions", "none")) == ()


def test_a_circle_of_edges_ends():
    assert len(column_path((*EDGES, ColumnEdge("decisions", "odd", "adults", "income")), ODD)) == 5


def test_the_words_name_every_source_of_every_column_on_the_way():
    said = path_in_words(EDGES, ODD)
    assert said == "decisions.odd is made from weather.temp, adults.income; adults.income is made from customers.income"
    assert path_in_words(EDGES, ("decisions", "none")) == "decisions.none is made from no column"


def test_every_table_step_and_column_is_written_once():
    written = names(drawn(column_lineage(EDGES)))
    assert sorted(written) == sorted(
        ["customers", "id", "income", "adults", "id", "income", "weather", "temp", "decisions", "id", "monthly", "odd"]
    )


def test_the_chosen_path_is_told_from_the_rest_by_weight_as_well_as_colour():
    svg = drawn(column_lineage(EDGES, ODD))
    bold = re.findall(r'<text[^>]*font-size="11px"[^>]*font-weight="bold"[^>]*>([^<]+)<', svg)
    assert sorted(bold) == ["income", "income", "odd", "temp"]


def test_thirty_columns_stand_apart_in_lines_of_their_own():
    spec = column_lineage(wide(30)).to_dict()
    rows = next(data for data in spec["datasets"].values() if "start" in data[0])
    last = sorted(row["y"] for row in rows if row["relation"] == "last")
    assert len(last) == 31
    assert min(after - before for before, after in zip(last, last[1:], strict=False)) >= 15
    assert spec["height"] < 700


def test_too_many_columns_are_counted_rather_than_drawn_and_one_path_among_them_stands_alone():
    written = names(drawn(column_lineage(wide(100))))
    assert len(written) == 2 + 2 * (MOST_SHOWN + 1)
    assert f"and {100 - MOST_SHOWN} more" in written
    assert sorted(names(drawn(column_lineage(wide(100), ("last", "made"))))) == ["column_3", "last", "made", "raw"]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [300, 900])
def test_nothing_is_black_and_names_are_cut_to_their_box_on_a_phone(dark, width):
    long = (ColumnEdge("a" * 60, "b" * 60, "c" * 60, "d" * 60),)
    for chart in (column_lineage(EDGES, ODD), lineage(TABLES), column_lineage(long), lineage((("a" * 60, "c" * 60),))):
        svg = drawn(chart, width, dark)
        for black in ('"black"', '"#000"', '"#000000"'):
            assert f"fill={black}" not in svg
            assert f"stroke={black}" not in svg
        assert max(map(len, names(svg))) <= width / 12


def test_tables_are_left_of_what_reads_them():
    spec = lineage(TABLES).to_dict()
    boxes = next(data for data in spec["datasets"].values() if "kind" in data[0])
    place = {box["name"]: box["middle"] for box in boxes}
    assert place == {"customers": 0, "adults": 1, "weather": 1, "decisions": 2}
