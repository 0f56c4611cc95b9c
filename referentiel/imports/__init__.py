"""A référentiel from a file: a spreadsheet of criteria, a fiche of the RNCP. Nothing is written here."""
