// How far the page is: what is saved or waits, how many criteria have a level.

export function showState({ name, pending, message, isStored }) {
  const count = `${pending} ${pending > 1 ? "saisies" : "saisie"}`;
  const here = isStored === false ? "gardées dans cette page seulement : ne la fermez pas" : "gardées sur cet appareil";
  const texts = {
    saved: "Tout est enregistré",
    saving: "Enregistrement…",
    waiting: `${count} en attente du réseau, ${pending > 1 ? here : here.replace("gardées", "gardée")}`,
    expired: "Connexion expirée : reconnectez-vous, rien n'est perdu",
    other: `Une autre personne est connectée${pending ? ` : ${count} à vous, en attente de votre connexion` : ""}`,
    denied: pending ? `${message} ${count} sur cet appareil, non prise${pending > 1 ? "s" : ""} en compte.` : message,
  };
  const status = document.querySelector("[data-saving]");
  if (status.textContent !== texts[name]) status.textContent = texts[name];
  status.dataset.saving = name;
  document.querySelector("[data-login]").hidden = name !== "expired" && name !== "other";
}

export function showCount(form) {
  const shown = document.querySelector("[data-count]");
  if (!shown || document.querySelector("[data-agreement]")) return;
  const places = [...form.querySelectorAll("[data-criterion]")];
  shown.textContent = places.filter((place) =>
    place.querySelector('input[name^="level-"]:checked, input[name^="position-"]:checked'),
  ).length;
}
