// A chosen theme, and that cards are to be practised, hold before the first paint; the theme switch,
// the copy buttons, the ways to search and practice, and the mark in the contents follow.
"use strict";
(() => {
  const root = document.documentElement;
  const home = document.currentScript.src;
  const isPractised = () => /^#@practice(&|$)/.test(location.hash);
  root.classList.add("js");
  root.classList.toggle("practising", isPractised());
  const themes = ["auto", "light", "dark"];
  const set = (theme) => {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
  };
  try {
    set(localStorage.getItem("theme"));
  } catch {
    // Storage may be forbidden; the switch then holds for one page.
  }

  // What is large comes when it is asked for.
  const load = (name, then, otherwise) => {
    const script = document.createElement("script");
    script.src = new URL(name, home);
    script.onload = then;
    script.onerror = otherwise;
    document.head.append(script);
  };

  const switching = (button) => {
    const name = () => {
      const theme = root.dataset.theme ?? "auto";
      button.querySelector(".theme-name").textContent = button.dataset[theme];
      return theme;
    };
    button.addEventListener("click", () => {
      set(themes[(themes.indexOf(name()) + 1) % 3]);
      try {
        localStorage.setItem("theme", name());
      } catch {
        // As above.
      }
    });
    name();
  };

  const searching = (link) => {
    const withSearch = (then) => (window.openSearch ? then() : load("search.js", then, () => location.assign(link.href)));
    const open = (event) => {
      event.preventDefault();
      withSearch(() => window.openSearch());
    };
    link.addEventListener("click", (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.shiftKey) open(event);
    });
    addEventListener("keydown", (event) => {
      const typing = event.isComposing || event.target.closest?.("input, textarea, select, [contenteditable]");
      const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
      if (event.key === "/" && plain && !typing) open(event);
      else if (event.key === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) open(event);
    });
    if (document.getElementById("@search")) withSearch(() => {});
  };

  const practising = (link) => {
    const begin = () => {
      if (!isPractised()) return;
      removeEventListener("hashchange", begin);
      root.classList.add("practising");
      load("practice.js", null, () => root.classList.remove("practising"));
    };
    if (!link) return root.classList.remove("practising");
    addEventListener("hashchange", begin);
    return begin();
  };

  const copying = (button) => {
    const words = button.textContent;
    const copy = async (text) => {
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        const area = document.createElement("textarea");
        area.value = text;
        document.body.append(area);
        area.select();
        document.execCommand("copy");
        area.remove();
      }
    };
    button.addEventListener("click", async () => {
      await copy(button.dataset.code ?? button.parentElement.querySelector("pre").textContent);
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = words; }, 1500);
    });
  };

  // A formula in a line that is too long for it scrolls, also by keyboard; its font may come late.
  // Only what comes into sight is measured: to lay out the rest of a long page for it takes long.
  const fitting = (formulas) => {
    const watch = new IntersectionObserver((seen) => seen.forEach(({ target, isIntersecting }) => {
      if (isIntersecting && target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    }), { rootMargin: "99%" });
    const look = () => formulas.forEach((formula) => {
      watch.unobserve(formula);
      watch.observe(formula);
    });
    document.fonts.onloadingdone = look;
    look();
  };

  // The heading that was passed last is the one being read.
  const following = (links) => {
    const headings = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
    let due = false;
    const follow = () => {
      due = false;
      const behind = headings.findIndex((heading) => heading.getBoundingClientRect().top > 120);
      const current = behind < 0 ? headings.length - 1 : behind - 1;
      links.forEach((link, index) => { link.ariaCurrent = index === current ? "true" : null; });
    };
    if (!links.length) return;
    addEventListener("scroll", () => {
      if (!due) requestAnimationFrame(follow);
      due = true;
    }, { passive: true });
    requestAnimationFrame(follow);
  };

  document.addEventListener("DOMContentLoaded", () => {
    const all = (selector) => [...document.querySelectorAll(selector)];
    switching(all(".theme")[0]);
    searching(all("a.search")[0]);
    practising(all("[data-home]")[0]);
    all(".copy").forEach(copying);
    fitting(all("math:not([display])"));
    following(all(".contents a"));
  });
})();
