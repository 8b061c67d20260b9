// Better with than without: suggestions while one types, and results of SPARQL on the page. Nothing here is needed.
"use strict";

function suggestions(input) {
  const list = document.getElementById(input.getAttribute("list"));
  let waiting;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    const text = input.value.trim();
    if (text.length < 2) return;
    waiting = setTimeout(async () => {
      const answer = await fetch("/suggest?q=" + encodeURIComponent(text));
      if (!answer.ok || input.value.trim() !== text) return;
      const found = await answer.json();
      list.replaceChildren(...found.map((one) => {
        const option = document.createElement("option");
        option.value = one.label;
        return option;
      }));
    }, 150);
  });
}

function cell(binding) {
  const made = document.createElement("td");
  if (!binding) return made;
  if (binding.type === "uri" && /^https?:/.test(binding.value)) {
    const link = document.createElement("a");
    link.href = binding.value.startsWith("https://w3id.org/ctres/") ? "/" + encodeURIComponent(binding.value.slice(23)) : binding.value;
    link.textContent = binding.value.replace("https://w3id.org/ctres/", "ctres:");
    made.append(link);
  } else {
    made.textContent = binding.value;
  }
  return made;
}

function table(result) {
  const made = document.createElement("table");
  const head = made.createTHead().insertRow();
  for (const name of result.head.vars) {
    const column = document.createElement("th");
    column.scope = "col";
    column.textContent = name;
    head.append(column);
  }
  const body = made.createTBody();
  for (const row of result.results.bindings) body.insertRow().append(...result.head.vars.map((name) => cell(row[name])));
  return made;
}

async function run(form, place) {
  const body = new URLSearchParams(new FormData(form));
  place.textContent = "Running …";
  const answer = await fetch(form.action, {
    method: "POST", body, headers: { Accept: "application/sparql-results+json, text/turtle;q=0.9" },
  });
  const text = await answer.text();
  const shown = document.createElement("pre");
  shown.textContent = text;
  if (answer.ok && answer.headers.get("content-type").includes("json")) {
    const result = JSON.parse(text);
    if ("boolean" in result) { place.textContent = String(result.boolean); return; }
    const count = document.createElement("p");
    count.textContent = result.results.bindings.length + " rows";
    place.replaceChildren(count, table(result));
  } else {
    place.replaceChildren(shown);
  }
}

for (const input of document.querySelectorAll("input[type=search][list], input[data-suggest]")) suggestions(input);
const form = document.querySelector("form.sparql");
if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run(form, document.getElementById("result")).catch((error) => { document.getElementById("result").textContent = String(error); });
  });
}
