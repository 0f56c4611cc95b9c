"""Static files: our own folder, and the one stylesheet that we take from Bootstrap."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Hashed and compressed files, with the imports of ES modules rewritten too."""

    support_js_module_import_aggregation = True
    manifest_strict = True


def bootstrap_folder() -> Path:
    """Return the folder of the package that holds Bootstrap's compiled stylesheets."""
    spec = find_spec("bootstrap")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "css"


class BootstrapFinder(BaseFinder):
    """Serves `bootstrap.min.css` (and the map that it names): compressing the whole package takes half a minute."""

    names = ("bootstrap.min.css", "bootstrap.min.css.map")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        storage: Any = FileSystemStorage(location=bootstrap_folder())
        storage.prefix = "vendor"
        self.storage = storage

    def check(self, **kwargs: object) -> list:
        return []

    def find(self, path: str, find_all: bool = False) -> Any:
        name = path.removeprefix("vendor/")
        paths = [self.storage.path(name)] if path.startswith("vendor/") and name in self.names else []
        return paths if find_all else (paths[0] if paths else [])

    def list(self, ignore_patterns: object):
        for name in self.names:
            yield name, self.storage
