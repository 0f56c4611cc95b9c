// Light or dark, as the device asks; light on paper. Loaded in <head>, before anything is painted.
(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const set = (isDark) => document.documentElement.setAttribute("data-bs-theme", isDark ? "dark" : "light");
  set(dark.matches);
  dark.addEventListener("change", () => set(dark.matches));
  window.addEventListener("beforeprint", () => set(false));
  window.addEventListener("afterprint", () => set(dark.matches));
})();
