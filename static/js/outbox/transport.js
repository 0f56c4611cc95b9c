// A batch of operations of one stream and one device, to the server and back.

const TIMEOUT = 20_000;

export function batchRequest(token, device, batch) {
  const operations = batch.map(({ key, kind, payload, base_seq, at }) => ({ key, kind, payload, base_seq, at }));
  return {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify({ device, operations }),
    redirect: "error",
  };
}

// Resolves to { outcome, … }: "answered" with `answers` and the server's `time` in ms, "loggedOut", "denied" (the stream is no longer
// theirs) and "unreadable" with a `message`, "unreachable".
export async function postBatch(stream, token, device, batch) {
  let response;
  let body = null;
  try {
    response = await fetch(stream, { ...batchRequest(token, device, batch), signal: AbortSignal.timeout(TIMEOUT) });
    if (response.headers.get("Content-Type")?.startsWith("application/json")) body = await response.json();
  } catch {
    return { outcome: "unreachable" };
  }
  const { ok, status } = response;
  if (ok && body?.answers?.length === batch.length) {
    return { outcome: "answered", answers: body.answers, time: Date.parse(response.headers.get("Date")) };
  }
  if (status === 401 || status === 403) return { outcome: "loggedOut" };
  if (status === 404 && body?.message) return { outcome: "denied", message: body.message };
  if (body && [409, 413, 422].includes(status)) return { outcome: "unreadable", message: body.message };
  return { outcome: "unreachable" }; // 5xx, 429, or a page of the network that is not ours.
}
