// The scoring form by keyboard: up and down between criteria, a level's number, Delete to take it back, n for the note, Escape out of it.

export function listenToKeys(form, flushTexts) {
  const criteria = () => [...form.querySelectorAll("fieldset[data-criterion]")].filter((place) => place.offsetParent !== null);

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const here = event.target.closest?.("fieldset[data-criterion]") ?? null;
    if (event.target.matches("textarea")) {
      if (event.key === "Escape" && here) {
        flushTexts();
        enter(here);
      }
      return;
    }
    // The arrows of other choices keep their own meaning.
    if (event.target.matches("input") && !event.target.name.startsWith("level-")) return;
    if (act(event.key, here)) event.preventDefault();
  });

  function act(key, here) {
    if (key === "ArrowDown" || key === "ArrowUp") {
      const all = criteria();
      const step = key === "ArrowDown" ? 1 : -1;
      const next = here ? all[all.indexOf(here) + step] : (all.find(unscored) ?? all[0]);
      if (next) enter(next);
      return all.length > 0;
    }
    if (!here) return false;
    if (key === "n" || key === "N") {
      const details = here.querySelector("details.note");
      details.open = true;
      details.querySelector("textarea").focus();
      return true;
    }
    if (key === "Delete" || key === "Backspace") {
      here.querySelector("[data-clear]")?.click();
      return true;
    }
    const radio = /^[0-9]$/.test(key) && here.querySelector(`input[name^="level-"][value="${key}"]`);
    if (!radio) return false;
    radio.focus();
    radio.click();
    return true;
  }
}

const unscored = (place) => !place.querySelector('input[name^="level-"]:checked');

function enter(place) {
  const radio = place.querySelector('input[name^="level-"]:checked') ?? place.querySelector('input[name^="level-"]');
  radio.focus({ preventScroll: true });
  place.scrollIntoView({ block: "center" });
}
