// Shows a page anew when it has changed, and what is wrong over it. Only `build serve` sends this.
"use strict";
(() => {
  const script = document.currentScript;
  let source;
  let panel;

  const show = (html) => {
    const folded = sessionStorage.getItem("live") === "folded";
    panel?.remove();
    panel = null;
    if (!html) return;
    const holder = document.createElement("template");
    holder.innerHTML = html;
    panel = holder.content.querySelector("details");
    if (folded) panel.open = false;
    document.body.append(panel);
    panel.querySelector("summary").addEventListener("click", () => {
      sessionStorage.setItem("live", panel.open ? "folded" : "open");
    });
  };

  // A browser keeps few connections to one host: only a page that is seen holds one.
  const listen = () => {
    source?.close();
    source = null;
    if (document.hidden) return;
    source = new EventSource(`/@live/events?page=${encodeURIComponent(location.pathname)}`);
    source.addEventListener("message", (event) => {
      const now = JSON.parse(event.data);
      if (now.version === script.dataset.version) show(now.problems);
      else location.reload();
    });
  };

  document.addEventListener("visibilitychange", listen);
  addEventListener("pagehide", () => source?.close());
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && panel?.open) panel.querySelector("summary").click();
  });
  listen();
})();
