// What nobody came near has a height that is guessed. Once it is laid out, what a link leads to is gone
// to again; whoever comes back stays where they were.
"use strict";
(() => {
  const land = () => document.querySelector(":target")?.scrollIntoView();
  const soon = () => requestAnimationFrame(() => requestAnimationFrame(land));
  const [come] = performance.getEntriesByType("navigation");
  if (come?.type === "navigate") addEventListener("load", soon);
  addEventListener("click", ({ target }) => target.closest?.("a[href^='#']") && soon());
})();
