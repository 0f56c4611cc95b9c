// The evaluator's pages to fill: the scoring form, the agreement, the preparation notes. Brings together the fields, the outbox, the
// course of the interview, the clock, the results, the other devices.

import { Agreement } from "./agreement.js";
import { Clock, sync, syncWithPage } from "./clock.js";
import { Fields } from "./fields.js";
import { Follow } from "./follow.js";
import { listenToKeys } from "./keys.js";
import { Life, LIFE_KINDS } from "./life.js";
import { Outbox } from "./operations.js";
import { Results } from "./results.js";
import { Review } from "./review.js";

const data = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "null");

async function start(form) {
  const { stream } = form.dataset;
  const page = document.querySelector("[data-page]");
  const rule = data("rule");
  let fields = null;
  let life = null;
  const snapshot = () => ({ ...fields.snapshot(), life: life?.known ?? null });
  const outbox = new Outbox({ url: stream, snapshot });
  fields = new Fields(form, { add: (kind, payload, base) => outbox.add(kind, payload, base), pending: () => outbox.operations });
  const results = rule && new Results(form, rule);
  const agreement = results && form.querySelector("[data-divergence]") && new Agreement(form, results, rule);

  for (const element of document.querySelectorAll("[data-plain]")) element.hidden = true;
  for (const element of document.querySelectorAll("[data-keys], [data-script]")) element.hidden = false;

  if (page?.dataset.life) {
    const shown = data("life");
    syncWithPage(shown.now);
    life = new Life(page, { ...shown, seq: fields.seq }, (kind, payload) => outbox.add(kind, payload, fields.seq));
    const clock = new Clock(document, data("shares"), () => life.state);
    life.changed = () => clock.show();
    clock.show();
  }
  const review = page?.dataset.own !== undefined && globalThis.crypto?.subtle && new Review({ page, form, results, outbox, fields });

  fields.addEventListener("change", () => {
    showCount(form);
    results?.show();
    agreement?.show();
  });
  for (const [event, name] of [["typing", "saving"], ["typed", "saved"]]) {
    fields.addEventListener(event, () => outbox.state === "saved" && showState({ name, pending: 0 }));
  }
  outbox.addEventListener("state", ({ detail }) => showState(detail));
  outbox.addEventListener("answer", ({ detail }) => {
    if (LIFE_KINDS.has(detail.operation.kind)) lifeAnswered(life, fields, detail);
    else if (detail.operation.kind === "sign") signAnswered(review, fields, detail);
    else fields.answered(detail);
    follow?.tell();
  });
  outbox.addEventListener("time", ({ detail }) => sync(detail));

  const restored = await outbox.start();
  if (restored.snapshot) takeUp(restored.snapshot, fields, life);
  for (const operation of restored.operations) {
    if (LIFE_KINDS.has(operation.kind)) life?.restore(operation);
    else if (operation.kind === "sign") review?.waiting();
    else fields.restore(operation);
  }
  fields.sendEarly();
  if (!outbox.pending) showState({ name: "saved", pending: 0, kept: true });
  showCount(form);
  results?.show();
  agreement?.show();

  const follow =
    form.dataset.follow &&
    new Follow({
      url: form.dataset.follow,
      seq: () => fields.since,
      apply: (news, delay, since) => {
        sync(news.now + delay, true);
        // An answer that was overtaken says what was, not what is.
        if (news.seq < fields.rank) return;
        fields.apply(news, since);
        const acts = outbox.operations.filter(({ kind }) => LIFE_KINDS.has(kind));
        const went = life?.set({ ...news.life, seq: news.seq }, acts);
        if (news.state === "signed") signedElsewhere(review, fields, outbox);
        if (went || Object.keys(news.fields).length) outbox.remember();
      },
      gone: () => outbox.withdraw("Vous n'êtes plus évaluateur de cet entretien."),
    });

  listenToKeys(form, () => fields.flushTexts());
  document.addEventListener("click", (event) => leave(event, fields, outbox));
  window.addEventListener("beforeunload", (event) => {
    fields.flushTexts();
    outbox.leave();
    if (outbox.pending && !outbox.kept) event.preventDefault();
  });
}

// A page without a review of its own, as the agreement's, becomes the signed sheet, once what was written is sent.
function signedElsewhere(review, fields, outbox) {
  if (review) return review.signedElsewhere();
  fields.flushTexts();
  if (!outbox.pending) window.location.reload();
}

function takeUp(snapshot, fields, life) {
  if (life && snapshot.life?.now > life.known.now) life.set(snapshot.life);
  fields.takeUp(snapshot);
}

function lifeAnswered(life, fields, { operation, answer }) {
  fields.saw("life", answer.seq);
  if (answer.status === "applied") life?.took(operation, answer.seq);
  else life?.say(`Non pris en compte : ${answer.refusal}`);
}

function signAnswered(review, fields, { answer }) {
  if (answer.status === "refused") fields.doubt();
  review?.answered(answer);
}

function showState({ name, pending, message, kept }) {
  const count = `${pending} ${pending > 1 ? "saisies" : "saisie"}`;
  const here = kept === false ? "gardées dans cette page seulement : ne la fermez pas" : "gardées sur cet appareil";
  const words = {
    saved: "Tout est enregistré",
    saving: "Enregistrement…",
    waiting: `${count} en attente du réseau, ${pending > 1 ? here : here.replace("gardées", "gardée")}`,
    expired: "Connexion expirée : reconnectez-vous, rien n'est perdu",
    other: `Une autre personne est connectée : ${count} à vous, en attente de votre connexion`,
    denied: pending ? `${message} ${count} sur cet appareil, non prise${pending > 1 ? "s" : ""} en compte.` : message,
  };
  const status = document.querySelector("[data-saving]");
  if (status.textContent !== words[name]) status.textContent = words[name];
  status.dataset.saving = name;
  document.querySelector("[data-login]").hidden = name !== "expired" && name !== "other";
}

function showCount(form) {
  const shown = document.querySelector("[data-count]");
  if (!shown || document.querySelector("[data-agreement]")) return;
  const places = [...form.querySelectorAll("[data-criterion]")];
  shown.textContent = places.filter((place) =>
    place.querySelector('input[name^="level-"]:checked, input[name^="position-"]:checked'),
  ).length;
}

// A link or a button that needs the server first lets everything be sent.
async function leave(event, fields, outbox) {
  const control = event.target.closest("[data-leave]");
  if (!control || event.defaultPrevented) return;
  event.preventDefault();
  fields.flushTexts();
  if (!(await outbox.flush())) return;
  if (control.href) window.location.assign(control.href);
  else control.form.requestSubmit();
}

const form = document.querySelector("form[data-stream]");
if (form) await start(form);
