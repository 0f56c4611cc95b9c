"""What the database refuses of the site's own evidence. The rest of it is declared where it is written."""

from cqp.triggers import Freeze

FREEZES = (Freeze("cqp.Checkpoint", ("UPDATE", "DELETE"), "Un point de contrôle ne se change pas et ne s'efface pas."),)
