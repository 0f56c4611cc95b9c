// The evaluator's pages to fill: the scoring form, the agreement, the preparation notes. Brings together the fields, the outbox, the
// course of the interview, the clock, the results, the other devices.

import { Agreement } from "./agreement.js";
import { Clock } from "./clock.js";
import { Fields } from "./fields.js";
import { Follow } from "../outbox/follow.js";
import { listenToKeys } from "./keyboard.js";
import { COURSE_KINDS, InterviewCourse } from "./interview_course.js";
import { Outbox } from "../outbox/operations.js";
import { Results } from "./results.js";
import { Review } from "./review.js";
import { showCount, showState } from "./saving.js";
import { sync, syncWithPage } from "../outbox/server_time.js";

const data = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "null");
const isOfCourse = ({ kind }) => COURSE_KINDS.has(kind);

class ScoringPage {
  #form;
  #outbox;
  #fields;
  #results;
  #agreement;
  #course = null;
  #review;
  #follow = null;

  constructor(form) {
    this.#form = form;
    const page = document.querySelector("[data-page]");
    const rule = data("rule");
    const outbox = new Outbox({ url: form.dataset.stream, snapshot: () => this.#snapshot() });
    const fields = new Fields(form, { add: (kind, payload, base) => outbox.add(kind, payload, base), pending: () => outbox.operations });
    this.#outbox = outbox;
    this.#fields = fields;
    this.#results = rule && new Results(form, rule);
    this.#agreement = this.#results && form.querySelector("[data-divergence]") && new Agreement(form, this.#results, rule);
    for (const element of document.querySelectorAll("[data-plain]")) element.hidden = true;
    for (const element of document.querySelectorAll("[data-keys], [data-script]")) element.hidden = false;
    if (page?.dataset.life) this.#openCourse(page);
    const isOwn = page?.dataset.own !== undefined && globalThis.crypto?.subtle;
    this.#review = isOwn ? new Review({ page, form, results: this.#results, outbox, fields }) : null;
    this.#listen();
  }

  #openCourse(page) {
    const shown = data("life");
    syncWithPage(shown.now);
    const add = (kind, payload) => this.#outbox.add(kind, payload, this.#fields.remote.seq);
    const course = new InterviewCourse(page, { ...shown, seq: this.#fields.remote.seq }, add);
    const clock = new Clock(document, data("shares"), () => course.state);
    course.changed = () => clock.show();
    clock.show();
    this.#course = course;
  }

  #listen() {
    this.#fields.addEventListener("change", () => this.#show());
    for (const [event, name] of [["typing", "saving"], ["typed", "saved"]]) {
      this.#fields.addEventListener(event, () => this.#outbox.state === "saved" && showState({ name, pending: 0 }));
    }
    this.#outbox.addEventListener("state", ({ detail }) => showState(detail));
    this.#outbox.addEventListener("answer", ({ detail }) => this.#answered(detail));
    this.#outbox.addEventListener("time", ({ detail }) => sync(detail));
    window.addEventListener("beforeunload", (event) => {
      this.#fields.flushTexts();
      this.#outbox.leave();
      if (this.#outbox.pending && !this.#outbox.isStored) event.preventDefault();
    });
    // A page is still there, and touched, while the next one is on its way.
    window.addEventListener("pagehide", () => {
      this.#fields.sendEarly();
      this.#fields.flushTexts();
      this.#outbox.leave();
    });
  }

  async start() {
    const { snapshot } = await this.#outbox.start();
    if (snapshot) this.#takeUp(snapshot);
    // Those of before, and those of a person who did not wait for this script.
    for (const operation of this.#outbox.operations) this.#restore(operation);
    this.#fields.sendEarly();
    if (!this.#outbox.pending) showState({ name: "saved", pending: 0, isStored: true });
    this.#show();
    if (this.#form.dataset.follow) this.#followOthers();
    listenToKeys(this.#form, () => this.#fields.flushTexts());
    document.addEventListener("click", (event) => this.#leave(event));
  }

  #show() {
    showCount(this.#form);
    this.#results?.show();
    this.#agreement?.show();
    this.#review?.refresh();
  }

  // --- The state of the page, on the device

  #snapshot() {
    return { ...this.#fields.remote.snapshot(), life: this.#course?.known ?? null };
  }

  #takeUp(snapshot) {
    if (this.#course && snapshot.life?.now > this.#course.known.now) this.#course.set(snapshot.life);
    this.#fields.remote.takeUp(snapshot);
  }

  #restore(operation) {
    if (isOfCourse(operation)) this.#course?.restore(operation);
    else if (operation.kind === "sign") this.#review?.waiting();
    else this.#fields.restore(operation);
  }

  // --- Answers of the server

  #answered({ operation, answer }) {
    if (isOfCourse(operation)) this.#courseAnswered(operation, answer);
    else if (operation.kind === "sign") this.#signAnswered(answer);
    else this.#fields.answered({ operation, answer });
    this.#follow?.tell();
  }

  #courseAnswered(operation, answer) {
    this.#fields.remote.saw("life", answer.seq);
    if (answer.status === "applied") this.#course?.took(operation, answer.seq);
    else this.#course?.say(`Non pris en compte : ${answer.refusal}`);
  }

  #signAnswered(answer) {
    if (answer.status === "refused") this.#fields.remote.doubt();
    this.#review?.answered(answer);
  }

  // --- The other devices

  #followOthers() {
    this.#follow = new Follow({
      url: this.#form.dataset.follow,
      seq: () => this.#fields.remote.since,
      apply: (news, delay, since) => this.#apply(news, delay, since),
      gone: () => this.#outbox.withdraw("Vous n'êtes plus évaluateur de cet entretien."),
    });
  }

  #apply(news, delay, since) {
    sync(news.now + delay, true);
    // An answer that was overtaken says what was, not what is.
    if (news.seq < this.#fields.remote.rank) return;
    this.#fields.remote.apply(news, since);
    const acts = this.#outbox.operations.filter(isOfCourse);
    const moved = this.#course?.set({ ...news.life, seq: news.seq }, acts);
    if (news.state === "signed") this.#signedElsewhere();
    if (moved || Object.keys(news.fields).length) this.#outbox.remember();
  }

  // A page without a review of its own, as the agreement's, becomes the signed sheet, once what was written is sent.
  #signedElsewhere() {
    if (this.#review) return this.#review.signedElsewhere();
    this.#fields.flushTexts();
    if (!this.#outbox.pending) window.location.reload();
  }

  // A link or a button that needs the server first lets everything be sent.
  async #leave(event) {
    const control = event.target.closest("[data-leave]");
    if (!control || event.defaultPrevented) return;
    event.preventDefault();
    this.#fields.flushTexts();
    if (!(await this.#outbox.flush())) return;
    if (control.href) window.location.assign(control.href);
    else control.form.requestSubmit();
  }
}

const form = document.querySelector("form[data-stream]");
if (form) await new ScoringPage(form).start();
