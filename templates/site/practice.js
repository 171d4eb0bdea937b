// Practice: one card at a time, graded and scheduled; what was learned stays in this browser.
// Its words and its look, practice.css and desk.css, come with it as `practice`.
"use strict";
(() => {
  const KEY = "practice";
  const TODAY = "practice-today"; // how many new cards were begun on which day, and how many more are wished for
  const LIMIT = "practice-limit";
  const QUEUE = "practice-queue"; // what is asked next, over all chapters: pages and cards
  const UNDO = "practice-undo"; // what the last grade changed
  const AHEAD = 20 * 60e3; // a card that is due in a few minutes is asked rather than waited for
  const root = document.documentElement;
  const { words, look } = practice;
  const style = new CSSStyleSheet();
  style.replaceSync(look);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, style];
  const say = (name, n) => words[name].replace("{n}", n);

  // What was learned. Another tab may have learned more meanwhile: the later review counts.
  let kept = {};
  const isCard = (card) => card !== null && typeof card === "object"
    && ["learning", "relearning", "review"].includes(card.state)
    && ["stability", "difficulty", "step", "last", "due"].every((name) => Number.isFinite(card[name]))
    && card.stability > 0 && card.difficulty >= 1 && card.difficulty <= 10;
  const merge = (cards) => {
    let n = 0;
    for (const [id, card] of Object.entries(cards)) {
      if (!isCard(card) || (Object.hasOwn(kept, id) && kept[id].last >= card.last)) continue;
      const { stability, difficulty, state, step, last, due } = card;
      kept[id] = { stability, difficulty, state, step, last, due };
      n += 1;
    }
    return n;
  };
  const parse = (text) => {
    const said = JSON.parse(text);
    const cards = said?.practice === 1 && said.cards;
    if (!cards || typeof cards !== "object" || Array.isArray(cards)) throw new TypeError("cards");
    return cards;
  };
  const remembered = (store, key, otherwise) => {
    try {
      return JSON.parse(store.getItem(key)) ?? otherwise;
    } catch {
      return otherwise;
    }
  };
  const remember = (store, key, value) => {
    try {
      store.setItem(key, JSON.stringify(value));
    } catch {
      // Storage may be forbidden: then it holds for this page only.
    }
  };
  const dump = () => JSON.stringify({ practice: 1, cards: kept });
  const load = () => {
    try {
      merge(parse(localStorage.getItem(KEY) ?? '{"practice":1,"cards":{}}'));
    } catch {
      // Storage may be forbidden, or hold something else: then what is learned lasts for one page.
    }
  };
  const save = () => {
    load();
    try {
      localStorage.setItem(KEY, dump());
    } catch {
      // As above.
    }
  };
  load();

  // New cards a day, so that reviews do not pile up.
  const limit = () => {
    const said = remembered(localStorage, LIMIT, 20);
    return Number.isInteger(said) && said >= 0 ? said : 20;
  };
  const today = () => {
    const now = new Date();
    const day = `${now.getFullYear()}-${now.getMonth() + 1}-${now.getDate()}`;
    const said = remembered(localStorage, TODAY, {});
    return said.day === day ? said : { day, begun: 0, more: 0 };
  };
  const left = () => {
    const { begun, more } = today();
    return Math.max(0, limit() + more - begun);
  };
  const begin = (n) => {
    const said = today();
    remember(localStorage, TODAY, { ...said, begun: Math.max(0, said.begun + n) });
  };
  const more = () => {
    const said = today();
    remember(localStorage, TODAY, { ...said, more: said.more + (limit() || 20) });
  };

  const element = (tag, text, fields = {}) => Object.assign(document.createElement(tag), { textContent: text, ...fields });
  // On a page of cards the desk comes with the script.
  const desked = (link) => {
    if (!link) return null;
    const made = element("div", "", { className: "practice" });
    made.dataset.home = link.dataset.home;
    const below = element("p", "", { className: "below" });
    const status = element("span", "", { className: "status", ariaLive: "polite" });
    const undo = element("button", words.undo, { className: "undo", type: "button", hidden: true });
    undo.setAttribute("aria-keyshortcuts", "z");
    below.append(status, " ", element("a", words.place, { className: "place", href: "#@main" }), undo);
    const desk = element("p", "", { className: "desk", role: "group", ariaLabel: words.practice });
    made.append(desk, below);
    document.querySelector("article").after(made);
    return made;
  };
  const home = document.querySelector(".practice") ?? desked(document.querySelector("[data-home]"));
  if (!home) return;
  const hash = () => new URLSearchParams(location.hash.slice(1));
  const isDue = (id, now) => !kept[id] || kept[id].due <= now;

  // The way through the whole course, on its own page.
  const chapters = [...document.querySelectorAll("[data-cards]")].map((row) => ({
    row, link: row.querySelector("a"), cards: JSON.parse(row.dataset.cards),
  }));
  const overview = () => {
    const wanted = hash();
    const tag = wanted.get("tag");
    const now = Date.now();
    const chapter = chapters.find(({ row }) => row.dataset.chapter === wanted.get("chapter"));
    if (chapter) return location.replace(chapter.link.href);
    const due = [];
    const fresh = [];
    for (const { row, link, cards } of chapters) {
      const asked = cards.filter(([, tags]) => !tag || tags.includes(tag)).map(([id]) => id);
      const old = asked.filter((id) => kept[id] && isDue(id, now)).length;
      const unseen = asked.filter((id) => !kept[id]).length;
      row.hidden = !asked.length;
      row.querySelector(".count").textContent = [
        old ? say("due", old) : "", unseen ? say("fresh", unseen) : "", !old && !unseen ? words.done : "",
      ].filter(Boolean).join(" · ");
      link.hash = tag ? `@practice&${new URLSearchParams({ tag })}` : "@practice";
      const page = link.getAttribute("href").split("#")[0];
      for (const id of asked) {
        if (!kept[id]) fresh.push([page, id]);
        else if (isDue(id, now)) due.push([page, id]);
      }
    }
    due.sort((a, b) => kept[a[1]].due - kept[b[1]].due);
    const queue = [...due, ...fresh.slice(0, left())];
    const way = new URLSearchParams({ ...(tag ? { tag } : {}), go: "" });
    const go = `#${way}`;
    if (wanted.has("go") && queue.length) {
      remember(sessionStorage, QUEUE, queue);
      return location.replace(`${queue[0][0]}#@practice&${way}`);
    }
    home.querySelector(".scope").textContent = tag ? say("tagged", tag.replaceAll("::", " / ")) : "";
    home.querySelector(".status").textContent = queue.length ? `${say("due", due.length)} · ${say("fresh", queue.length - due.length)}` : fresh.length ? words.freshDone : words.allDone;
    const start = home.querySelector(".start");
    start.hidden = !queue.length && !fresh.length;
    start.textContent = queue.length ? start.dataset.start : say("more", Math.min(fresh.length, limit() || 20));
    start.onclick = () => {
      if (!queue.length) more();
      if (location.hash === go) overview();
      else location.hash = go;
    };
    home.querySelector(".limit").value = limit();
  };

  const save_as = () => {
    const link = element("a", "", { href: URL.createObjectURL(new Blob([dump()], { type: "application/json" })), download: "practice.json" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  const take = async (input) => {
    const [file] = input.files;
    if (!file) return;
    const said = home.querySelector(".taken");
    try {
      const n = merge(parse(await file.text()));
      save();
      overview();
      said.textContent = say("taken", n);
    } catch {
      said.textContent = words.notTaken;
    }
    input.value = "";
  };
  if (chapters.length) {
    home.querySelector(".export").addEventListener("click", save_as);
    home.querySelector(".limit").addEventListener("change", (event) => {
      remember(localStorage, LIMIT, Math.min(999, Math.max(0, Math.round(event.target.valueAsNumber || 0))));
      overview();
    });
    const input = home.querySelector("input[type=file]");
    home.querySelector(".import").addEventListener("click", () => input.click());
    input.addEventListener("change", () => take(input));
    addEventListener("hashchange", overview);
    addEventListener("storage", () => { load(); overview(); });
    addEventListener("pageshow", () => { load(); overview(); });
    overview();
    return;
  }

  // The cards of one chapter, one at a time: each is a part of the page, or stands in a list of one.
  const ids = document.querySelector("[data-ids]").dataset.ids.split("\n");
  const cards = [...document.querySelectorAll("section > .flip, .practice-cards .practice-card")].map((details, n) => ({
    details, id: ids[n], tags: JSON.parse(details.dataset.tags ?? "[]"),
    section: details.closest("section"), item: details.closest("li"),
  }));
  const place = ({ details, section }) => details.dataset.at ?? section.querySelector(":is(h2, h3, h4, h5, h6)[id]")?.id ?? "@main";
  const status = home.querySelector(".status");
  const desk = home.querySelector(".desk");
  let current = null;

  const length = (ms) => {
    const minutes = Math.round(ms / 60e3);
    if (minutes < 60) return say("minutes", minutes);
    const days = Math.round(ms / 864e5);
    return days < 60 ? say("days", days) : say("months", Math.round(days / 30.4));
  };
  const button = (text, action, fields = {}) => {
    const found = element("button", text, { type: "button", ...fields });
    found.addEventListener("click", action);
    return found;
  };
  const asked = () => {
    const tag = hash().get("tag");
    return cards.filter((card) => !tag || card.tags.includes(tag));
  };
  // Over the whole course, or one tag: what the overview has put in order, as far as it is on this page.
  const course = new URL(home.dataset.home, location.href);
  const here = ([page]) => new URL(page, course).pathname === location.pathname;
  const planned = () => (hash().has("go") ? remembered(sessionStorage, QUEUE, null) : null);
  const plan = (rest) => { if (planned()) remember(sessionStorage, QUEUE, rest); };
  const queue = (now) => {
    const whole = planned();
    if (whole) {
      const wanted = whole.filter(here).map(([, id]) => cards.find((card) => card.id === id));
      return wanted.filter(Boolean);
    }
    const known = asked().filter((card) => kept[card.id]);
    const when = (card) => kept[card.id].due;
    const soon = known.filter((card) => when(card) <= now).sort((a, b) => when(a) - when(b));
    const fresh = asked().filter((card) => !kept[card.id]);
    const short = known.filter((card) => when(card) > now && when(card) <= now + AHEAD && kept[card.id].state !== "review");
    return [...soon, ...fresh.slice(0, left()), ...short.sort((a, b) => when(a) - when(b))];
  };
  const grade = (value) => {
    if (!current?.details.open) return;
    const { id } = current;
    const now = Date.now();
    load();
    const whole = planned();
    remember(sessionStorage, UNDO, { id, before: kept[id] ?? null, course: whole, page: location.href });
    if (!kept[id]) begin(1);
    kept[id] = fsrs.review(kept[id], value, now);
    save();
    if (whole) {
      const [first] = whole.filter((item) => here(item) && item[1] === id);
      const rest = whole.filter((item) => item !== first);
      const soon = first && kept[id].state !== "review" && kept[id].due <= now + AHEAD;
      plan(soon ? [...rest, first] : rest);
    }
    next();
  };
  const undo = () => {
    const last = remembered(sessionStorage, UNDO, null);
    if (!last) return;
    load();
    if (last.before) kept[last.id] = last.before;
    else {
      delete kept[last.id];
      begin(-1);
    }
    try {
      localStorage.setItem(KEY, dump());
      sessionStorage.removeItem(UNDO);
    } catch {
      // As above.
    }
    if (last.course) remember(sessionStorage, QUEUE, last.course);
    if (last.page === location.href) next(last.id);
    else location.replace(last.page);
  };
  const opened = () => {
    const now = Date.now();
    desk.replaceChildren(...[1, 2, 3, 4].map((value) => {
      const found = button("", () => grade(value), { className: `grade grade-${value}` });
      const { due } = fsrs.review(kept[current.id], value, now);
      found.append(element("kbd", value, { ariaHidden: "true" }), element("b", words[`grade${value}`]), element("span", length(due - now)));
      return found;
    }));
    desk.children[2].focus({ preventScroll: true });
  };
  const closed = () => {
    const show = button(words.show, () => { current.details.open = true; }, { className: "show" });
    desk.replaceChildren(show);
    show.focus({ preventScroll: true });
  };
  const end = () => {
    const [further] = planned() ?? [];
    if (further) return location.replace(new URL(further[0], course).href + location.hash);
    if (hash().has("go")) return location.replace(home.dataset.home + location.hash.replace("@practice&", ""));
    home.classList.add("done");
    const unseen = asked().filter((card) => !kept[card.id]).length;
    status.textContent = unseen ? words.freshDone : words.chapterDone;
    const link = element("a", words.overview, { href: home.dataset.home, className: "on" });
    const goOn = unseen
      ? button(say("more", Math.min(unseen, limit() || 20)), () => { more(); next(); }, { className: "show" })
      : button(words.all, showAll, { className: "show" });
    desk.replaceChildren(link, goOn);
    link.focus();
  };
  const undoing = home.querySelector(".undo");
  const next = (first) => {
    root.classList.remove("all");
    const now = Date.now();
    const wanted = queue(now);
    if (typeof first === "string") wanted.sort((a, b) => (b.id === first) - (a.id === first));
    const ids = planned()?.map(([, id]) => id) ?? wanted.map((card) => card.id);
    const fresh = ids.filter((id) => !kept[id]).length;
    home.classList.remove("done");
    undoing.hidden = !remembered(sessionStorage, UNDO, null);
    away();
    const [[elsewhere] = []] = planned() ?? [];
    [current] = elsewhere && !here([elsewhere]) ? [] : wanted;
    if (!current) return end();
    status.textContent = [ids.length - fresh ? say("due", ids.length - fresh) : "", fresh ? say("fresh", fresh) : ""].filter(Boolean).join(" · ");
    current.section.classList.add("now");
    current.section.classList.toggle("aside", Boolean(current.item));
    current.item?.classList.add("now");
    home.querySelector(".place").href = `#${place(current)}`;
    closed();
    scrollTo(0, 0);
  };
  // All cards are folded, and none is on the desk.
  const away = () => {
    for (const { details } of cards) details.open = false;
    document.querySelectorAll("article .now").forEach((card) => card.classList.remove("now", "aside"));
  };
  const showAll = () => {
    current = null;
    root.classList.add("all");
    desk.replaceChildren(button(words.again, () => next(), { className: "show" }));
  };
  for (const card of cards) {
    card.details.addEventListener("toggle", () => {
      if (card !== current) return;
      if (card.details.open) opened();
      else closed();
    });
  }
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (!root.classList.contains("practising")) return;
    if (event.target.closest("input, select, textarea, [role=dialog], dialog")) return;
    if (event.key === "z" && !undoing.hidden) {
      event.preventDefault();
      undo();
    } else if (current?.details.open && /^[1-4]$/.test(event.key)) {
      event.preventDefault();
      grade(Number(event.key));
    } else if (current && !current.details.open && [" ", "Enter"].includes(event.key) && !event.target.closest("a, button, summary")) {
      event.preventDefault();
      current.details.open = true;
    }
  });
  undoing.addEventListener("click", undo);
  // The same page is read, and practised while its address says so.
  const turn = () => {
    const isOn = hash().has("@practice");
    root.classList.toggle("practising", isOn);
    home.hidden = !isOn;
    if (isOn) return next();
    root.classList.remove("all");
    away();
    current = null;
    const read = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    read?.scrollIntoView();
    return read?.focus();
  };
  addEventListener("hashchange", turn);
  turn();
  // Going to the place that the address names, browsers take the focus away, some only once all is loaded.
  const refocus = () => requestAnimationFrame(() => {
    if (current && document.activeElement === document.body) desk.querySelector(".show")?.focus({ preventScroll: true });
  });
  if (document.readyState === "complete") refocus();
  else addEventListener("load", refocus);
})();
