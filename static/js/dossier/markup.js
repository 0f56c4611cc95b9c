// The text of an answer, with its marks for bold and lists: the same as candidates/dossiers/markup.py, which says what they are. On the device it
// is read from, and written into, the surface where one types.
//
// A block is { kind: "p" | "ul" | "ol", lines: [[[text, bold], …], …] }.

export const LIMIT = 20_000; // candidates.dossiers.markup.LIMIT

const SPACE = " \\t\\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000";
const START = new RegExp(`^[${SPACE}]+`);
const END = new RegExp(`[${SPACE}]+$`);
const LINE_END = /\r\n|[\r\n\v\f\x85\u2028\u2029]/;
const UNPRINTABLE = /[\x00-\x08\x0e-\x1f\x7f]/g;
const NUMBERED = /^([1-9][0-9]{0,4})\. /;
const TOKENS = /\\[\\*.-]|\*\*|[^\\*]+|[\\*]/g;
const TO_ESCAPE = /\\(?=[\\*.-]|$)|\*+/g;

const clean = (text) => text.replace(UNPRINTABLE, "");
const strip = (text) => text.replace(START, "").replace(END, "");

// --- From a text to blocks

export function parse(text) {
  const build = new Builder();
  for (const raw of text.split(LINE_END)) {
    const [kind, content] = kindOf(strip(clean(raw)), build.last);
    build.add(kind, runsOf(content));
  }
  return build.blocks;
}

class Builder {
  blocks = [];
  #goesOn = false;

  get last() {
    return this.blocks.at(-1);
  }

  // Add a line. An empty one ends the paragraph.
  add(kind, runs) {
    const line = trimmed(runs);
    const { last } = this;
    if (!line.length) this.#goesOn = false;
    else {
      if (last?.kind === kind && (kind !== "p" || this.#goesOn)) last.lines.push(line);
      else this.blocks.push({ kind, lines: [line] });
      this.#goesOn = true;
    }
  }

  endParagraph() {
    this.#goesOn = false;
  }
}

function kindOf(raw, last) {
  if (raw.startsWith("- ")) return ["ul", raw.slice(2)];
  const match = raw.match(NUMBERED);
  const next = last?.kind === "ol" ? last.lines.length + 1 : 1;
  if (match && [1, next].includes(Number(match[1]))) return ["ol", raw.slice(match[0].length)];
  return ["p", raw];
}

function runsOf(content) {
  const tokens = content.match(TOKENS) ?? [];
  let marks = tokens.filter((token) => token === "**").length;
  let bold = false;
  const runs = [];
  for (const token of tokens) {
    if (token === "**" && (bold || marks > 1)) {
      bold = !bold;
      marks -= 1;
    } else addRun(runs, token.length === 2 && token[0] === "\\" ? token[1] : token, bold);
  }
  return runs;
}

function addRun(runs, text, bold) {
  if (runs.at(-1)?.[1] === bold) runs.at(-1)[0] += text;
  else runs.push([text, bold]);
}

function trimmed(runs) {
  const line = runs.map((run) => [...run]);
  while (line.length && !strip(line[0][0])) line.shift();
  while (line.length && !strip(line.at(-1)[0])) line.pop();
  if (line.length) {
    line[0][0] = line[0][0].replace(START, "");
    line.at(-1)[0] = line.at(-1)[0].replace(END, "");
  }
  return line;
}

// --- From blocks to the text

export function textOf(blocks) {
  return blocks.map((block, rank) => marked(block, blocks[rank - 1]).join("\n")).join("\n\n");
}

function marked({ kind, lines }, last) {
  return lines.map((line, rank) => {
    const text = line.map(([piece, bold]) => (bold ? `**${escaped(piece)}**` : escaped(piece))).join("");
    if (kind === "p") return notAnItem(text, rank ? undefined : last);
    return kind === "ul" ? `- ${text}` : `${rank + 1}. ${text}`;
  });
}

function escaped(piece) {
  return piece.replace(TO_ESCAPE, (signs, start) => {
    const alone = signs === "*" && start > 0 && start + 1 < piece.length;
    return alone ? signs : signs.replace(/./g, "\\$&");
  });
}

function notAnItem(text, last) {
  const [kind] = kindOf(text, last);
  if (kind === "p") return text;
  return kind === "ul" ? `\\${text}` : text.replace(".", "\\.");
}

// --- From blocks to the page

export function fragmentOf(blocks) {
  const fragment = document.createDocumentFragment();
  for (const { kind, lines } of blocks) {
    const block = document.createElement(kind);
    lines.forEach((line, rank) => {
      if (kind === "p" && rank) block.append(document.createElement("br"));
      const place = kind === "p" ? block : document.createElement("li");
      place.append(...line.map(([text, bold]) => (bold ? strong(text) : text)));
      if (place !== block) block.append(place);
    });
    fragment.append(block);
  }
  return fragment;
}

function strong(text) {
  const element = document.createElement("strong");
  element.append(text);
  return element;
}

// --- From the page to blocks: from a surface, or from what another page or a word processor gave to paste

const SKIPPED = new Set(["HEAD", "STYLE", "SCRIPT", "TEMPLATE", "TITLE", "META", "LINK"]);
const PARTS =
  /^(ADDRESS|ARTICLE|ASIDE|BLOCKQUOTE|BODY|DD|DIV|DL|DT|FIGURE|FOOTER|FORM|H[1-6]|HEADER|HR|LI|MAIN|NAV|OL|P|PRE|SECTION|TABLE|TBODY|TD|TH|TR|UL)$/;

// `pasted`: blanks count as in HTML, where the end of a line is a space.
export function blocksOf(element, { pasted = false } = {}) {
  const build = new Builder();
  let runs = [];
  const endLine = (kind) => {
    build.add(kind, runs);
    runs = [];
  };
  const read = (node, kind, bold) => {
    if (node.nodeType === Node.TEXT_NODE) {
      const lines = pasted ? [node.data.replace(/[ \t\r\n]+/g, " ")] : node.data.split(LINE_END);
      lines.forEach((line, rank) => {
        if (rank) endLine(kind);
        if (line) addRun(runs, clean(line), bold);
      });
    } else if (node.nodeName === "BR") endLine(kind);
    else if (node.nodeType === Node.ELEMENT_NODE && !SKIPPED.has(node.nodeName)) readElement(node, kind, bold);
  };
  const readElement = (node, kind, bold) => {
    const isPart = PARTS.test(node.nodeName);
    const inside = node.nodeName === "LI" ? (node.parentElement?.nodeName === "OL" ? "ol" : "ul") : kind;
    if (isPart) leave(kind);
    for (const child of node.childNodes) read(child, inside, isBold(node, bold));
    if (isPart) leave(inside);
  };
  const leave = (kind) => {
    if (runs.length) endLine(kind);
    build.endParagraph();
  };
  for (const child of element.childNodes) read(child, "p", false);
  leave("p");
  return build.blocks;
}

function isBold(node, bold) {
  const weight = node.getAttribute("style")?.match(/font-weight:\s*(\w+)/)?.[1];
  if (weight) return weight.startsWith("bold") || Number(weight) >= 600;
  return bold || node.nodeName === "B" || node.nodeName === "STRONG";
}

// What is pasted, as blocks: from its HTML when there is some, or from its plain text, where bullets of other programs are lists.
export function pastedBlocks(html, plain) {
  if (!html) return parse(plain.replace(/^[ \t]*[•·▪◦‣–][ \t\u00a0]+/gm, "- "));
  return blocksOf(new DOMParser().parseFromString(html, "text/html").body, { pasted: true });
}
