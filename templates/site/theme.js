// What holds before the first paint: a chosen theme, and that cards are to be practised.
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  if (/^#@practice(&|$)/.test(location.hash)) root.classList.add("practising");
  try {
    const chosen = localStorage.getItem("theme");
    if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
  } catch {
    // Storage may be forbidden; the switch then holds for one page.
  }
})();
