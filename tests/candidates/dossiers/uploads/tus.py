"""What a device sends to the endpoint of the uploads: tus 1.0, by the test client."""

import base64
import hashlib

from django.core.files.storage import default_storage
from django.urls import reverse

from candidates.models import Upload

BODY = "application/offset+octet-stream"
TUS = {"Tus-Resumable": "1.0.0"}


def metadata(**values):
    return ",".join(f"{key} {base64.b64encode(str(value).encode()).decode()}" for key, value in values.items())


def checksum(content, algorithm="sha256"):
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, content).digest()).decode()}"


def begin(client, dossier, size, name="dossier.pdf", heading=1, headers=TUS, **more):
    told = {"Upload-Length": str(size), "Upload-Metadata": metadata(filename=name, heading=heading, **more)}
    return client.post(reverse("candidate:uploads", args=[dossier.pk]), headers=told | headers)


def begun(client, dossier, size, **more):
    """Return the address of a new upload."""
    response = begin(client, dossier, size, **more)
    assert response.status_code == 201, response.content
    return response.headers["Location"]


def piece(client, url, offset, content, content_type=BODY, **headers):
    told = {
        "Content-Type": content_type,
        "Upload-Offset": str(offset),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return client.patch(url, content, content_type, headers=TUS | told)


def offset(client, url):
    response = client.head(url, headers=TUS)
    assert response.status_code == 200
    return int(response.headers["Upload-Offset"])


def send(client, dossier, content, **more):
    """Send a whole file in one piece, and return its upload."""
    url = begun(client, dossier, len(content), **more)
    assert piece(client, url, 0, content).status_code == 204
    return Upload.objects.get(key=url.rstrip("/").rsplit("/", 1)[1])


def objects():
    """The names of the objects in which pieces are kept."""
    found = []
    for folder in default_storage.listdir("chunks")[0] if default_storage.exists("chunks") else []:
        for upload in default_storage.listdir(f"chunks/{folder}")[0]:
            found += default_storage.listdir(f"chunks/{folder}/{upload}")[1]
    return found
