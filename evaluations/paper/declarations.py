"""Who reads the scans of paper grids."""

from candidates.dossiers.hooks import readable_files
from evaluations.paper.services import scans

readable_files.register(scans)
