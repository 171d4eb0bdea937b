// The theme switch, the copy buttons, the ways to search and practice, and the mark in the contents.
"use strict";
(() => {
  const root = document.documentElement;

  const button = document.querySelector(".theme");
  const themes = ["auto", "light", "dark"];
  const theme = () => root.dataset.theme ?? "auto";
  const name = () => {
    button.querySelector(".theme-name").textContent = button.dataset[theme()];
  };
  const choose = (chosen) => {
    if (chosen === "auto") delete root.dataset.theme;
    else root.dataset.theme = chosen;
    try {
      localStorage.setItem("theme", chosen);
    } catch {
      // As in theme.js.
    }
    name();
  };
  button.addEventListener("click", () => {
    choose(themes[(themes.indexOf(theme()) + 1) % themes.length]);
  });
  name();

  // The search comes when it is asked for.
  const search = document.querySelector("a.search");
  const withSearch = (then) => {
    if (window.openSearch) return then();
    const script = document.createElement("script");
    script.src = search.dataset.script;
    script.onload = then;
    script.onerror = () => location.assign(search.href);
    return document.head.append(script);
  };
  const open = (event) => {
    event.preventDefault();
    withSearch(() => window.openSearch());
  };
  search.addEventListener("click", (event) => {
    if (!event.ctrlKey && !event.metaKey && !event.shiftKey) open(event);
  });
  addEventListener("keydown", (event) => {
    const typing = event.isComposing || event.target.closest?.("input, textarea, select, [contenteditable]");
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.key === "/" && plain && !typing) open(event);
    else if (event.key === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) open(event);
  });
  if (document.getElementById("@search")) withSearch(() => {});

  // So does practice, while the address says so.
  const practice = document.querySelector("[data-home]");
  const practise = () => {
    if (!/^#@practice(&|$)/.test(location.hash)) return;
    removeEventListener("hashchange", practise);
    root.classList.add("practising");
    const script = document.createElement("script");
    script.src = new URL("assets/practice.js", new URL(practice.dataset.home, location));
    script.onerror = () => root.classList.remove("practising");
    document.head.append(script);
  };
  if (practice) {
    addEventListener("hashchange", practise);
    practise();
  } else root.classList.remove("practising");

  // Prompts, and the output between them, are not code. A prompt, and what goes on with it:
  const prompts = [
    [/^\s*>>>( |$)/, /^\s*\.\.\.( |$)/],
    [/^\s*In \[\d*\]: ?/, /^\s*\.\.\.+: ?/],
    [/^\s*\$ /, /^> /],
  ];
  const code = (text) => {
    const lines = text.split("\n");
    const first = lines.find((line) => line.trim()) ?? "";
    const [prompt, more] = prompts.find(([sign]) => sign.test(first)) ?? [];
    if (!prompt) return text;
    let goesOn = false;
    const typed = lines.filter((line) => {
      const isTyped = goesOn || prompt.test(line) || more.test(line);
      goesOn = isTyped && line.endsWith("\\");
      return isTyped;
    });
    return typed.map((line) => line.replace(prompt.test(line) ? prompt : more, "")).join("\n");
  };
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
  for (const element of document.querySelectorAll(".copy")) {
    const words = element.textContent;
    element.addEventListener("click", async () => {
      await copy(code(element.parentElement.querySelector("pre").textContent));
      element.textContent = element.dataset.done;
      setTimeout(() => { element.textContent = words; }, 1500);
    });
  }

  // A formula in a line that is too long for it scrolls, also by keyboard.
  for (const formula of document.querySelectorAll("math:not([display])")) {
    if (formula.scrollWidth > formula.clientWidth) formula.tabIndex = 0;
  }

  // The heading that was passed last is the one being read.
  const links = [...document.querySelectorAll(".contents a")];
  const headings = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
  let due = false;
  const follow = () => {
    due = false;
    const behind = headings.findIndex((heading) => heading.getBoundingClientRect().top > 120);
    const current = behind < 0 ? headings.length - 1 : behind - 1;
    links.forEach((link, index) => {
      if (index === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
  };
  if (links.length) {
    addEventListener("scroll", () => {
      if (!due) requestAnimationFrame(follow);
      due = true;
    }, { passive: true });
    follow();
  }
})();
