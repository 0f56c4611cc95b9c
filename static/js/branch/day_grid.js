// A day of interviews: placed by their minutes, dragged by their handle or moved with the keyboard, each move checked at once.

import { refreshParts } from "../shared/parts.js";

const PATIENCE = 15_000;
const clock = (minute) => `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, "0")}`;
const message = document.querySelector("[data-message]");
const answer = document.querySelector("[data-answer]");
const undo = document.querySelector("[data-undo]");
const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
const undoable = []; // Moves that can be undone, the last one at the end.

const grid = () => document.querySelector("[data-grid]");
const rooms = () => [...grid().querySelectorAll("[data-room]")];
const roomAt = (x) =>
  rooms().find((room) => {
    const { left, right } = room.getBoundingClientRect();
    return x >= left && x < right;
  });
const number = (element, name) => Number(element.dataset[name]);

function layOut() {
  const { opens, closes, lunch } = grid().dataset;
  const set = (element, name, value) => element.style.setProperty(`--${name}`, value);
  grid().classList.add("is-placed");
  set(grid(), "length", closes - opens);
  if (lunch) {
    const [from, to] = lunch.split(" ").map(Number);
    set(grid(), "lunch-at", from - opens);
    set(grid(), "lunch-for", to - from);
  }
  for (const element of grid().querySelectorAll("[data-start]")) {
    set(element, "at", element.dataset.start - opens);
    if (element.dataset.minutes) set(element, "for", element.dataset.minutes);
  }
}

// --- An interview that is held: where it was, where it would go ------------------------------------------------------

let held = null;

function lift(slot, how) {
  drop();
  const room = slot.closest("[data-room]");
  held = { slot, how, from: { room, start: number(slot, "start") }, room, start: number(slot, "start") };
  slot.dataset.moving = how;
  slot.querySelector(".day-handle").setAttribute("aria-pressed", "true");
}

function drop() {
  if (!held) return;
  const { slot } = held;
  delete slot.dataset.moving;
  slot.querySelector(".day-handle")?.setAttribute("aria-pressed", "false");
  held = null;
}

function show(room, start) {
  const { opens, closes, step } = grid().dataset;
  const last = closes - number(held.slot, "minutes");
  held.start = Math.min(last, Math.max(Number(opens), Math.round(start / step) * step));
  if (held.room !== room) {
    held.room = room;
    const handle = held.slot.querySelector(".day-handle");
    const focused = document.activeElement === handle;
    room.querySelector(".day-slots").append(held.slot);
    if (focused) handle.focus();
  }
  held.slot.style.setProperty("--at", held.start - opens);
  message.textContent = `${held.slot.dataset.name} : ${clock(held.start)}, ${room.dataset.room}`;
}

function putBack() {
  if (!held) return;
  show(held.from.room, held.from.start);
  drop();
  message.textContent = "";
}

async function settle() {
  const { slot, room, start, from } = held;
  if (room === from.room && start === from.start) return putBack();
  const move = { url: slot.dataset.place, slotToken: slot.dataset.slotToken, start, room: room.dataset.room, name: slot.dataset.name };
  const back = { ...move, start: from.start, room: from.room.dataset.room };
  await ask(move, back);
}

// --- The server has the last word ------------------------------------------------------------------------------------

async function ask(move, back, accepted = "") {
  const body = new URLSearchParams({ start: `${grid().dataset.day}T${clock(move.start).padStart(5, "0")}`, room: move.room, slot_token: move.slotToken, accepted });
  answer.hidden = true;
  message.textContent = "Vérification…";
  let result;
  try {
    const response = await fetch(move.url, {
      method: "POST",
      body,
      headers: { "X-CSRFToken": token },
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE),
    });
    result = await response.json();
  } catch {
    result = { errors: ["Le déplacement n'est pas enregistré : le réseau ne répond pas. Réessayez."] };
  }
  if (result.warnings) return warn(result, move, back);
  if (result.errors) {
    putBack();
    say(result.errors);
    message.textContent = "";
  } else {
    drop();
    if (back) undoable.push({ ...back, slotToken: result.slot_token });
    message.textContent = `Enregistré. ${result.message}`;
  }
  await renew();
}

function say(lines) {
  answer.replaceChildren(list(lines));
  answer.hidden = false;
}

function list(lines) {
  const items = document.createElement("ul");
  items.className = "mb-0";
  items.append(...lines.map((line) => Object.assign(document.createElement("li"), { textContent: line })));
  return items;
}

function warn(result, move, back) {
  const yes = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-primary me-2 mt-2", textContent: "Déplacer quand même" });
  const no = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-outline-secondary mt-2", textContent: "Laisser à sa place" });
  say(result.warnings);
  answer.append(yes, no);
  message.textContent = "À confirmer.";
  yes.addEventListener("click", () => ask(move, back, result.accepted));
  no.addEventListener("click", () => {
    putBack();
    answer.hidden = true;
  });
  yes.focus();
}

async function renew() {
  await refreshParts(["grid", "to-notify"], location.pathname);
  undo.hidden = !undoable.length;
  if (undoable.length) undo.textContent = `Annuler : ${undoable.at(-1).name} revient à ${clock(undoable.at(-1).start)}, ${undoable.at(-1).room}`;
}

undo.addEventListener("click", () => {
  const last = undoable.pop();
  if (last) ask(last, null);
});

// --- The hand ---------------------------------------------------------------------------------------------------------

document.addEventListener("pointerdown", (event) => {
  const handle = event.target.closest(".day-handle");
  if (!handle || event.button !== 0) return;
  event.preventDefault();
  handle.focus();
  const slot = handle.closest(".day-slot");
  lift(slot, "drag");
  const grip = event.clientY - slot.getBoundingClientRect().top;
  const frame = grid().parentElement;
  let moved = false;
  const follow = (at) => {
    if (at.pointerId !== event.pointerId || !held) return;
    moved ||= Math.hypot(at.clientX - event.clientX, at.clientY - event.clientY) > 4;
    if (!moved) return;
    const box = frame.getBoundingClientRect();
    const room = roomAt(at.clientX) ?? held.room;
    const top = held.room.querySelector(".day-slots").getBoundingClientRect().top;
    const minute = Number.parseFloat(getComputedStyle(grid()).getPropertyValue("--minute"));
    show(room, number(grid(), "opens") + (at.clientY - grip - top) / minute);
    if (at.clientY > box.bottom - 40) frame.scrollTop += 12;
    if (at.clientY < box.top + 80) frame.scrollTop -= 12;
    if (at.clientX > box.right - 30) frame.scrollLeft += 12;
    if (at.clientX < box.left + 60) frame.scrollLeft -= 12;
  };
  const end = (at) => {
    if (at.pointerId !== event.pointerId) return;
    document.removeEventListener("pointermove", follow);
    document.removeEventListener("pointerup", end);
    document.removeEventListener("pointercancel", end);
    if (!held) return;
    if (at.type === "pointercancel" || !moved) putBack();
    else settle();
  };
  document.addEventListener("pointermove", follow);
  document.addEventListener("pointerup", end);
  document.addEventListener("pointercancel", end);
});

// --- The keyboard -----------------------------------------------------------------------------------------------------

const STEPS = { ArrowUp: -1, ArrowDown: 1 };
const SIDES = { ArrowLeft: -1, ArrowRight: 1 };

document.addEventListener("keydown", (event) => {
  const handle = event.target.closest?.(".day-handle");
  if (!handle) return;
  const slot = handle.closest(".day-slot");
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    if (held?.slot === slot) settle();
    else {
      lift(slot, "keys");
      show(held.room, held.start);
    }
    return;
  }
  if (held?.slot !== slot) return;
  if (event.key === "Escape") putBack();
  else if (event.key in STEPS) show(held.room, held.start + STEPS[event.key] * number(grid(), "step"));
  else if (event.key in SIDES) {
    const all = rooms();
    const next = all[all.indexOf(held.room) + SIDES[event.key]];
    if (next) show(next, held.start);
  } else return;
  event.preventDefault();
  handle.scrollIntoView({ block: "nearest", inline: "nearest" });
});

document.addEventListener("focusout", (event) => {
  // Whoever goes elsewhere gives up; a slot that changes room loses the focus for a moment only.
  if (held?.how === "keys" && event.relatedTarget && !held.slot.contains(event.relatedTarget) && !answer.contains(event.relatedTarget)) putBack();
});

document.addEventListener("parts", layOut);
layOut();

// The first interview of the day is in sight.
const first = Math.min(...[...document.querySelectorAll(".day-slot")].map((slot) => slot.offsetTop));
if (Number.isFinite(first)) grid().parentElement.scrollTop = Math.max(0, first - 60);
