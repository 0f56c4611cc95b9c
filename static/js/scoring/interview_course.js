// The course of the interview: identity, attendance, start, pauses, incidents, end. Each act is an operation like the scores.
// `life`: { state, started, finished, paused_since, paused, minutes, paper, attended }; times in ms, durations in seconds.

import { serverNow } from "../outbox/server_time.js";
import { SignaturePad } from "../shared/pad.js";

// What an act makes of the state; `at` in ms. The same act twice changes nothing, as on the server.
function after(life, kind, payload, at) {
  const paused = life.paused_since === null ? 0 : Math.max(0, Math.floor((at - life.paused_since) / 1000));
  const ended = { finished: at, paused: life.paused + paused, paused_since: null };
  if (kind === "identity") return { ...life, paper: payload.paper };
  if (kind === "attendance") return { ...life, attended: payload.strokes.length > 0 };
  if (kind === "start" && life.state === "planned") return { ...life, state: "running", started: at };
  if (kind === "absent" && life.state === "planned") return { ...life, state: "absent" };
  if (life.state !== "running") return life;
  if (kind === "interrupt") return { ...life, ...ended, state: "interrupted" };
  if (kind === "finish") return { ...life, ...ended, state: "finished" };
  if (kind === "pause" && life.paused_since === null) return { ...life, paused_since: at };
  if (kind === "resume") return { ...life, paused: life.paused + paused, paused_since: null };
  return life;
}

export const COURSE_KINDS = new Set([
  "identity",
  "attendance",
  "start",
  "finish",
  "absent",
  "interrupt",
  "incident",
  "pause",
  "resume",
]);

const COURSE = ["state", "started", "finished", "paused_since", "paused", "paper", "attended"];

export class InterviewCourse {
  #root;
  #add;
  #state;
  #known; // the server's word alone, without what waits
  #message;

  // `add(kind, payload)` sends; `changed()` is called when the state is another one.
  constructor(root, state, add, changed) {
    this.#root = root;
    this.#add = add;
    this.#state = this.#known = state;
    this.changed = changed;
    this.#message = root.querySelector("[data-life-message]");
    for (const form of root.querySelectorAll("form[data-act]")) {
      form.addEventListener("submit", (event) => this.#submit(event, form));
      if (form.hasAttribute("data-at-once")) form.addEventListener("change", () => form.requestSubmit());
    }
    for (const link of root.querySelectorAll("[data-unfold]")) link.addEventListener("click", (event) => unfold(event, link));
    for (const canvas of root.querySelectorAll("canvas[data-pad]")) this.#sign(canvas);
    this.show();
  }

  get state() {
    return this.#state;
  }

  // What the server has said: to be kept on the device, beside the acts that wait. `now`, `seq`: when it said it.
  get known() {
    return this.#known;
  }

  // The server's word, unless acts of this device still wait: they are laid over it. Tells whether it is news.
  set(state, waiting = []) {
    const before = this.#known;
    this.#known = { ...state, minutes: this.#state.minutes };
    this.#state = waiting.reduce((life, { kind, payload, at }) => after(life, kind, payload, Date.parse(at)), this.#known);
    this.show();
    return COURSE.some((name) => before[name] !== this.#known[name]);
  }

  // The server took an act, ranked `seq`.
  took({ kind, payload, at }, seq) {
    if (seq > this.#known.seq) this.#known = { ...after(this.#known, kind, payload, Date.parse(at)), now: serverNow(), seq };
  }

  restore({ kind, payload, at }) {
    this.#state = after(this.#state, kind, payload, Date.parse(at));
    this.show();
  }

  say(text) {
    this.#message.textContent = text;
  }

  #submit(event, form) {
    event.preventDefault();
    const kind = event.submitter?.dataset.kind ?? form.dataset.act;
    const payload = read(form, kind);
    const wrong = Object.entries(payload).find(([name, value]) => value === "" && !form.elements[name]?.matches?.("[data-optional]"));
    const hint = form.querySelector("[data-hint]");
    if (wrong) {
      if (hint) {
        hint.textContent = form.dataset.hint ?? "Complétez d'abord.";
        hint.hidden = false;
      }
      form.querySelector(`[name="${wrong[0]}"]`)?.focus();
      return;
    }
    if (hint) hint.hidden = true;
    this.act(kind, payload);
    if (!form.hasAttribute("data-at-once")) {
      form.reset();
      const details = form.closest("details");
      if (details) details.open = false;
      const next = document.querySelector(form.dataset.then);
      next?.focus({ preventScroll: !next.closest(".alert") });
    }
    this.say(form.dataset.done ?? "");
  }

  act(kind, payload) {
    this.#state = after(this.#state, kind, payload, serverNow());
    this.#add(kind, payload);
    this.show();
  }

  #sign(canvas) {
    const pad = new SignaturePad(canvas);
    const form = canvas.closest("[data-pad-form]");
    const hint = form.querySelector("[data-hint]");
    canvas.addEventListener("pointerdown", () => (hint.hidden = true));
    form.querySelector("[data-pad-clear]").addEventListener("click", () => pad.clear());
    form.querySelector("[data-pad-keep]").addEventListener("click", () => {
      hint.hidden = pad.strokes.length > 0;
      if (!pad.strokes.length) return;
      this.act("attendance", { strokes: pad.strokes });
      this.say("Émargement enregistré.");
    });
    for (const again of form.querySelectorAll("[data-pad-again]")) {
      again.addEventListener("click", () => {
        pad.clear();
        this.act("attendance", { strokes: [] });
      });
    }
    form.closest("details")?.addEventListener("toggle", () => pad.fit());
  }

  // What shows for a state says so in `data-when`, in words separated by spaces.
  show() {
    const { state, paused_since: since, paper, attended } = this.#state;
    const is = new Set([state, since === null ? "going" : "paused", paper ? "identified" : "unidentified", attended ? "attended" : "unattended"]);
    if (is.has("going") && state !== "running") is.delete("going");
    for (const element of this.#root.querySelectorAll("[data-when]")) {
      element.hidden = !element.dataset.when.split(" ").some((word) => word.split("+").every((part) => is.has(part)));
    }
    for (const fields of this.#root.querySelectorAll("[data-fields]")) fields.disabled = state !== "running" && state !== "finished";
    for (const radio of this.#root.querySelectorAll('form[data-act="identity"] input[name="paper"]')) radio.checked = radio.value === paper;
    const checked = this.#root.querySelector(`form[data-act="identity"] input[value="${paper}"]`);
    for (const place of this.#root.querySelectorAll("[data-paper]")) place.textContent = checked?.dataset.label ?? "";
    this.#root.dataset.life = state;
    this.changed?.();
  }
}

// Folded again, it leads back to where one was, unless the interview is over.
function unfold(event, link) {
  event.preventDefault();
  const details = document.getElementById(link.dataset.unfold);
  const top = window.scrollY;
  const comeBack = () => {
    if (details.open) return;
    details.removeEventListener("toggle", comeBack);
    if (!details.offsetParent) return;
    window.scrollTo({ top, behavior: "instant" });
    link.closest("div").querySelector("form:not([hidden]) > button, a:not([hidden])").focus({ preventScroll: true });
  };
  if (!details.open) details.addEventListener("toggle", comeBack);
  details.open = true;
  details.scrollIntoView({ block: "start", behavior: "instant" });
  details.querySelector("select, input:not([type=hidden])").focus({ preventScroll: true });
}

function read(form, kind) {
  const payload = {};
  for (const field of form.elements) {
    if (!field.name || field.type === "hidden" || field.closest("[hidden]")) continue;
    if (field.dataset.only && !field.dataset.only.split(" ").includes(kind)) continue;
    if (field.type === "radio") {
      payload[field.name] ??= "";
      if (field.checked) payload[field.name] = field.value;
    } else if (field.type !== "submit") payload[field.name] = field.value.trim();
  }
  if ("excused" in payload) payload.excused = payload.excused === "" ? "" : payload.excused === "yes";
  if (form.dataset.planned !== undefined) payload.planned = true;
  return payload;
}
