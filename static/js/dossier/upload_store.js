// The files on their way, kept on the device until the site has them:
// { id, person, page, position, name, file, replaces, url }, `page` being where the uploads of their dossier begin.
// In clear, like the file they are a copy of. Logging out, or another person's login, drops them.

const NAME = "cqp-envois";

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore("files", { keyPath: ["person", "id"] });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function use(mode, work) {
  const base = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = base.transaction("files", mode);
      const request = work(transaction.objectStore("files"));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    base.close();
  }
}

const ofPerson = (person) => IDBKeyRange.bound([person], [person, []]);

// Rejects where nothing can be kept: private browsing, a full disk.
export const keep = (entry) => use("readwrite", (store) => store.put(entry));
export const forget = ({ person, id }) => use("readwrite", (store) => store.delete([person, id]));
export const listStored = (person) => use("readonly", (store) => store.getAll(ofPerson(person)));

export async function forgetOthers(person) {
  const keys = await use("readonly", (store) => store.getAllKeys());
  for (const [owner, id] of keys) if (owner !== person) await forget({ person: owner, id });
}

export const forgetAll = () => use("readwrite", (store) => store.clear());
