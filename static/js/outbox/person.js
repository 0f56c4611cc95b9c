// Whose device it is. Another person's things are dropped at once; logging out first says what is still to be sent; what an earlier
// page could not send is sent from any of the evaluators' and candidates' pages; the first also install the service worker.

import { drop, vaultHere } from "./device_store.js";
import { waiting } from "./queue.js";
import { purge } from "./page_cache.js";
import { forgetAll, forgetOthers } from "../dossier/upload_store.js";
import { element } from "../shared/element.js";

const { person = "", outbox, worker } = document.body.dataset;
const others = globalThis.BroadcastChannel && new BroadcastChannel("cqp-person");

async function watch() {
  const here = await vaultHere();
  if (here && person && here.user !== person) {
    await drop();
    others?.postMessage("");
  }
  if (person) await forgetOthers(person).catch(() => {});
  await purge();
  if (!person || outbox === undefined) return;
  if (worker) {
    navigator.serviceWorker?.register(worker, { type: "module", scope: "/evaluateur/" }).catch(() => {
      // A browser without module workers: everything works, but pages do not open without the network.
    });
  }
  if (!document.querySelector("form[data-stream]") && (await waiting(person)).length) await sendWhatWaits();
}

async function sendWhatWaits() {
  const { Outbox } = await import("./operations.js");
  const outbox = new Outbox();
  const status = document.querySelector("[data-waiting]");
  let refused = false;
  outbox.addEventListener("denied", ({ detail }) => {
    refused = true;
    if (status) showDenied(status, outbox, detail);
  });
  outbox.addEventListener("refused", ({ detail }) => {
    refused = true;
    if (status) showRefused(status, detail);
  });
  outbox.addEventListener("state", ({ detail: { name, pending, message } }) => {
    if (!status) return;
    const count = `${pending} ${pending > 1 ? "saisies" : "saisie"}`;
    const where = `gardée${pending > 1 ? "s" : ""} sur cet appareil`;
    status.hidden = refused && name === "saved";
    status.textContent =
      {
        saved: "Ce qui attendait sur cet appareil est enregistré.",
        saving: `Envoi de ${count} en attente sur cet appareil…`,
        expired: `Connexion expirée : reconnectez-vous pour envoyer ${count}, ${where}.`,
        denied: `${message} ${count} sur cet appareil, non prise${pending > 1 ? "s" : ""} en compte.`,
      }[name] ?? `${count} en attente du réseau, ${where}.`;
  });
  const { denied } = await outbox.start();
  if (denied.length && status) showDenied(status, outbox, denied);
  return outbox;
}

// What the site did not take because the interview was no longer theirs: its words are shown until its author has read them.
function showDenied(before, outbox, denied) {
  const box = element("div", { className: "alert alert-warning" });
  const count = `${denied.length} ${denied.length > 1 ? "saisies n'ont pas été prises" : "saisie n'a pas été prise"}`;
  const written = denied.map(({ title, payload }) => [title, payload.text || payload.comment || payload.reason]);
  box.append(
    element("p", {}, `${count} en compte : ces fiches ne sont plus les vôtres.`),
    element("ul", {}, ...written.filter(([, text]) => text).map(([title, text]) => element("li", {}, `${title} : « ${text} »`))),
    button("J'ai lu, effacer de cet appareil", "btn-outline-secondary", async () => {
      await outbox.forget(denied);
      box.remove();
    }),
  );
  before.after(box);
}

// What came too late: the site keeps it too, and shows it where it was typed.
function showRefused(before, refused) {
  const { title } = refused[0].operation;
  const written = refused.map(({ operation }) => operation.payload.text).filter(Boolean);
  const box = element("div", { className: "alert alert-warning" });
  box.append(
    element("p", {}, `${title || "Saisies"} : ce qui attendait sur cet appareil n'a pas été pris en compte. ${refused[0].refusal}`),
    element("ul", {}, ...written.map((text) => element("li", {}, `« ${text} »`))),
  );
  before.after(box);
}

// --- Logging out

async function leave(form) {
  const streams = (await waiting(person).catch(() => [])).filter(({ denied }) => !denied);
  if (streams.length) showPanel(form, streams);
  else await logOut(form);
}

// Nothing is left readable, then the site is told; the other tabs follow.
async function logOut(form) {
  await drop().catch(() => {});
  await forgetAll().catch(() => {});
  try {
    const response = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
    if (response.type !== "opaqueredirect") throw new Error(`not logged out: ${response.status}`);
  } catch {
    const text = "Cet appareil ne garde plus rien de lisible, mais le site n'a pas répondu : vous y êtes encore connecté. Déconnectez-vous de nouveau dès que le réseau revient.";
    return show(element("p", { className: "mb-0" }, text));
  }
  others?.postMessage("");
  location.assign(form.elements.next?.value || "/");
}

function showPanel(form, streams) {
  const items = streams.map(({ title, count }) =>
    element("li", {}, `${title || "Un entretien ou un dossier"} : ${count} ${count > 1 ? "saisies" : "saisie"}`),
  );
  const status = element("p", { role: "status" });
  const send = button("Envoyer d'abord", "btn-primary", async () => {
    status.textContent = "Envoi…";
    const outbox = await sendWhatWaits();
    if (await outbox.flush()) await logOut(form);
    else status.textContent = "Tout n'a pas pu partir. Vérifiez le réseau, puis réessayez.";
  });
  show(
    element("h2", { className: "h4" }, "Des saisies ne sont pas encore enregistrées"),
    element("ul", {}, ...items),
    element(
      "p",
      {},
      "Si vous vous déconnectez maintenant, elles restent chiffrées sur cet appareil, et partiront quand vous y reviendrez. Personne d'autre ne pourra les lire.",
    ),
    status,
    element(
      "div",
      { className: "d-flex flex-wrap gap-2" },
      send,
      button("Se déconnecter quand même", "btn-outline-danger", () => logOut(form)),
      button("Annuler", "btn-outline-secondary", () => {
        document.querySelector("[data-leaving]").remove();
        form.querySelector("button").focus();
      }),
    ),
  );
}

function show(...content) {
  document.querySelector("[data-leaving]")?.remove();
  const panel = element("section", { className: "alert alert-warning", tabIndex: -1, ariaLabel: "Déconnexion" }, ...content);
  panel.dataset.leaving = "";
  document.querySelector("main").prepend(panel);
  panel.focus();
  panel.scrollIntoView({ block: "nearest" });
}

const button = (text, look, action) => {
  const made = element("button", { type: "button", className: `btn ${look}` }, text);
  made.addEventListener("click", action);
  return made;
};

if (globalThis.indexedDB && globalThis.crypto?.subtle) {
  others?.addEventListener("message", () => person && location.reload());
  document.addEventListener("submit", (event) => {
    if (!person || !event.target.matches('form[action$="/compte/logout/"]')) return;
    event.preventDefault();
    leave(event.target);
  });
  watch().catch(() => {});
}
