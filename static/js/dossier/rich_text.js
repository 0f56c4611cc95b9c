// Where an answer is typed: takes the place of a text area. Bold and lists only; what is pasted keeps its paragraphs, lists and bold.
//
//   const richText = new RichText(area);              // richText.text is the text with its marks
//   richText.addEventListener("typed", () => …);
//   richText.addEventListener("left", () => …);      // the focus went elsewhere

import { blocksOf, fragmentOf, parse, pastedBlocks, textOf } from "./markup.js";

const COMMANDS = [
  ["bold", "Gras"],
  ["insertUnorderedList", "Liste"],
  ["insertOrderedList", "Liste numérotée"],
];
// What the browser may do besides typing.
const FORMATS = new Set(["formatBold"]);

export class RichText extends EventTarget {
  #place = document.createElement("div");
  #tools = document.createElement("div");

  constructor(area) {
    super();
    const label = area.labels[0];
    Object.assign(this.#place, { className: "form-control answer-surface answer-text", contentEditable: "true", role: "textbox" });
    this.#place.ariaMultiLine = "true";
    this.#place.setAttribute("aria-labelledby", label.id);
    label.addEventListener("click", () => this.#place.focus());
    this.#addTools(label.textContent);
    this.text = area.value;
    area.after(this.#tools, this.#place);
    area.hidden = true;
    this.#listen();
  }

  get text() {
    return textOf(blocksOf(this.#place));
  }

  set text(text) {
    const focused = this.#focused;
    this.#place.replaceChildren(fragmentOf(parse(text)));
    this.#neverEmpty();
    if (focused) document.getSelection().selectAllChildren(this.#place.lastElementChild), document.getSelection().collapseToEnd();
  }

  get #focused() {
    return document.activeElement === this.#place;
  }

  close() {
    this.#place.contentEditable = "false";
    this.#place.ariaReadOnly = "true";
    this.#place.tabIndex = 0;
    this.#tools.hidden = true;
  }

  #addTools(label) {
    this.#tools.className = "answer-tools";
    this.#tools.role = "group";
    this.#tools.ariaLabel = `Mise en forme, ${label}`;
    for (const [command, name] of COMMANDS) {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "btn btn-outline-secondary", textContent: name, ariaPressed: "false" });
      button.dataset.command = command;
      // The selection stays where it is.
      button.addEventListener("pointerdown", (event) => event.preventDefault());
      button.addEventListener("mousedown", (event) => event.preventDefault());
      button.addEventListener("click", () => this.#command(command));
      this.#tools.append(button);
    }
  }

  #listen() {
    const place = this.#place;
    place.addEventListener("focus", () => document.execCommand("defaultParagraphSeparator", false, "p"));
    place.addEventListener("input", () => {
      this.#neverEmpty();
      this.dispatchEvent(new Event("typed"));
    });
    place.addEventListener("beforeinput", (event) => {
      if (event.inputType.startsWith("format") && !FORMATS.has(event.inputType)) event.preventDefault();
    });
    place.addEventListener("paste", (event) => this.#take(event, event.clipboardData));
    place.addEventListener("drop", (event) => this.#take(event, event.dataTransfer));
    place.addEventListener("focusout", () => {
      this.#showCommands();
      this.dispatchEvent(new Event("left"));
    });
    document.addEventListener("selectionchange", () => this.#showCommands());
  }

  #command(command) {
    this.#place.focus();
    document.execCommand(command);
    this.#showCommands();
  }

  #showCommands() {
    for (const button of this.#tools.children) {
      button.ariaPressed = String(this.#focused && document.queryCommandState(button.dataset.command));
    }
  }

  // Files are not for here: where they go, another script says.
  #take(event, data) {
    if (data.files.length && !data.types.includes("text/html") && !data.types.includes("text/plain")) return;
    event.preventDefault();
    const blocks = pastedBlocks(data.getData("text/html"), data.getData("text/plain"));
    if (!blocks.length) return;
    const [{ kind, lines }] = blocks;
    const short = blocks.length === 1 && kind === "p" && lines.length === 1;
    const box = document.createElement("div");
    box.append(fragmentOf(blocks));
    document.execCommand("insertHTML", false, short ? box.firstElementChild.innerHTML : box.innerHTML);
  }

  // An empty surface has a paragraph to type in.
  #neverEmpty() {
    if (this.#place.childNodes.length && this.#place.textContent) return;
    if (this.#place.querySelector("li, p")) return;
    const paragraph = document.createElement("p");
    paragraph.append(document.createElement("br"));
    this.#place.replaceChildren(paragraph);
  }
}
