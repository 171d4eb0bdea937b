// The search: a dialog on each page, the same in the page search.html. What it reads is written
// by builder/site/search.py, and its look, search.css, comes with it as `searchLook`. Both are scripts, since a page opened from a disk may fetch nothing.
"use strict";
(() => {
  const home = new URL("../", document.currentScript.src);
  const style = new CSSStyleSheet();
  style.replaceSync(searchLook);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, style];
  const TITLE = 0, HEADING = 1, TEXT = 2, FIRST = 10, MORE = 40, GRAMS = 6, PIECES = 5;

  const waiting = new Map();
  window.found = (name, value) => waiting.get(name).resolve(value);
  const piece = (name) => {
    if (!waiting.has(name)) {
      const entry = {};
      entry.promise = new Promise((resolve, reject) => Object.assign(entry, { resolve, reject }));
      waiting.set(name, entry);
      const script = document.createElement("script");
      script.src = new URL(`assets/search/${name}.js`, home);
      script.onerror = () => { waiting.delete(name); entry.reject(new Error(name)); };
      script.onload = () => script.remove();
      document.head.append(script);
    }
    return waiting.get(name).promise;
  };

  // Capitals and signs that stand higher or lower are as good as the plain ones.
  const fold = (text) => text.replace(/[²³¹ʰ-ʸˡ-ˣᴬ-ᵪᶜ-ᶿ⁰-ₜ]/g, (sign) => sign.normalize("NFKC")).toLowerCase().replaceAll("ς", "σ");
  const spaced = (text) => text.trim().replace(/\s+/g, " ");
  // The last of `starts` that is not behind `key`: the piece that holds it.
  const holder = (starts, key) => {
    let low = 0, high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (starts[middle] <= key) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };
  const numbers = (list) => {
    const found = [];
    let sum = 0;
    for (let at = 0; at < list.length; at++) {
      const sign = list.charCodeAt(at);
      sum += sign - 48;
      if (sign !== 0xd7ff) found.push(sum);
    }
    return found;
  };

  // Where a term may stand: numbers of places, twice, and one more for code.
  const candidates = async (index, term) => {
    const signs = Array.from(term);
    const grams = signs.map((sign, at) => signs.slice(at, at + (sign < "\u2e80" ? 3 : 2)))
      .filter((gram) => gram.length === (gram[0] < "\u2e80" ? 3 : 2));
    const lists = async (gram) => {
      const n = holder(index.lists, gram[0].codePointAt(0));
      return n < 0 ? {} : piece(`list-${n}`);
    };
    if (!grams.length) {
      const all = new Set();
      for (const [gram, list] of Object.entries(await lists(signs))) {
        if (gram.startsWith(term)) numbers(list).forEach((number) => all.add(number));
      }
      return all;
    }
    // Each gram may cost a file, and what these leave over is looked at in full.
    const telling = grams.filter(([first]) => first !== " ");
    const some = (telling.length ? telling : grams).filter((_, at, all) => at % Math.ceil(all.length / GRAMS) === 0);
    const found = await Promise.all(some.map(async (gram) => (await lists(gram))[gram.join("")]));
    if (found.includes(undefined)) return new Set();
    return found.sort((a, b) => a.length - b.length).map((list) => new Set(numbers(list)))
      .reduce((all, some) => new Set([...all].filter((number) => some.has(number))));
  };

  // The places whose headings hold a term, and those whose text or code may: a set for each rank.
  const ranks = async (index, term) => {
    const found = [new Set(), new Set(), new Set(), new Set()];
    index.places.forEach(({ title, heading }, place) => {
      if (fold(heading || title).includes(term)) found[heading ? HEADING : TITLE].add(place);
    });
    for (const number of await candidates(index, term)) found[TEXT + (number & 1)].add(number >> 1);
    return found;
  };

  // The index, with each place told in full.
  const whole = async () => {
    const index = await piece("index");
    index.places ??= index.pages.flatMap(([path, title, ...places]) => places.map((place) => {
      const [heading, anchor = heading, number = "", tags = []] = typeof place === "string" ? [place] : place;
      return { path, title, heading, anchor, number, tags };
    }));
    return index;
  };

  let read = 0;
  const fields = async (index, place) => {
    const { title, heading } = index.places[place];
    const n = holder(index.texts, place);
    if (!waiting.has(`text-${n}`)) read++;
    const [text, code] = (await piece(`text-${n}`))[place - index.texts[n]];
    return [heading ? "" : title, heading, text, code];
  };

  // Yields the places that hold all terms, the best first, each seen to hold them.
  const hits = async function* (index, terms, tag) {
    const all = await Promise.all(terms.map((term) => ranks(index, term)));
    const seen = new Set();
    const inAll = (place) => all.every((found) => found.some((rank) => rank.has(place)));
    for (let rank = 0; rank < 4; rank++) {
      const here = [...new Set(all.flatMap((found) => [...found[rank]]))].sort((a, b) => a - b);
      for (const place of here) {
        if (seen.has(place) || !inAll(place)) continue;
        if (tag !== "" && !index.places[place].tags.includes(Number(tag))) continue;
        if (terms.length === 1 && rank < TEXT) {
          seen.add(place);
          yield { place, rank, text: "" };
          continue;
        }
        const found = await fields(index, place);
        const folded = found.map(fold);
        const where = terms.length === 1 ? [folded[rank]] : folded;
        if (!terms.every((term) => where.some((text) => text.includes(term)))) continue;
        seen.add(place);
        const at = terms.length === 1 ? rank
          : [TEXT, TEXT + 1].find((at) => terms.some((term) => folded[at].includes(term)));
        yield { place, rank, text: at ? found[at] : "" };
      }
    }
  };

  const element = (name, className, ...inside) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...inside);
    return made;
  };

  // Text with each of the terms marked.
  const marked = (text, terms) => {
    const folded = fold(text), bits = [];
    let done = 0;
    while (done < text.length) {
      const [at, length] = terms.map((term) => [folded.indexOf(term, done), term.length])
        .filter(([at]) => at >= 0).sort((a, b) => a[0] - b[0] || b[1] - a[1])[0] ?? [-1, 0];
      if (at < 0) break;
      bits.push(text.slice(done, at), element("mark", "", text.slice(at, at + length)));
      done = at + length;
    }
    return [...bits, text.slice(done)];
  };
  const excerpt = (text, terms) => {
    const folded = fold(text);
    const at = Math.min(...terms.map((term) => folded.indexOf(term)).filter((at) => at >= 0));
    // Between code and each formula stands U+2063: one is not shown for another.
    const first = text.lastIndexOf("\u2063", at) + 1, last = `${text}\u2063`.indexOf("\u2063", at);
    const start = Math.max(first, at - 24), end = Math.min(last, at + 96);
    return [start > first ? "…" : "", ...marked(text.slice(start, end), terms), end < last ? "…" : ""];
  };

  const shown = (index, hit, terms) => {
    const { path, title, heading, anchor, number } = index.places[hit.place];
    const link = element("a", "");
    link.href = new URL(path.split("/").map(encodeURIComponent).join("/"), home)
      + (anchor ? `#${encodeURIComponent(anchor)}` : "");
    const name = element("span", "hit-title");
    if (number) name.append(element("span", "number", number), " ");
    name.append(...marked(heading || title, terms));
    link.append(name);
    if (heading) link.append(element("span", "hit-page", title));
    if (hit.text) {
      link.append(element("span", hit.rank > TEXT ? "hit-text hit-code" : "hit-text", ...excerpt(hit.text, terms)));
    }
    return element("li", "", link);
  };

  const build = (index) => {
    const { words } = index;
    const input = element("input");
    Object.assign(input, { type: "search", placeholder: words.hint, autocomplete: "off", spellcheck: false, id: "@query" });
    input.setAttribute("aria-label", words.search);
    input.setAttribute("enterkeyhint", "search");
    const tags = element("select", "");
    tags.setAttribute("aria-label", words.tags);
    tags.append(new Option(words.anyTag, ""), ...index.tags.map((tag, n) => new Option(tag, n)));
    tags.hidden = !index.tags.length;
    const said = element("p", "search-said");
    said.setAttribute("role", "status");
    const list = element("ol", "hits");
    const more = element("button", "more", words.more);
    more.type = "button";
    more.hidden = true;
    const box = element("div", "search-box", element("div", "search-line", input, tags), said, list, more);

    let run = 0;
    const say = (ended, n, note) => {
      const count = (ended ? words.found : words.first).replace("{n}", n);
      said.textContent = n ? note + count : words.none;
      more.hidden = ended;
    };
    // Shows the next hits of a query, if no other was asked for meanwhile.
    const show = async (mine, found, terms, limit, note) => {
      const items = [];
      let ended = false;
      // A first look stops early, with something to show, before it has read too much.
      const enough = limit === FIRST ? read + PIECES : Infinity;
      list.setAttribute("aria-busy", "true");
      while (items.length < limit && !ended && (!items.length || read < enough)) {
        const { done, value } = await found.next();
        if (mine !== run) return 0;
        if (done) ended = true;
        else items.push(shown(index, value, terms));
      }
      if (limit === FIRST) list.replaceChildren();
      list.append(...items);
      list.setAttribute("aria-busy", "false");
      say(ended, list.children.length, note);
      more.onclick = async () => {
        const last = list.lastElementChild;
        await show(mine, found, terms, MORE, note);
        if (mine === run) last.nextElementSibling?.firstElementChild.focus();
      };
      return items.length;
    };
    const search = async () => {
      const mine = ++run;
      const query = fold(spaced(input.value));
      if (!query) {
        list.replaceChildren();
        said.textContent = "";
        more.hidden = true;
        return;
      }
      try {
        const terms = query.split(" ");
        list.setAttribute("aria-busy", "true");
        const n = await show(mine, hits(index, [query], tags.value), [query], FIRST, "");
        if (!n && mine === run && terms.length > 1) {
          await show(mine, hits(index, terms, tags.value), terms, FIRST, words.apart);
        }
      } catch {
        if (mine === run) said.textContent = words.broken;
      }
    };

    // What is still being composed is no query, and Enter then ends the composing.
    let composing = false;
    input.addEventListener("compositionstart", () => { composing = true; });
    input.addEventListener("compositionend", () => { composing = false; search(); });
    input.addEventListener("input", () => { if (!composing) search(); });
    tags.addEventListener("change", search);
    box.addEventListener("keydown", (event) => {
      if (event.isComposing || composing || event.target === tags) return;
      const links = [...list.querySelectorAll("a")];
      const at = links.indexOf(document.activeElement);
      if (event.key === "ArrowDown") (links[at + 1] ?? (more.hidden ? links[at] : more))?.focus();
      else if (event.key === "ArrowUp" && event.target !== input) {
        (links[(event.target === more ? links.length : at) - 1] ?? input).focus();
      } else if (event.key === "Enter" && event.target === input) links[0]?.click();
      else return;
      event.preventDefault();
    });
    return { box, input, search };
  };

  const failed = (words) => element("p", "notice", words);
  const page = document.getElementById("@search");
  let dialog;
  const open = async () => {
    if (page) return page.querySelector("input")?.focus();
    if (!dialog) {
      dialog = element("dialog", "search-dialog");
      document.body.append(dialog);
      dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
      const index = await whole();
      const { box, input } = build(index);
      dialog.setAttribute("aria-label", index.words.search);
      const close = element("button", "close", index.words.close);
      close.type = "button";
      close.addEventListener("click", () => dialog.close());
      box.firstElementChild.append(close);
      dialog.append(box);
      // A hit on this very page moves, and loads nothing.
      box.addEventListener("click", (event) => { if (event.target.closest("a")) dialog.close(); });
      dialog.addEventListener("close", () => input.select());
    }
    if (!dialog.open && dialog.firstChild) dialog.showModal();
    dialog.querySelector("input")?.focus();
    return undefined;
  };
  window.openSearch = () => open().catch(() => location.assign(new URL("search.html", home)));

  if (page) {
    whole().then((index) => {
      const { box, input, search } = build(index);
      page.replaceChildren(box);
      input.value = new URLSearchParams(location.search).get("q") ?? "";
      input.addEventListener("change", () => {
        const url = new URL(location);
        url.searchParams.set("q", input.value);
        try { history.replaceState(null, "", url); } catch { /* A page from a disk may have none. */ }
      });
      input.focus();
      search();
    }, () => page.replaceChildren(failed(page.dataset.broken)));
  }
})();
