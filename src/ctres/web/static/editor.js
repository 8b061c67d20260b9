// The query box as YASGUI's editor: colours, mistakes marked, names completed. Without this script it is a plain box, and a button brings that back.
"use strict";

(() => {
  const form = document.querySelector("form.sparql");
  const area = document.getElementById("query");
  const told = document.getElementById("keys");
  const plain = document.getElementById("plain");
  const label = document.querySelector("label[for=query]");

  // What is typed, without its prefix, is looked up like any name; at the place of a property only properties are proposed.
  Yasqe.registerAutocompleter({
    name: "ctres",
    bulk: false,
    autoShow: true,
    isValidCompletionPosition: (editor) => /^(ctres:)?[\w-]{2,}$/.test(editor.getCompleteToken().string),
    get: async (editor) => {
      let token;
      do { // until the typing pauses: the editor asks but once for what is being typed
        token = editor.getCompleteToken();
        await new Promise((resolve) => setTimeout(resolve, 150));
      } while (editor.getCompleteToken().string !== token.string);
      const kind = token.state.possibleCurrent.includes("a") ? "&kind=property" : "";
      const answer = await fetch("/suggest?q=" + encodeURIComponent(token.string.replace("ctres:", "")) + kind);
      return answer.ok ? (await answer.json()).map((one) => one.id).filter((id) => id.startsWith("ctres:")) : [];
    },
  });

  const place = document.createElement("div");
  area.after(place);
  const editor = new Yasqe(place, {
    value: area.value,
    autocompleters: ["variables", "ctres"],
    persistenceId: null,
    consumeShareLink: null,
    createShareableLink: null,
    showQueryButton: false,
    resizeable: false,
    editorHeight: "auto",
    inputStyle: "contenteditable",
    viewportMargin: Infinity,
    extraKeys: {
      Tab: false, // moves on, as on any page
      "Shift-Tab": false,
      "Ctrl-S": false,
      "Ctrl-Enter": () => form.requestSubmit(),
      "Cmd-Enter": () => form.requestSubmit(),
    },
  });
  const input = editor.getInputField();
  input.setAttribute("aria-label", label.textContent);
  input.setAttribute("aria-describedby", "keys");
  label.addEventListener("click", () => { if (area.hidden) editor.focus(); });
  editor.on("change", () => { area.value = editor.getValue(); });
  area.hidden = true;
  told.hidden = false;
  plain.hidden = false;
  plain.addEventListener("click", () => {
    const back = area.hidden;
    if (!back) editor.setValue(area.value);
    place.hidden = back;
    told.hidden = back;
    area.hidden = !back;
    plain.textContent = back ? "Editor" : "Plain box";
    if (back) area.focus();
    else { editor.refresh(); editor.focus(); }
  });
})();
