"""What a tablet downloads to score, with an empty cache: the longest bloc, beside a dossier of 60 pages."""

import json

import pytest

from tests.bench.server import HOST, Place, serving
from tests.browser.conftest import patient_context

KB = 1000
LIMIT = 150 * KB


@pytest.mark.slow
def test_scoring_page_and_its_scripts_are_light(browser, database_template, worker, tmp_path):
    place = Place(tmp_path, database_template.clone(f"weight_{worker}"))
    scene = json.loads(place.python("-m", "tests.bench.scene"))
    evaluator = scene["evaluators"][0]
    with serving(place, "demonstration") as served:
        context = patient_context(browser, f"http://{HOST}:{served.port}", service_workers="block")
        context.add_cookies([{"name": "sessionid", "value": evaluator["session"], "domain": HOST, "path": "/"}])
        page = context.new_page()
        finished = []
        page.on("requestfinished", lambda request: finished.append(request))
        page.goto(f"/evaluateur/fiches/{evaluator['sheet']}/")
        page.locator("[data-saving=saved]").wait_for()
        read = [request for request in finished if request.resource_type in ("document", "script", "stylesheet")]
        bodies = {request.url: request.sizes()["responseBodySize"] for request in read}
        pages = page.locator(".dossier-page").count()
        context.close()
    assert pages > 60  # its cover, its contents and its own parts too
    assert {request.resource_type for request in read} == {"document", "script", "stylesheet"}
    assert all(bodies.values())
    assert sum(bodies.values()) <= LIMIT, bodies
