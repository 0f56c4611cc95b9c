// The communes offered while a birthplace is typed. Without this script the place is typed freely, and the server finds it.

const DELAY = 150;
const SHORTEST = 2;

function serve(field) {
  const list = document.getElementById(field.getAttribute("list"));
  const country = field.form.elements[field.dataset.country];
  const help = document.getElementById(`${field.id}_helptext`);
  let timer;
  let asked = "";

  async function offer() {
    const typed = field.value.trim();
    if (typed.length < SHORTEST || typed === asked || [...list.options].some(({ value }) => value === typed)) return;
    asked = typed;
    try {
      const answer = await fetch(`${field.dataset.communes}?q=${encodeURIComponent(typed)}`);
      if (!answer.ok || typed !== field.value.trim()) return;
      const { communes } = await answer.json();
      list.replaceChildren(...communes.map((name) => new Option("", name)));
    } catch {
      asked = ""; // no network: the place is typed freely
    }
  }

  // Elsewhere than in France there is no list to choose from.
  function follow() {
    const inFrance = country.value.trim().toLowerCase() === "france";
    if (inFrance) field.setAttribute("list", list.id);
    else field.removeAttribute("list");
    if (help) help.hidden = !inFrance;
    return inFrance;
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    if (follow()) timer = setTimeout(offer, DELAY);
  });
  country.addEventListener("input", follow);
  follow();
}

for (const field of document.querySelectorAll("[data-communes]")) serve(field);
