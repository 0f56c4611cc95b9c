// « Relire avant de signer » on the device, so that one's own sheet can be signed without the network: what is missing, the whole
// sheet as it will be signed, then the signature, which names the digest of what was read.

import { sheetDigest } from "./digest.js";
import { element } from "../shared/element.js";

const CHANGED = "La fiche a changé pendant que vous la lisiez : relisez-la, puis signez.";
const UP_TO_DATE = "Ce qui est affiché ici est à jour.";

export class Review {
  #page;
  #form;
  #results;
  #outbox;
  #fields;
  #panel;
  #read = null;
  #refusal = "";

  constructor({ page, form, results, outbox, fields }) {
    this.#page = page;
    this.#form = form;
    this.#results = results;
    this.#outbox = outbox;
    this.#fields = fields;
    this.#panel = document.querySelector("[data-review]");
    for (const control of document.querySelectorAll("[data-review-open]")) {
      control.addEventListener("click", (event) => this.#open(event));
    }
    this.#panel.querySelector("[data-review-close]").addEventListener("click", () => this.#close());
    this.#panel.querySelector("[data-review-sign]").addEventListener("click", () => this.#sign());
    window.addEventListener("popstate", () => this.#panel.hidden || this.#close(false));
  }

  #open(event) {
    event.preventDefault();
    event.stopPropagation();
    this.#fields.flushTexts();
    if (!this.#page.dataset.signed) this.#panel.querySelector("[data-review-message]").hidden = true;
    this.#refusal = "";
    this.#show();
    history.pushState({ review: true }, "");
    this.#goToTop();
  }

  // What is read changed: on another device, or on a page that was not up to date yet. A refusal stays beside it.
  refresh() {
    if (this.#panel.hidden || this.#page.dataset.signed || !this.#hasChanged()) return;
    this.#show();
    this.#say(this.#refusal ? `${this.#refusal} ${UP_TO_DATE}` : CHANGED, "warning");
  }

  #hasChanged() {
    return JSON.stringify(this.#values()) !== JSON.stringify(this.#read);
  }

  #goToTop() {
    window.scrollTo({ top: 0, behavior: "instant" });
    this.#panel.querySelector("h2").focus({ preventScroll: true });
  }

  #close(back = true) {
    if (back && history.state?.review) return history.back();
    this.#panel.hidden = true;
    delete this.#page.dataset.reading;
  }

  #show() {
    const missing = this.#missing();
    const list = this.#panel.querySelector("[data-review-missing]");
    list.replaceChildren(...missing.map((gap) => this.#link(gap)));
    this.#panel.querySelector("[data-review-incomplete]").hidden = missing.length === 0;
    this.#panel.querySelector("[data-review-sign]").disabled = missing.length > 0;
    this.#panel.querySelector("[data-review-content]").replaceChildren(...this.#content());
    this.#read = this.#values();
    this.#page.dataset.reading = "true";
    this.#panel.hidden = false;
  }

  #missing() {
    const missing = [];
    if (this.#page.dataset.scanMissing !== undefined) {
      const place = document.querySelector(".paper-link");
      missing.push({ place, text: "La grille en papier n'est pas jointe : joignez sa version numérisée." });
    }
    for (const place of this.#criteria()) {
      const level = place.querySelector('input[name^="level-"]:checked');
      if (!level) missing.push({ place, text: `${place.dataset.name} : aucun niveau n'est choisi.` });
      else if (level.hasAttribute("data-needs-note") && !note(place).trim()) {
        const field = place.querySelector("textarea");
        missing.push({ place, field, text: `${place.dataset.name} : « ${labelOf(level)} » demande une note.` });
      }
    }
    for (const place of this.#form.querySelectorAll("[data-competence]")) {
      const outcome = place.querySelector('input[name^="verdict-"]:checked')?.value;
      if (outcome && !place.querySelector("textarea").value.trim()) {
        const field = place.querySelector("textarea");
        missing.push({ place, field, text: `${place.dataset.code} : votre avis demande un commentaire.` });
      }
    }
    return missing;
  }

  #link({ place, field = place.querySelector("input, a"), text }) {
    const link = element("a", { className: "alert-link d-inline-block py-2", href: `#${place.id || "notation"}` }, text);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const show = () => {
        const folded = field.closest("details");
        if (folded) folded.open = true;
        place.scrollIntoView({ block: "center", behavior: "instant" });
        field.focus({ preventScroll: true });
      };
      window.addEventListener("popstate", () => requestAnimationFrame(show), { once: true });
      this.#close();
    });
    return element("li", {}, link);
  }

  // --- What will be signed, in words

  #content() {
    return [...this.#form.querySelectorAll("section.activity")].map((activity) => {
      const section = element("section", { className: "mb-4" });
      section.append(element("h3", { className: "h5" }, activity.dataset.title));
      for (const competence of activity.querySelectorAll("section.competence")) section.append(...this.#competence(competence));
      return section;
    });
  }

  #competence(place) {
    const list = element("ol", { className: "read-criteria" });
    for (const criterion of place.querySelectorAll("[data-criterion]")) list.append(this.#line(criterion));
    const verdict = place.querySelector("[data-competence]");
    const comment = verdict.querySelector('input[value=""]').checked ? "" : verdict.querySelector("textarea").value.trim();
    const outcome = verdict.querySelector("[data-outcome]").textContent;
    const text = `${verdict.dataset.code} : ${outcome}${comment ? `, « ${comment} »` : ""}`;
    return [element("h4", { className: "h6" }, place.dataset.title), list, element("p", { className: "read-result" }, text)];
  }

  #line(criterion) {
    const level = criterion.querySelector('input[name^="level-"]:checked');
    const name = element("span", {}, criterion.querySelector("legend").textContent);
    const line = element("div", { className: "read-line" }, name, element("strong", {}, level ? labelOf(level) : "Aucun niveau"));
    const item = element("li", {}, line);
    const text = note(criterion).trim();
    if (text) item.append(element("p", { className: "read-note" }, `Note : ${text}`));
    return item;
  }

  // --- The signature

  #criteria() {
    return [...this.#form.querySelectorAll("[data-criterion]")];
  }

  #values() {
    const scores = this.#criteria().map((place) => {
      const level = place.querySelector('input[name^="level-"]:checked');
      return [Number(place.dataset.criterion), level ? Number(level.value) : null, note(place)];
    });
    const verdicts = [...this.#form.querySelectorAll("[data-competence]")]
      .map((place) => [
        Number(place.dataset.competence),
        place.querySelector('input[name^="verdict-"]:checked')?.value ?? "",
        place.querySelector("textarea").value,
      ])
      .filter(([, outcome]) => outcome);
    return { sheet: Number(this.#form.dataset.sheet), scores, verdicts, divergences: [] };
  }

  async #sign() {
    if (this.#hasChanged()) return this.refresh();
    this.#outbox.add("sign", { digest: await sheetDigest(this.#values()) }, this.#fields.remote.seq);
    this.waiting();
  }

  // The signature is kept here and has not reached the server yet: nothing changes any more on this device.
  waiting() {
    this.#page.dataset.signed = "waiting";
    this.#form.inert = true;
    this.#panel.querySelector("[data-review-act]").hidden = true;
    if (this.#panel.hidden) this.#show();
    this.#say("Votre signature est gardée sur cet appareil. Elle part dès que le réseau est là.", "info");
  }

  answered(answer) {
    if (answer.status === "applied") {
      this.#page.dataset.signed = "done";
      return this.#next();
    }
    delete this.#page.dataset.signed;
    this.#form.inert = false;
    this.#panel.querySelector("[data-review-act]").hidden = false;
    this.#show();
    this.#refusal = `La signature n'a pas été prise en compte. ${answer.refusal}`;
    this.#say(this.#refusal, "warning");
  }

  // Signed on another device, or by this one: the server says what comes next.
  signedElsewhere() {
    if (this.#page.dataset.signed || this.#outbox.pending) return;
    this.#form.inert = true;
    this.#page.dataset.signed = "elsewhere";
    this.#show();
    this.#panel.querySelector("[data-review-act]").hidden = true;
    this.#say("Cette fiche est signée. Rien ne peut plus y changer.", "info");
    this.#panel.querySelector("[data-review-next]").hidden = false;
  }

  // What still waits for other sheets is sent from the next page, unless this one alone keeps it.
  #next() {
    this.#say("Votre signature est enregistrée.", "success");
    if (!this.#outbox.pending || this.#outbox.isStored) return window.location.assign(this.#panel.dataset.next);
    this.#panel.querySelector("[data-review-next]").hidden = false;
  }

  #say(text, tone) {
    const message = this.#panel.querySelector("[data-review-message]");
    message.className = `alert alert-${tone}`;
    message.textContent = text;
    message.hidden = false;
    this.#goToTop();
  }
}

const note = (place) => place.querySelector('textarea[name^="note-"]').value;

function labelOf(radio) {
  const nodes = [...document.querySelector(`label[for="${radio.id}"] > span`).childNodes];
  return nodes.filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.textContent).join("").trim();
}
