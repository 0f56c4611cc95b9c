// The order of files by dragging. By touch and by keyboard, the buttons « Monter » and « Descendre » do the same.

let dragged = null;

const filesOf = (list) => [...list.querySelectorAll(":scope > [data-file]")];
const orderOf = (list) => filesOf(list).map(({ dataset }) => dataset.file).join(",");

// Make the files of each list in `root` draggable. Once the site has an order, `moved(position)`.
export function orderByDragging(root, moved) {
  for (const list of root.querySelectorAll("[data-order-url]")) {
    if (filesOf(list).length < 2 || list.dataset.draggable) continue;
    list.dataset.draggable = "yes";
    for (const file of filesOf(list)) file.draggable = true;
    listen(list, moved);
  }
}

function listen(list, moved) {
  let before = "";
  list.addEventListener("dragstart", (event) => {
    dragged = filesOf(list).find((file) => file === event.target) ?? null;
    before = orderOf(list);
  });
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest("[data-file]");
    if (!dragged || dragged.parentNode !== list || !over) return;
    event.preventDefault();
    if (over === dragged) return;
    const { top, height } = over.getBoundingClientRect();
    over[event.clientY > top + height / 2 ? "after" : "before"](dragged);
  });
  list.addEventListener("dragend", async () => {
    dragged = null;
    if (orderOf(list) !== before) await send(list).finally(() => moved(list.dataset.order));
  });
}

async function send(list) {
  const body = new URLSearchParams({ order: orderOf(list) });
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  await fetch(list.dataset.orderUrl, { method: "POST", body, headers: { "X-CSRFToken": token }, redirect: "error" }).catch(() => {});
}
