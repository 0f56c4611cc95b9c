"""What a branch sends of its holders to the Caisse des dépôts (article R6113-17-2 of the code du travail): flow 1.1.2."""
