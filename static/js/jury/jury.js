// The deliberation by keyboard: arrows between candidates and blocs, Ctrl and Enter to record. No letter is a command.

const link = (rel) => document.querySelector(`nav a[rel="${rel}"]`);
const forms = () => [...document.querySelectorAll(".jury-decision form")].filter((form) => form.offsetParent !== null);
const confirm = document.querySelector("form[data-confirm]");
const status = document.getElementById("jury-status");

const isDirty = () =>
  [...document.querySelectorAll(".jury-decision textarea")].some((area) => area.value !== area.defaultValue);

// What was typed and not recorded keeps the page where it is.
function isSaved() {
  const dirty = isDirty();
  if (dirty) {
    status.textContent = "Une saisie n'est pas enregistrée : enregistrez-la d'abord.";
    status.classList.remove("visually-hidden");
  }
  return !dirty;
}

document.addEventListener("click", (event) => {
  if (event.target.closest?.("a[data-leaves]") && !isSaved()) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.closest?.("form") ?? confirm;
    if (form) {
      event.preventDefault();
      form.requestSubmit();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.target.matches?.("input, textarea, select, summary")) return;
  if ((event.key === "ArrowRight" || event.key === "ArrowLeft") && isSaved()) {
    link(event.key === "ArrowRight" ? "next" : "prev")?.click();
  }
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const all = forms();
    if (!all.length) return;
    event.preventDefault();
    enter(event.key === "ArrowDown" ? all[0] : all[all.length - 1]);
  }
});

// Out of a form and on to the next one: the arrows of a choice keep their own meaning, Page Down does not.
document.addEventListener("keydown", (event) => {
  if (event.key !== "PageDown" && event.key !== "PageUp") return;
  const all = forms();
  const here = all.indexOf(event.target.closest?.(".jury-decision form"));
  const next = all[here + (event.key === "PageDown" ? 1 : -1)];
  if (here < 0 || !next) return;
  event.preventDefault();
  enter(next);
});

function enter(form) {
  const field = form.querySelector("input:checked") ?? form.querySelector("input:not([type=hidden]), textarea, button");
  field?.focus({ preventScroll: true });
  form.scrollIntoView({ block: "center" });
}

// After a decision: on to the next bloc without one, else to the way to the next candidate.
if (location.hash.startsWith("#suite-")) {
  const waiting = forms().find((form) => !form.closest("details"));
  if (waiting) enter(waiting);
  else link("next")?.focus();
}
