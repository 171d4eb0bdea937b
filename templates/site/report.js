// The filters of the report; a link to the report may carry them, as `?status=failed`.
"use strict";
(() => {
  const form = document.querySelector(".filters");
  if (!form) return;
  const items = [...document.querySelectorAll(".pieces > li")];
  const fields = [...form.elements].filter((field) => field.name);
  const asked = new URLSearchParams(location.search);
  const filter = () => {
    const fits = (item) => fields.every(({ name, value }) =>
      !value || (name === "code" ? item.dataset.code.split(" ") : [item.dataset[name]]).includes(value));
    for (const item of items) item.hidden = !fits(item);
    form.querySelector("output").textContent = `${items.filter((item) => !item.hidden).length} / ${items.length}`;
  };
  for (const field of fields) {
    field.value = asked.get(field.name) ?? "";
    if (field.selectedIndex < 0) field.value = "";
  }
  form.addEventListener("change", filter);
  form.hidden = false;
  filter();
})();
