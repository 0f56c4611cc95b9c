"""What the candidates of the demonstration wrote, one paragraph per heading of the trame: (bloc, position) → text."""

PARAGRAPHS = {
    (
        1,
        1,
    ): "Le périmètre qui m'est confié couvre trois départements et 412 clients professionnels : artisans du second "
    "œuvre, entreprises générales et collectivités. Le chiffre d'affaires est de 6,8 millions d'euros, dont 61 % réalisés "
    "par 40 comptes. Deux concurrents spécialisés ont ouvert une agence depuis janvier ; la vente en ligne atteint 18 %.",
    (
        1,
        2,
    ): "Le plan d'actions de l'année vise 4 % de croissance et deux points de marge. Chaque vendeur a trois objectifs "
    "chiffrés et datés. Les appels d'offres des collectivités sont suivis avec le bureau d'études ; les grands comptes ont "
    "un rendez-vous trimestriel. Les tournées ont été regroupées pour réduire les kilomètres de 12 %.",
    (
        1,
        3,
    ): "J'analyse chaque mois les indicateurs de l'outil de gestion : marge, encours, fidélisation, nouveaux clients. "
    "Au deuxième trimestre, deux vendeurs perdaient des points de marge sur les petites commandes ; nous avons revu les "
    "remises et le mix de produits, et la marge est revenue à 27 %.",
    (
        1,
        4,
    ): "Les résultats sont partagés dans une réunion mensuelle et dans le logiciel de relation client. Une fiche de "
    "retour d'expérience est rédigée après chaque appel d'offres, gagné ou perdu ; le marketing et les achats la reçoivent.",
    (
        2,
        1,
    ): "J'ai participé au recrutement de deux vendeurs : définition du profil avec les ressources humaines, grille "
    "d'entretien commune, mise en situation, puis parcours d'intégration de huit semaines avec un parrain.",
    (
        2,
        2,
    ): "Chaque collaborateur a un entretien professionnel préparé. Une vendeuse sédentaire a évolué vers un poste de "
    "cheffe de secteur après une formation et six mois de binôme.",
    (
        2,
        3,
    ): "Les portefeuilles ont été répartis selon le potentiel, la distance et l'expérience. La charge est revue tous les "
    "deux mois ; un poste a été aménagé et une tournée raccourcie à la demande d'un collaborateur.",
    (
        2,
        4,
    ): "Je tiens un tableau des échéances de l'année. En mars, la rupture d'un fournisseur m'a conduit à reporter deux "
    "visites internes pour traiter d'abord les douze clients concernés.",
    (
        2,
        5,
    ): "Les politiques commerciale, ressources humaines et QHSE sont expliquées en réunion, puis reprises sur le terrain. "
    "Les équipements de conduite et de manutention sont vérifiés chaque trimestre.",
    (
        2,
        6,
    ): "Les entretiens périodiques sont planifiés en janvier, préparés de part et d'autre, menés sans interruption et "
    "suivis d'une synthèse écrite relue par le collaborateur.",
    (
        3,
        1,
    ): "Trois actions collectives ont été menées : un atelier sur la vente de services, un défi de six semaines sur les "
    "clients inactifs et une réunion de partage des réussites. 34 clients inactifs ont recommandé.",
    (
        3,
        2,
    ): "Des points hebdomadaires de vingt minutes et une journée d'accompagnement par mois sont adaptés à chacun. Un "
    "vendeur en retard sur ses objectifs les a rattrapés en un trimestre ; le rythme sera allégé pour les plus autonomes.",
    (
        3,
        3,
    ): "Les besoins sont repérés par les résultats, l'observation en clientèle et les échanges à chaud. Une baisse "
    "d'activité et des retards répétés ont été traités comme des signaux faibles.",
    (
        3,
        4,
    ): "J'ai accompagné deux vendeurs en rendez-vous complexes, l'un sur une réclamation, l'autre sur un appel d'offres, "
    "en leur laissant la conduite de l'entretien et en débriefant aussitôt.",
    (
        3,
        5,
    ): "J'ai transmis la méthode de réponse aux appels d'offres : démonstration sur un dossier, exercice en binôme, puis "
    "relecture du premier dossier de chacun. Les délais de réponse sont passés de dix à six jours.",
}

DOSSIER = """<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>{title}</title><style>
@page {{ size: A4; margin: 22mm; @bottom-center {{ content: counter(page) " / " counter(pages); }} }}
body {{ font: 11pt/1.5 "DejaVu Serif", serif; }} h1 {{ font-size: 19pt; }} h2 {{ font-size: 12.5pt; margin-top: 9mm; }}
</style></head><body><h1>{title}</h1><p>{who}</p>{sections}</body></html>"""

# The candidates' signature, as drawn: strokes of points in a frame 1000 × 400.
SIGNATURE = [
    [[120, 260], [150, 140], [190, 110], [200, 190], [170, 270], [230, 250], [270, 190], [300, 240], [340, 200]],
    [[340, 200], [380, 250], [430, 180], [470, 250], [540, 170], [590, 240], [700, 210], [860, 230]],
    [[230, 310], [520, 290], [760, 300]],
]
