"""Clients that we did not write drive the endpoint of the uploads: tuspy, tus-js-client; and some that lie."""

import base64
import io
import shutil
import socket
import subprocess
import tarfile

import pytest
from tusclient.client import TusClient

from tests.browser.scene import ask, enter
from tests.browser.site import Site
from tests.browser.uploads.scene import LEA, MEGABYTE, breaking_line, large_pdf, sha256
from tests.databases import ROOT


def tuspy(outgoing, url, content, **options):
    client = TusClient(f"{url}{outgoing.uploads_url}", headers=outgoing.headers)
    told = {"filename": "Léa.pdf", "heading": "2"}
    return client.uploader(file_stream=io.BytesIO(content), metadata=told, retries=20, retry_delay=0, **options)


@pytest.mark.parametrize("checked", [True, False], ids=["with checksums", "without"])
def test_tuspy_sends_a_file_over_a_line_that_breaks(outgoing, site, checked):
    content = large_pdf(5 * MEGABYTE)
    with breaking_line(site, every=400_000, cuts=6) as (url, cuts):
        uploader = tuspy(outgoing, url, content, chunk_size=MEGABYTE, upload_checksum=checked)
        uploader.upload()
    assert len(cuts) == 6
    assert outgoing.settled(1) == [{"heading": 2, "name": "Léa.pdf", "sha256": sha256(content)}]


def test_tuspy_goes_on_with_an_upload_that_it_left(outgoing, site):
    content = large_pdf(2 * MEGABYTE)
    first = tuspy(outgoing, site.url, content, chunk_size=MEGABYTE)
    first.upload_chunk()
    [arriving] = outgoing.uploads()
    assert (arriving["received"], arriving["state"]) == (MEGABYTE, "receiving")
    client = TusClient(f"{site.url}{outgoing.uploads_url}", headers=outgoing.headers)
    client.uploader(file_stream=io.BytesIO(content), url=first.url).upload()
    assert outgoing.settled(1)[0]["sha256"] == sha256(content)


# --- Clients that lie ----------------------------------------------------------------------------------------------


def begin(outgoing, content):
    """Announce a file, and return the path of its upload."""
    uploader = tuspy(outgoing, outgoing.site.url, content)
    uploader.set_url(uploader.create_url())
    return uploader.url.removeprefix(outgoing.site.url)


def say(outgoing, path, body, length):
    """Send a piece that says another length than its own, then close the line. Return the status line, if any."""
    site: Site = outgoing.site
    told = {
        **outgoing.headers,
        "Host": "127.0.0.1",
        "Tus-Resumable": "1.0.0",
        "Content-Type": "application/offset+octet-stream",
        "Upload-Offset": "0",
        "Content-Length": str(length),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    with socket.create_connection(("127.0.0.1", int(site.url.rsplit(":", 1)[1])), timeout=30) as line:
        line.sendall(f"PATCH {path} HTTP/1.1\r\n{lines}\r\n".encode() + body)
        line.shutdown(socket.SHUT_WR)
        return line.makefile("rb").readline().decode()


def test_a_piece_shorter_than_it_says_counts_for_what_it_is(outgoing):
    content = large_pdf(MEGABYTE)
    path = begin(outgoing, content)
    say(outgoing, path, content[:1000], length=len(content))
    assert outgoing.uploads()[0]["received"] == 1000
    client = TusClient(f"{outgoing.site.url}{outgoing.uploads_url}", headers=outgoing.headers)
    client.uploader(file_stream=io.BytesIO(content), url=outgoing.site.url + path).upload()
    assert outgoing.settled(1)[0]["sha256"] == sha256(content)


def test_a_piece_longer_than_it_says_counts_for_what_it_says(outgoing):
    path = begin(outgoing, large_pdf(MEGABYTE))
    assert " 204 " in say(outgoing, path, bytes(5000), length=1000)
    assert outgoing.uploads()[0]["received"] == 1000


def test_a_piece_that_says_more_than_the_file_has_is_refused(outgoing):
    content = large_pdf(1000)
    path = begin(outgoing, content)
    assert " 413 " in say(outgoing, path, content + b"more", length=len(content) + 4)
    assert outgoing.uploads()[0]["received"] == 0


# --- tus-js-client, in a page --------------------------------------------------------------------------------------

VERSION = "4.3.1"
PLACE = ROOT / "var" / "tus-js-client"


@pytest.fixture(scope="session")
def tus_js_client() -> str:
    """The client's script, as its authors publish it. It is fetched once."""
    archive = PLACE / f"tus-js-client-{VERSION}.tgz"
    if not archive.exists():
        assert shutil.which("npm"), "npm is missing: make system installs it."
        PLACE.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "pack", f"tus-js-client@{VERSION}", "--loglevel=error"], cwd=PLACE, check=True, stdout=2)
    with tarfile.open(archive) as opened, opened.extractfile("package/dist/tus.min.js") as script:
        return script.read().decode()


SEND = """
async ([endpoint, content, chunkSize, token]) => {
  const told = [];
  await new Promise((resolve, reject) => {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    const upload = new tus.Upload(new Blob([bytes]), {
      endpoint,
      ...(chunkSize && { chunkSize }),
      retryDelays: [0, 100, 100, 100, 100, 100],
      metadata: { filename: "photo 🌻.pdf", heading: "0" },
      headers: { "X-CSRFToken": token },
      onShouldRetry: () => true, // the page says that it has no network
      onProgress: (sent) => told.push(sent),
      onSuccess: resolve,
      onError: reject,
    });
    upload.start();
  });
  return told.at(-1);
}
"""


@pytest.mark.parametrize("chunk_size", [300_000, None], ids=["in pieces", "in one"])
def test_tus_js_client_sends_a_file_from_a_page_that_loses_the_network(outgoing, newcomer, tus_js_client, chunk_size):
    content = large_pdf(MEGABYTE)
    page = newcomer(390, 844)
    enter(page, LEA, to=outgoing.url)
    page.route(
        "**/static/tus-js-client.js", lambda route: route.fulfill(body=tus_js_client, content_type="text/javascript")
    )
    page.add_script_tag(url="/static/tus-js-client.js")
    lost = []

    def lose_two(route):
        if len(lost) < 2 and route.request.method == "PATCH":
            lost.append(route.request.url)
            route.abort("internetdisconnected")
        else:
            route.continue_()

    page.route("**/envois/*/", lose_two)
    token = page.locator("[name=csrfmiddlewaretoken]").first.get_attribute("value")
    sent = ask(page, SEND, [outgoing.uploads_url, base64.b64encode(content).decode(), chunk_size, token])
    assert (sent, len(lost)) == (len(content), 2)
    assert outgoing.settled(1) == [{"heading": 0, "name": "photo 🌻.pdf", "sha256": sha256(content)}]
