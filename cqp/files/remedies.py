"""What a person does with a file that is not accepted, in French."""

PRINT_AS_PDF = "ouvrez-le, choisissez « Imprimer » puis « Enregistrer au format PDF », et déposez le nouveau fichier."
IF_IT_OPENS = f"S'il s'ouvre chez vous, {PRINT_AS_PDF}"
NOT_READ = f"Ce fichier n'a pas pu être lu. {IF_IT_OPENS}"
SAVE_AS_PDF = "Ouvrez-le, choisissez « Enregistrer sous » (ou « Exporter ») et le format PDF, puis envoyez le PDF."
OFFICE_AS_PDF = (
    "Ouvrez-le dans votre traitement de texte, choisissez « Enregistrer sous » (ou « Exporter ») et le format PDF, puis "
    "envoyez le PDF."
)
