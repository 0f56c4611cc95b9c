"""What is evident of a person: their civil status, and what they hold."""

from cqp.evidence.hooks import declare_evident

declare_evident(
    "candidates.Candidate",
    "branch user birth_name used_name first_names sex birth_year birth_month birth_day birth_place birth_insee "
    "birth_country erased_at",
)
declare_evident("candidates.HeldBloc", "candidate bloc source obtained_on valid_until proof noted_by")
declare_evident("candidates.Organisation", "branch kind name siret")
declare_evident("candidates.Affiliation", "user organisation until")
