// Passkeys: added in the account, used on the login page, offered on the candidate's first page to a device that has none.

const HERE = "cqp-passkey"; // What this device did of the offer: "added" or "later".
const supported = Boolean(globalThis.PublicKeyCredential && navigator.credentials?.create);

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const known = (credentials) => credentials?.map((credential) => ({ ...credential, id: bytes(credential.id) }));

function credentialText(credential, response) {
  const { id, type, rawId, authenticatorAttachment } = credential;
  const clientExtensionResults = credential.getClientExtensionResults();
  return JSON.stringify({ id, type, rawId: text(rawId), authenticatorAttachment, clientExtensionResults, response });
}

async function create({ publicKey }) {
  const credential = await navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      user: { ...publicKey.user, id: bytes(publicKey.user.id) },
      excludeCredentials: known(publicKey.excludeCredentials),
    },
  });
  const { clientDataJSON, attestationObject } = credential.response;
  return credentialText(credential, {
    clientDataJSON: text(clientDataJSON),
    attestationObject: text(attestationObject),
    transports: credential.response.getTransports?.() ?? [],
  });
}

async function get({ publicKey }) {
  const credential = await navigator.credentials.get({
    publicKey: { ...publicKey, challenge: bytes(publicKey.challenge), allowCredentials: known(publicKey.allowCredentials) },
  });
  const { clientDataJSON, authenticatorData, signature, userHandle } = credential.response;
  return credentialText(credential, {
    clientDataJSON: text(clientDataJSON),
    authenticatorData: text(authenticatorData),
    signature: text(signature),
    userHandle: userHandle && text(userHandle),
  });
}

// The options to enter are fetched when they are needed: their challenge serves once.
async function enterOptions(form) {
  const response = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`no options: ${response.status}`);
  return (await response.json()).request_options;
}

const ASKED = {
  add: async (form) => create(JSON.parse(form.dataset.options)),
  enter: async (form) => get(await enterOptions(form)),
};

const FAILED = {
  InvalidStateError: "Cet appareil a déjà une clé d'accès pour votre compte.",
  NotAllowedError: "Rien n'a été confirmé sur l'appareil. Réessayez, ou continuez sans clé d'accès.",
};

async function ask(form) {
  const message = form.querySelector("[data-message]");
  const send = form.querySelector("[type=submit]");
  message.hidden = send.disabled = true;
  try {
    form.elements.credential.value = await ASKED[form.dataset.passkey](form);
    localStorage.setItem(HERE, "added");
    form.submit();
  } catch (error) {
    message.textContent = FAILED[error.name] ?? "La clé d'accès n'a pas pu servir. Réessayez, ou continuez sans elle.";
    message.hidden = send.disabled = false;
  }
}

async function offer(box) {
  if (localStorage.getItem(HERE) || !(await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable())) return;
  box.querySelector("button").addEventListener("click", () => {
    localStorage.setItem(HERE, "later");
    box.remove();
  });
  box.hidden = false;
}

if (supported) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = form.querySelector("[type=submit]").disabled = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask(form);
    });
  }
  document.querySelector("[data-passkey-missing]")?.remove();
  const box = document.querySelector("[data-passkey-offer]");
  if (box) offer(box).catch(() => {});
}
