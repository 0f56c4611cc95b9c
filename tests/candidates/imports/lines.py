"""Lines of a spreadsheet of candidates."""

HEADER = "Civilité;NOM;Prénom(s);Né(e) le;E-mail;Société;Voie d'accès;Blocs"
LEA = "Mme;N'Guessan;Léa, Marie;03/11/1988;lea@example.org;METRO Bron;Formation continue;1, 2"
