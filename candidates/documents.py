"""The documents that are issued before anything is judged."""

from cqp.documents import Kind

RECEIPT = Kind("deposit_receipt", "RD", "deposit_receipt.html", "Récépissé de dépôt")
