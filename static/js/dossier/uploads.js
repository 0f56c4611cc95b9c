// The files of a dossier: sent one after the other, several chosen or dropped at once. What is chosen stays on the device until
// the site has it, so that a tunnel, a locked phone or a reload only delay it. Without this script each heading has its plain form.

import { orderByDragging } from "./file_order.js";
import { refreshParts } from "../shared/parts.js";
import { Refused, Sending } from "./tus.js";
import { Line, megabytes } from "./upload_line.js";
import { forget, keep, listStored } from "./upload_store.js";

const POLL = 2_000; // ms
const POLL_LONG = 10_000; // once a check has lasted for LONG
const LONG = 60_000;

const root = document.querySelector("[data-uploads]");
const { uploads: page, maxBytes, accept, login } = root.dataset;
const { person } = document.body.dataset;
const limit = Number(maxBytes);

const voice = Object.assign(document.createElement("p"), { className: "visually-hidden", role: "status" });
root.append(voice);

// --- One after the other

let queue = Promise.resolve();
const onTheirWay = new Set();
const chosenHere = new Set(); // ids: what this page took is on the device too by the time it looks there

function enqueue(entry) {
  const sending = new Sending(page, entry, {
    begun: () => remember(entry),
    progress: (at) => line.progress(at, entry.file.size),
    waiting: () => line.waiting(),
    expired: () => line.expired(login),
  });
  const line = new Line(lines(entry.position), entry.name, {
    voice: (text) => (voice.textContent = text),
    abandon: async () => {
      entry.abandoned = true;
      line.remove();
      await forget(entry).catch(() => {});
      await sending.abandon().catch(() => {}); // without the network the site forgets it by itself, in two days
      await finished(entry);
    },
  });
  onTheirWay.add(entry);
  hideOwn();
  queue = queue.then(() => inOneTab(entry, line, () => send(entry, line, sending)));
}

async function send(entry, line, sending) {
  if (entry.abandoned) return;
  try {
    await sending.run();
    line.remove();
    if (!entry.abandoned) voice.textContent = `${entry.name} est arrivé.`;
  } catch (error) {
    line.refused(error instanceof Refused ? error.message : "L'envoi s'est arrêté. Choisissez de nouveau le fichier.");
  }
  await forget(entry).catch(() => {});
  await finished(entry);
}

// Two tabs that find the same file on the device do not both send it.
async function inOneTab(entry, line, work) {
  if (!navigator.locks) return work();
  const name = `cqp-envoi-${entry.id}`;
  const taken = await navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
    if (lock) await work();
    return !lock;
  });
  if (!taken) return;
  line.elsewhere();
  navigator.locks.request(name, () => {}).then(async () => {
    line.remove();
    onTheirWay.delete(entry);
    const left = (await listStored(person).catch(() => [])).find(({ id }) => id === entry.id);
    if (left) enqueue({ ...left, isStored: true });
    else await refresh(entry.position);
  });
}

async function finished(entry) {
  onTheirWay.delete(entry);
  await refresh(entry.position);
}

async function remember(entry) {
  const { id, position, name, file, replaces, url } = entry;
  if (entry.abandoned) return;
  await keep({ id, person, page, position, name, file, replaces, url }).then(
    () => (entry.isStored = true),
    () => (entry.isStored = false),
  );
}

async function take(position, files, replaces = "") {
  for (const file of files) {
    const entry = { id: `${Date.now()}-${Math.random()}`, person, position, name: file.name, file, replaces, url: "" };
    if (file.size > limit) {
      const line = new Line(lines(position), file.name, { voice: (text) => (voice.textContent = text) });
      line.refused(
        `Ce fichier pèse ${megabytes(file.size)} ; la limite est de ${megabytes(limit)}. Réduisez la taille de ses images, ou coupez-le en plusieurs fichiers.`,
      );
      continue;
    }
    chosenHere.add(entry.id);
    await remember(entry);
    enqueue(entry);
  }
}

// --- The page

// Under the files of a heading, those that are on their way.
function lines(position) {
  const part = document.querySelector(`[data-part="files-${position}"]`);
  const known = part.parentElement.querySelector("[data-lines]");
  if (known) return known;
  const list = Object.assign(document.createElement("ul"), { className: "list-group mb-3" });
  list.dataset.lines = "";
  part.after(list);
  return list;
}

async function refresh(position) {
  await refreshParts([`files-${position}`, "progress", "missing"]);
  dress();
}

// While the site checks a file, it is asked where it stands.
let polling = 0;
let busySince = 0;
function poll() {
  clearTimeout(polling);
  const parts = new Set([...root.querySelectorAll("[data-part]:has([data-busy])")].map(({ dataset }) => dataset.part));
  if (!parts.size) return (busySince = 0);
  busySince ||= Date.now();
  polling = setTimeout(
    async () => {
      if (document.visibilityState === "visible") await refreshParts([...parts, "progress", "missing"]);
      dress();
    },
    Date.now() - busySince < LONG ? POLL : POLL_LONG,
  );
}

// What only a script can do, on the parts as the server writes them.
function dress() {
  hideOwn();
  for (const button of root.querySelectorAll("[data-replace]")) button.hidden = false;
  orderByDragging(root, refresh);
  poll();
}

// What this page sends has its own line.
function hideOwn() {
  for (const { url } of onTheirWay) {
    const item = url && root.querySelector(`[data-upload="${CSS.escape(url)}"]`);
    if (item) item.hidden = true;
  }
}

root.addEventListener("click", (event) => {
  const button = event.target.closest("[data-replace]");
  if (!button) return;
  const chooser = Object.assign(document.createElement("input"), { type: "file", accept });
  const position = Number(button.closest("[data-order]").dataset.order);
  chooser.addEventListener("change", () => take(position, [...chooser.files], button.dataset.replace));
  chooser.click();
});

for (const form of root.querySelectorAll("form[data-deposit]")) {
  const input = form.elements.file;
  const position = Number(form.dataset.deposit);
  input.multiple = true;
  // Choosing is sending: one touch less. The button is for browsers without scripts.
  form.querySelector("[type=submit]").hidden = true;
  const chosen = () => {
    const files = [...input.files];
    input.value = "";
    take(position, files);
  };
  input.addEventListener("change", chosen);
  chosen(); // what was chosen before this script was there

  const zone = form.closest("section");
  const isFile = (event) => event.dataTransfer.types.includes("Files");
  zone.addEventListener("dragover", (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    zone.classList.add("border-primary");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("border-primary"));
  zone.addEventListener("drop", (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    zone.classList.remove("border-primary");
    take(position, [...event.dataTransfer.files]);
  });
}

document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && poll());
addEventListener("beforeunload", (event) => {
  if ([...onTheirWay].some((entry) => !entry.isStored)) event.preventDefault();
});

dress();
for (const entry of await listStored(person).catch(() => [])) {
  if (chosenHere.has(entry.id)) continue;
  if (entry.page === page && root.querySelector(`[data-part="files-${entry.position}"]`)) enqueue({ ...entry, isStored: true });
}
