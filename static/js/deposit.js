// Sending files: several at once, dropped or chosen, one by one, with the progress in words. Without this script each
// heading has its plain form, which sends one file.

const MEGABYTE = 1e6;
const LOST = "La connexion a été coupée avant la fin : ce fichier n'est pas arrivé. Envoyez-le de nouveau.";
const LOGGED_OUT = "Votre connexion a expiré : ouvrez de nouveau cette page, puis envoyez le fichier.";

function megabytes(bytes) {
  return `${(bytes / MEGABYTE).toFixed(1).replace(".", ",")} Mo`;
}

// Sends one file; resolves to { ok, message }.
function send(form, file, onProgress) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onProgress(event.loaded, event.total);
    });
    request.addEventListener("load", () => {
      try {
        resolve({ ok: request.status === 201, message: JSON.parse(request.responseText).message });
      } catch {
        resolve({ ok: false, message: request.status === 413 ? tooLarge(form) : LOGGED_OUT });
      }
    });
    request.addEventListener("error", () => resolve({ ok: false, message: LOST }));
    const body = new FormData();
    body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    body.append("file", file);
    request.send(body);
  });
}

function tooLarge(form) {
  const limit = megabytes(Number(form.dataset.maxBytes)).replace(",0", "");
  return `Ce fichier dépasse ${limit} : réduisez la taille de ses images, ou coupez-le en plusieurs fichiers.`;
}

// One line per file under the form: its name, a bar, then what became of it.
function addLine(form, file) {
  const line = document.createElement("li");
  line.className = "list-group-item";
  const text = document.createElement("p");
  text.className = "mb-1 text-break";
  text.textContent = `${file.name} : en attente`;
  const bar = document.createElement("progress");
  bar.className = "w-100";
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", `Envoi de ${file.name}`);
  line.append(text, bar);
  form.lines.append(line);
  return {
    progress(loaded, total) {
      bar.value = loaded / total;
      text.textContent = loaded < total
        ? `${file.name} : ${megabytes(loaded)} sur ${megabytes(total)}`
        : `${file.name} : vérification…`;
    },
    done({ ok, message }) {
      bar.remove();
      text.textContent = ok ? message : `${file.name} : ${message}`;
      line.classList.add(ok ? "list-group-item-success" : "list-group-item-danger");
    },
  };
}

// Takes the lists of files and what is missing from a fresh copy of the page; the lines about refused files stay.
async function refresh() {
  const response = await fetch(location.pathname, { headers: { Accept: "text/html" } });
  if (!response.ok || response.redirected) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const part of document.querySelectorAll("[data-files], [data-missing]")) {
    const name = part.hasAttribute("data-missing") ? "[data-missing]" : `[data-files="${part.dataset.files}"]`;
    const replacement = fresh.querySelector(name);
    if (replacement) part.replaceWith(document.adoptNode(replacement));
  }
}

let pending = 0;
let queue = Promise.resolve();

function enqueue(form, files) {
  for (const file of files) {
    const line = addLine(form, file);
    pending += 1;
    queue = queue.then(async () => {
      const result = file.size > Number(form.dataset.maxBytes)
        ? { ok: false, message: tooLarge(form) }
        : await send(form, file, line.progress);
      line.done(result);
      pending -= 1;
      if (result.ok) await refresh().catch(() => {});
    });
  }
}

for (const form of document.querySelectorAll("form[data-deposit]")) {
  const input = form.elements.file;
  input.multiple = true;
  // Choosing is sending: one touch less. The button is for browsers without scripts.
  form.querySelector("[type=submit]").hidden = true;
  form.lines = document.createElement("ul");
  form.lines.className = "list-group mt-3";
  form.lines.setAttribute("aria-live", "polite");
  form.after(form.lines);

  const take = () => {
    enqueue(form, [...input.files]);
    input.value = "";
  };
  input.addEventListener("change", take);
  take(); // What was chosen before this script was there.

  const zone = form.closest("section");
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("border-primary");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("border-primary"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("border-primary");
    enqueue(form, [...event.dataTransfer.files]);
  });
}

addEventListener("beforeunload", (event) => {
  if (pending) event.preventDefault();
});
