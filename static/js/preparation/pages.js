// The dossier beside the notes: a button on each page puts « p. 12 » into the note last touched; the pages that a note cites are
// links under it; a page opened from a note leads back to it.

// The same as in evaluations/templatetags/notes.py.
const PAGES = /\b(?:p\.|page)[ \u00a0]?\d{1,3}(?:[-–]\d{1,3})?\b|\b(?:pp\.|pages)[ \u00a0]?\d{1,3}(?:[ \u00a0]?(?:,|-|–|à|et)[ \u00a0]?\d{1,3})*\b/gi;

const SAID = 6000; // ms

const isNote = (element) => element?.matches("form[data-stream] textarea") ?? false;

let note = isNote(document.activeElement) ? document.activeElement : null; // the note last touched, perhaps before this script was there
let silence = 0; // what takes the last word away
let origin = null; // the link that opened the dossier or a page of it, and how far the page was scrolled

function cite(number) {
  if (!note?.isConnected) return say("Touchez d'abord la note où citer cette page.");
  const before = note.value.slice(0, note.selectionStart);
  const text = `${before && !/\s$/.test(before) ? " " : ""}p. ${number} `;
  if (note.value.length + text.length > note.maxLength) return say("Cette note est pleine.");
  for (let box = note.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  note.setRangeText(text, note.selectionStart, note.selectionEnd, "end");
  note.dispatchEvent(new Event("input", { bubbles: true }));
  say(`p. ${number} : ajouté à « ${note.labels[0].textContent.trim()} »`);
}

function say(text) {
  const status = document.querySelector("[data-cited-message]");
  status.textContent = text;
  clearTimeout(silence);
  silence = setTimeout(() => (status.textContent = ""), SAID);
}

function showCited(field) {
  const place = document.querySelector(`[data-cited="${field.name}"]`);
  if (!place) return;
  const numbers = (field.value.match(PAGES) ?? []).flatMap((citation) => citation.match(/\d+/g)).map(Number);
  const shown = [...new Set(numbers)].sort((a, b) => a - b).filter((number) => document.getElementById(`page-${number}`));
  place.replaceChildren(
    ...shown.map((number) => {
      const link = document.createElement("a");
      link.href = `#page-${number}`;
      link.textContent = `p. ${number}`;
      return link;
    }),
  );
}

function comeBack(event) {
  if (!origin?.link.isConnected) return;
  event.preventDefault();
  window.location.replace("#");
  window.scrollTo({ top: origin.top, behavior: "instant" });
  origin.link.focus({ preventScroll: true });
  origin = null;
}

for (const button of document.querySelectorAll("[data-cite]")) button.hidden = false;
// What comes back from the device, or from another one, is written without an event of the field.
const form = document.querySelector("form[data-stream]");
const showAllCited = () => {
  for (const place of form.querySelectorAll("[data-cited]")) showCited(form.elements[place.dataset.cited]);
};
if (form) showAllCited();
form?.addEventListener("filled", showAllCited);
document.addEventListener("focusin", ({ target }) => {
  if (isNote(target)) note = target;
});
document.addEventListener("input", ({ target }) => isNote(target) && showCited(target));
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-cite]");
  const link = event.target.closest('a[href^="#page-"]:not([data-dossier-contents] a), .bar-dossier');
  if (button) cite(button.dataset.cite);
  else if (link) origin = { link, top: window.scrollY };
  else if (event.target.closest(".dossier-close")) comeBack(event);
});
