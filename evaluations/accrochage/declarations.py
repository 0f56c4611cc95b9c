"""What a session's board shows of the accrochage; a receipt is read in a box."""

from candidates.board.hooks import panels
from cqp.sandbox.hooks import MB, Limits, declare
from evaluations.accrochage.queries import accrochage_panel

panels.register(accrochage_panel, order=20)

declare(
    "evaluations.accrochage.receipt_parsing.parse",
    # 5 MB at most: some ten thousand holders, read in a second.
    Limits(cpu=10, wall=40, memory=256 * MB, written=8 * MB),
    lane="people",
    remedy="Téléchargez de nouveau le rapport sur la plateforme, et envoyez-le sans l'ouvrir.",
)
