"""The checks on real data: every fault that is known is found, dirty cells are marked, clean tables stay silent."""

import pytest

from tests.benchmarks.clean_table import N_COLUMNS, clean_findings, clean_table
from tests.benchmarks.planted import planted
from tests.benchmarks.quality_figures import DIRTY, cells_of, strong_columns
from tests.benchmarks.real_sets import SETS, Fault, found_in

# What knows the outcome for certain must block; nothing else may.
BLOCKING = {
    "hotel_bookings": {"reservation_status"},
    "hotel_bookings, decided on arrival": {"reservation_status"},
    "flights": {"arr_delay"},
}
LEAKS = {
    "bank_marketing": {"duration"},
    "lead_scoring": {"Tags"},
    "hotel_bookings": {"reservation_status"},
    "hotel_bookings, decided on arrival": {"reservation_status"},
    "flights": {"arr_delay", "dep_delay"},
}


@pytest.mark.parametrize("name", SETS)
def test_every_fault_known_to_be_in_a_real_set_is_found_and_no_other_column_is_called_a_leak(name: str):
    one = SETS[name]
    if not one.is_here:
        pytest.skip(f"The data set {one.path.name} is not here.")
    found = found_in(one)
    assert [fault.what for fault in one.faults if not fault.is_in(found)] == []
    assert {finding.column for finding in found if finding.severity == "blocking"} == BLOCKING.get(name, set())
    assert {finding.column for finding in found if finding.code == "Q10"} == LEAKS.get(name, set())
    assert all(finding.examples for finding in found if finding.where)


def test_a_fault_that_is_not_there_is_not_found():
    one = SETS["german_credit"]
    assert not Fault("a leak", ("Q10",), "purpose").is_in(found_in(one))


@pytest.mark.parametrize(("name", "found_share", "right_share"), [("hospital", 0.9, 0.98), ("beers", 0.99, 0.99)])
def test_dirty_cells_are_marked_and_clean_ones_are_not(name: str, found_share: float, right_share: float):
    if not DIRTY.exists():
        pytest.skip("The dirty data sets are not here.")
    cells = cells_of(name)
    assert cells.found_share >= found_share
    assert cells.right_share >= right_share


def test_errors_planted_in_a_real_table_are_marked():
    if not SETS["telco_churn"].is_here:
        pytest.skip("The data set of telco_churn is not here.")
    n_wrong, n_marked, n_both = planted("telco_churn", 1)
    assert n_both >= 0.9 * n_wrong
    assert n_both >= 0.98 * n_marked


@pytest.mark.parametrize("seed", range(6))
def test_a_clean_table_of_forty_columns_has_no_finding_above_a_note(seed: int):
    assert len(clean_table(seed, 10).column_names) == N_COLUMNS + 2  # besides the row's number and the outcome
    assert clean_findings(seed) == []


@pytest.mark.parametrize("seed", range(3))
def test_strong_columns_that_are_known_beforehand_are_not_called_leaks(seed: int):
    assert strong_columns(seed) == []
