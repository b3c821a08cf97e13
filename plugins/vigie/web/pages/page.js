"use strict";
(() => {
  const theme = () => {
    // Airflow keeps its own light or dark under this name; "system" or nothing: the browser decides.
    let chosen = null;
    try { chosen = localStorage.getItem("theme"); } catch { /* no storage: the browser decides */ }
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
    else delete document.documentElement.dataset.theme;
  };
  theme();
  addEventListener("storage", theme);

  const told = (span) => {
    const seconds = Math.floor(Math.abs(span) / 1000), minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60);
    const text = seconds < 60 ? `${seconds} s` : minutes < 60 ? `${minutes} min`
      : hours < 48 ? `${hours} h ${String(minutes % 60).padStart(2, "0")} min` : `${Math.floor(hours / 24)} days`;
    if (seconds < 5) return span >= 0 ? "just now" : "now";
    return span >= 0 ? `${text} ago` : `in ${text}`;
  };

  addEventListener("DOMContentLoaded", () => {
    const live = document.querySelector("[data-live]");
    const stale = document.querySelector(".stale");
    const drift = Date.now() - Date.parse(document.documentElement.dataset.now);
    const tick = () => {
      for (const time of document.querySelectorAll("time[data-relative]"))
        time.textContent = told(Date.now() - drift - Date.parse(time.dateTime));
    };
    setInterval(tick, 1000);

    // Airflow shows this page in a frame that may not open windows; its own page may.
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-leave]");
      if (!link || window.top === window || event.button !== 0 || event.metaKey || event.ctrlKey) return;
      let door;
      try { door = window.top.document.createElement("a"); } catch { return; }
      event.preventDefault();
      door.href = link.href;
      door.rel = "noopener";
      if (link.dataset.leave === "new") door.target = "_blank";
      window.top.document.body.append(door);
      door.click();
      door.remove();
    });

    // A double tap means one thing. Its second half must not press what has come to stand under the finger meanwhile:
    // the next incident of a list, another mail, the next step's answer, also on the page that was loaded in between.
    const what = (control) => {
      const form = control.form;
      if (!form) return control.href || control.textContent;
      const hidden = [...form.elements].filter((field) => field.type === "hidden" && field.name !== "csrf_token");
      return [form.action, control.name, control.value, ...hidden.map((field) => `${field.name}=${field.value}`)].join("|");
    };
    document.addEventListener("click", (event) => {
      const control = event.target.closest("button, a.button");
      if (!control || event.detail === 0) return; // by keyboard
      const pressed = { at: Date.now(), x: event.clientX, y: event.clientY, what: what(control) };
      let last = null;
      try {
        last = JSON.parse(sessionStorage.getItem("vigie.pressed"));
        sessionStorage.setItem("vigie.pressed", JSON.stringify(pressed));
      } catch { return; /* no storage: nothing is known of the press before */ }
      if (!last || last.what === pressed.what || pressed.at - last.at > 700) return;
      if (Math.hypot(pressed.x - last.x, pressed.y - last.y) > 24) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    }, true);

    document.addEventListener("submit", (event) => {
      // A moment later: the answer that was pressed goes with the form only while its button is not disabled.
      setTimeout(() => { for (const button of event.target.querySelectorAll("button")) button.disabled = true; });
    });
    // A page that comes back from the browser's memory has its buttons again.
    addEventListener("pageshow", () => document.querySelectorAll("button[disabled]").forEach((b) => { b.disabled = false; }));

    if (!live) return;
    // What somebody has begun to fill in or tick stays until it is sent.
    let begun = false;
    live.addEventListener("input", () => { begun = true; });
    let pressed = false, good = Date.now(), busy = false;
    addEventListener("pointerdown", () => { pressed = true; });
    addEventListener("pointerup", () => { setTimeout(() => { pressed = false; }, 300); });
    addEventListener("pointercancel", () => { pressed = false; });

    const refresh = async () => {
      // Nothing changes under a finger, nor under what somebody writes.
      const writing = [...live.querySelectorAll("textarea, input[type=text], select")]
        .some((field) => field === document.activeElement || (field.defaultValue ?? field.value) !== field.value);
      if (busy || document.hidden || pressed || writing || begun) return;
      busy = true;
      try {
        const version = encodeURIComponent(live.dataset.version);
        const answer = await fetch(`${live.dataset.live}${live.dataset.live.includes("?") ? "&" : "?"}version=${version}`, {
          headers: { accept: "application/json" }, signal: AbortSignal.timeout(10000),
        });
        if (answer.status === 401 || answer.status === 403) { location.reload(); return; }
        if (!answer.ok) throw new Error(String(answer.status));
        const news = await answer.json();
        if (news.html !== null) {
          live.innerHTML = news.html;
          live.dataset.version = news.version;
        }
        document.title = `${news.title} · Vigie`;
        for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = news.csrf_token;
        good = Date.now();
        tick();
      } catch { /* said below */ } finally { busy = false; }
      stale.hidden = Date.now() - good < 15000;
    };
    setInterval(refresh, 4000);
    document.addEventListener("visibilitychange", refresh);
  });
})();
