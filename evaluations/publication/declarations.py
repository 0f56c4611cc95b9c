"""How results are published, what is missing before, who reads the signed minutes, what is done every minute."""

from candidates.dossiers.hooks import readable_files
from candidates.models import Session
from candidates.sessions.hooks import declare_guard, movers
from cqp.core.hooks import Job, periodic
from cqp.models import User
from evaluations.publication.formalities import scans
from evaluations.publication.services import announce_due, missing_before_publishing, publish


def publish_now(session: Session, by: User, comment: str) -> Session:
    return publish(session, by=by)


movers.register(publish_now, key="publish")
declare_guard("publish", missing_before_publishing, order=60)
readable_files.register(scans, order=60)
periodic.register(
    Job(announce_due, "{count} session(s) dont les résultats viennent de paraître."), key="results", order=80
)
