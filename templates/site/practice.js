// Practice: one card at a time, graded and scheduled; what was learned stays in this browser.
"use strict";
(() => {
  const KEY = "practice";
  const AHEAD = 20 * 60e3; // a card that is due in a few minutes is asked rather than waited for
  const home = document.querySelector("[data-words]");
  if (!home) return;
  const words = JSON.parse(home.dataset.words);
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

  const element = (tag, text, fields = {}) => Object.assign(document.createElement(tag), { textContent: text, ...fields });
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
    let due = 0;
    let fresh = 0;
    let next;
    for (const { row, link, cards } of chapters) {
      const asked = cards.filter(([, tags]) => !tag || tags.includes(tag)).map(([id]) => id);
      const old = asked.filter((id) => kept[id] && isDue(id, now)).length;
      const unseen = asked.filter((id) => !kept[id]).length;
      row.hidden = !asked.length;
      row.querySelector(".count").textContent = [
        old ? say("due", old) : "", unseen ? say("fresh", unseen) : "", !old && !unseen ? words.done : "",
      ].filter(Boolean).join(" · ");
      link.hash = new URLSearchParams(tag ? { tag } : {}).toString();
      due += old;
      fresh += unseen;
      if (!next && old + unseen) next = link;
    }
    if (wanted.has("go") && next) return location.replace(`${next.href.split("#")[0]}#${new URLSearchParams({ ...(tag ? { tag } : {}), go: "" })}`);
    home.querySelector(".scope").textContent = tag ? say("tagged", tag.replaceAll("::", " / ")) : "";
    home.querySelector(".status").textContent = next ? `${say("due", due)} · ${say("fresh", fresh)}` : words.allDone;
    const start = home.querySelector(".start");
    start.hidden = !next;
    start.onclick = () => { location.hash = new URLSearchParams({ ...(tag ? { tag } : {}), go: "" }); };
    home.hidden = false;
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
    const input = home.querySelector("input[type=file]");
    home.querySelector(".import").addEventListener("click", () => input.click());
    input.addEventListener("change", () => take(input));
    addEventListener("hashchange", overview);
    addEventListener("storage", () => { load(); overview(); });
    addEventListener("pageshow", () => { load(); overview(); });
    overview();
    return;
  }

  // The cards of one chapter, one at a time.
  const cards = [...document.querySelectorAll(".practice-card")];
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
    return cards.filter((card) => !tag || JSON.parse(card.dataset.tags).includes(tag));
  };
  const queue = (now) => {
    const known = asked().filter((card) => kept[card.dataset.id]);
    const when = (card) => kept[card.dataset.id].due;
    const soon = known.filter((card) => when(card) <= now).sort((a, b) => when(a) - when(b));
    const fresh = asked().filter((card) => !kept[card.dataset.id]);
    const short = known.filter((card) => when(card) > now && when(card) <= now + AHEAD && kept[card.dataset.id].state !== "review");
    return [...soon, ...fresh, ...short.sort((a, b) => when(a) - when(b))];
  };
  const grade = (value) => {
    if (!current?.open) return;
    const { id } = current.dataset;
    load();
    kept[id] = fsrs.review(kept[id], value, Date.now());
    save();
    next();
  };
  const opened = () => {
    const now = Date.now();
    desk.replaceChildren(...[1, 2, 3, 4].map((value) => {
      const found = button("", () => grade(value), { className: `grade grade-${value}` });
      const { due } = fsrs.review(kept[current.dataset.id], value, now);
      found.append(element("kbd", value, { ariaHidden: "true" }), element("b", words[`grade${value}`]), element("span", length(due - now)));
      return found;
    }));
    desk.children[2].focus({ preventScroll: true });
  };
  const closed = () => {
    const show = button(words.show, () => { current.open = true; }, { className: "show" });
    desk.replaceChildren(show);
  };
  const end = () => {
    status.textContent = words.chapterDone;
    const url = `${home.dataset.home}#${new URLSearchParams(hash().has("go") ? Object.fromEntries(hash()) : {})}`;
    if (hash().has("go")) return location.replace(url);
    const link = element("a", words.overview, { href: home.dataset.home, className: "on" });
    desk.replaceChildren(link, button(words.all, showAll, { className: "show" }));
    link.focus();
  };
  const next = () => {
    const now = Date.now();
    const left = queue(now);
    const fresh = left.filter((card) => !kept[card.dataset.id]).length;
    for (const card of cards) {
      card.open = false;
      card.parentElement.hidden = true;
    }
    [current] = left;
    if (!current) return end();
    status.textContent = [left.length - fresh ? say("due", left.length - fresh) : "", fresh ? say("fresh", fresh) : ""].filter(Boolean).join(" · ");
    current.parentElement.hidden = false;
    closed();
    current.querySelector("summary").focus({ preventScroll: true });
    scrollTo(0, 0);
  };
  const showAll = () => {
    current = null;
    for (const card of cards) card.parentElement.hidden = false;
    desk.replaceChildren(button(words.again, next, { className: "show" }));
  };
  for (const card of cards) {
    card.addEventListener("toggle", () => {
      if (card !== current) return;
      if (card.open) opened();
      else closed();
    });
  }
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, select, textarea, [role=dialog], dialog")) return;
    if (current?.open && /^[1-4]$/.test(event.key)) {
      event.preventDefault();
      grade(Number(event.key));
    } else if (current && !current.open && [" ", "Enter"].includes(event.key) && !event.target.closest("a, button, summary")) {
      event.preventDefault();
      current.open = true;
    }
  });
  addEventListener("hashchange", next);
  home.hidden = false;
  next();
})();
