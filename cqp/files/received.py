"""A file while it is received: on the disk under a name of ours. The one that its person gave is shown, never a path."""

from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler

ON_DISK = "received"


class ReceivedFile(TemporaryUploadedFile):
    """A temporary file whose name may be anything: `..`, or an extension longer than a file system takes."""

    def __init__(self, name: str, size: int, content_type: str = "", charset: str | None = None, **more: Any) -> None:
        super().__init__(ON_DISK, content_type, size, charset, **more)
        self._name = name


class ReceivedFileHandler(TemporaryFileUploadHandler):
    """Django's handler of the files that are too large for the memory, which gives them the extension of their name."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        FileUploadHandler.new_file(self, *args, **kwargs)
        self.file = ReceivedFile(
            self.file_name or "",
            0,
            self.content_type or "",
            self.charset,
            content_type_extra=self.content_type_extra,
        )
