// Keys and small comforts; every page works without this file.
"use strict";

(() => {
  const PAGES = { q: "/", c: "/coverage", r: "/report", u: "/rules", l: "/ledger" };
  let pendingG = 0;

  const rows = () => [...document.querySelectorAll("[data-stop]")].filter((row) => row.getClientRects().length > 0);
  const current = () => document.querySelector("[data-stop].here");
  const help = () => document.getElementById("keys");

  function moveTo(row) {
    current()?.classList.remove("here");
    row.classList.add("here");
    const link = row.querySelector("[data-open]") ?? row;
    link.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const all = rows();
    if (all.length === 0) return;
    const at = all.indexOf(current());
    const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1);
    moveTo(all[next]);
  }

  function toggleHelp() {
    const dialog = help();
    if (!dialog) return;
    if (dialog.open) dialog.close();
    else dialog.showModal();
  }

  function typing(target) {
    return target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName);
  }

  const KEYS = {
    j: () => step(1),
    k: () => step(-1),
    "?": toggleHelp,
    "/": () => document.querySelector("[data-first-filter]")?.focus(),
    u: () => document.querySelector("[data-up]")?.click(),
    a: () => document.querySelector("[data-decide]")?.focus(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (pendingG && Date.now() - pendingG < 1500 && PAGES[event.key]) {
      pendingG = 0;
      event.preventDefault();
      window.location.assign(PAGES[event.key]);
      return;
    }
    pendingG = event.key === "g" ? Date.now() : 0;
    if (help()?.open && event.key !== "?") return;
    if (event.key === "Enter" && event.target === document.body && current()) {
      event.preventDefault();
      (current().querySelector("[data-open]") ?? current()).click();
      return;
    }
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  function reveal() {
    const id = decodeURIComponent(window.location.hash.slice(1));
    const target = id ? document.getElementById(id) : null;
    const fold = target?.closest("details");
    if (fold && !fold.open) {
      fold.open = true;
      target.scrollIntoView({ block: "center" });
    }
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys]")) toggleHelp();
    if (event.target.closest("[data-close]")) help()?.close();
    const line = event.target.closest('a[href^="#"]');
    if (line) setTimeout(reveal, 0);
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-auto]");
    if (form && !window.htmx) form.requestSubmit();
  });
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-needs-script]").forEach((part) => { part.hidden = false; });
    document.querySelectorAll("[data-without-script]").forEach((part) => { part.hidden = true; });
    reveal();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    document.querySelectorAll("[data-without-script]").forEach((part) => { part.hidden = true; });
    if (event.detail.target?.id === "notice") event.detail.target.scrollIntoView({ block: "nearest" });
  });
  document.addEventListener("htmx:sendError", () => {
    const said = document.createElement("div");
    said.className = "notice bad";
    said.setAttribute("role", "alert");
    said.textContent = "The server did not answer. Nothing was written; try again.";
    document.getElementById("notice").replaceChildren(said);
  });
  window.addEventListener("hashchange", reveal);
})();
