"""What the documents do every minute."""

from cqp.core.hooks import Job, periodic
from cqp.documents.services import render_missing
from cqp.sandbox.hooks import MB, Limits, declare

periodic.register(
    Job(render_missing, "{count} document(s) à produire remis en file.", atomic=True), key="documents", order=40
)

declare(
    "cqp.documents.seal_reading.read_seal",
    # A sealed document has some MB and takes a tenth of a second; a file of 20 MB that nobody here made, more.
    Limits(cpu=4, wall=40, memory=384 * MB, written=MB),
    lane="public",
    remedy="Ce n'est pas un document émis ici : demandez l'original, ou vérifiez le code imprimé.",
)
declare(
    "cqp.documents.key_reading.read_key",
    # The usual files hash the passphrase 2,048 to 600,000 times: a second at most.
    Limits(cpu=10, wall=30, memory=256 * MB, written=MB),
    lane="people",
    remedy="Use a PKCS#12 file with an ordinary number of iterations.",
)
