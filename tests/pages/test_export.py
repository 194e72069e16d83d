"""Export: what engineering builds."""

import zipfile

from core import flow
from tests.pages.model_project import SLUG, project


def test_without_a_verdict_the_page_leads_to_it(visit, read):
    project("chosen")
    at = visit("export", project=SLUG)
    at.button(key="export.empty").click().run()
    assert read(at).words.startswith("Go, no-go or not yet?")


def test_the_bundle_is_built_and_verified_in_one_click(visit, read, done):
    here = project("judged")
    at = visit("export", project=SLUG)
    assert at.multiselect(key="export.masked").value == ["case_no"]
    at.button(key="export.build").click().run()
    done(here, "export")
    at.run()
    assert not at.exception
    assert read(at).metrics["It proves itself"] == "Verified"
    assert flow.bundle(here).report.ok


def test_the_page_lists_what_is_in_the_zip(visit, read):
    here = project("exported")
    at = visit("export", project=SLUG)
    view = flow.bundle(here)
    with zipfile.ZipFile(view.path) as packed:
        names = [name.split("/", 1)[1] for name in packed.namelist() if not name.endswith("/")]
    listed = set(at.dataframe[0].value["File"])
    assert listed == set(view.files)
    assert listed == set(names)
    assert read(at).metrics["Files"] == str(len(names))
    assert read(at).metrics["Manifest digest"] == view.manifest_sha256[:12]
    for layer in view.report.layers:
        assert layer.name.capitalize() in read(at).words
    assert at.download_button(key="export.download").label == "Download the bundle"


def test_the_page_says_what_leaves_the_house(visit, read):
    here = project("exported")
    at = visit("export", project=SLUG)
    assert f"{flow.bundle(here).leaves['decision_rows']} decision rows" in read(at).words
    assert "Masked: case_no" in read(at).words


def test_the_journey_can_be_taken_away_as_one_file(visit):
    here = project("judged")
    at = visit("export", project=SLUG)
    assert at.download_button(key="export.poc").label == "Download poc.yaml"
    assert "Offer to rebook this passenger?" in flow.poc_yaml(here)
