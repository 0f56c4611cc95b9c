// A file on its way, on the page: its name, a bar, where it stands in words, and how to give it up.

import { element } from "../shared/element.js";

const WAITING = "En attente du réseau : l'envoi reprendra là où il s'est arrêté.";
const EXPIRED = "Votre connexion a expiré. Reconnectez-vous : l'envoi reprendra là où il s'est arrêté.";
const TURN = "En attente de son tour";
const ELSEWHERE = "Cet envoi se fait dans un autre onglet.";

export function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1).replace(".", ",").replace(/,0$/, "")} Mo`;
}

function left(seconds) {
  return seconds < 50 ? "encore moins d'une minute" : `encore ${Math.round(seconds / 60)} min`;
}

export class Line {
  #item;
  #state = element("p", { className: "mb-2 text-body-secondary upload-state" }, TURN);
  #bar;
  #button;
  #voice;
  #name;
  #since = null; // where it stood when the network was last back

  // `voice`: what is said aloud, once; the progress itself is only shown.
  constructor(list, name, { voice, abandon }) {
    this.#name = name;
    this.#voice = voice;
    this.#bar = element("progress", { className: "w-100", max: 1, value: 0, ariaLabel: `Envoi de ${name}` });
    this.#button = element("button", { type: "button", className: "btn btn-outline-secondary" });
    this.#label("Abandonner l'envoi");
    this.#button.addEventListener("click", () => (this.over ? this.remove() : abandon()));
    this.#item = element("li", { className: "list-group-item" });
    this.#item.append(element("p", { className: "file-name text-break mb-1" }, name), this.#state, this.#bar, this.#button);
    list.append(this.#item);
  }

  progress(at, size) {
    const now = performance.now();
    this.#since ??= { at, now };
    const seconds = (now - this.#since.now) / 1000;
    const speed = seconds > 2 ? (at - this.#since.at) / seconds : 0;
    this.#bar.value = at / size;
    this.#show(`${megabytes(at)} sur ${megabytes(size)}${speed > 0 ? `, ${left((size - at) / speed)}` : ""}`);
  }

  turn() {
    this.#show(TURN);
  }

  elsewhere() {
    this.#show(ELSEWHERE);
  }

  waiting() {
    this.#since = null;
    this.#say(WAITING);
  }

  expired(login) {
    this.#since = null;
    this.#say(EXPIRED);
    this.#state.append(" ", element("a", { href: login, target: "_blank", rel: "noopener", textContent: "Se reconnecter" }));
  }

  refused(message) {
    this.over = true;
    this.#bar.remove();
    this.#say(message);
    this.#state.className = "mb-2 text-danger-emphasis";
    this.#label("Effacer ce message");
  }

  remove() {
    this.#item.remove();
  }

  #label(text) {
    this.#button.replaceChildren(text, element("span", { className: "visually-hidden" }, ` ${this.#name}`));
  }

  #show(text) {
    if (this.#state.textContent !== text) this.#state.textContent = text;
  }

  #say(text) {
    this.#show(text);
    this.#voice(`${this.#name} : ${text}`);
  }
}
