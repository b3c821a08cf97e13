// The page of the Slack stand-in: it asks for the state once a second and draws it anew when it changed.

import { element, emojis, link, mrkdwn } from "/pages/mrkdwn.js";

const at = (id) => document.getElementById(id);
const names = new Map();
const busy = new Map();
let state = null;
let mails = [];
let shown = location.pathname === "/mails" ? "mails" : location.pathname.split("/")[2] ?? localStorage.shown;
let wantedTs = location.pathname.startsWith("/archives/") ? location.pathname.split("/")[3]?.slice(1) : null;
const seen = JSON.parse(localStorage.seen ?? "{}");

const me = () => at("me").value;
const post = async (path, body) => {
  const answer = await fetch(`/control/${path}`, { method: "POST", body: JSON.stringify(body) });
  return answer.json();
};

function toast(text, bad) {
  const output = at("toast");
  output.textContent = text;
  output.className = bad ? "shown bad" : "shown";
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => (output.className = ""), 5000);
}

async function press(message, part, button, chosen = "") {
  if (part.confirm && !confirm(part.confirm.text?.text ?? "Are you sure?")) return;
  const key = `${message.channel} ${message.ts} ${part.action_id}`;
  busy.set(key, true);
  button.disabled = true;
  const asked = { channel: message.channel, ts: message.ts, action_id: part.action_id, user: me(), chosen };
  const result = await post("press", asked).catch((error) => ({ ok: false, error: String(error) }));
  busy.delete(key);
  button.disabled = false;
  if (result.ok) toast(`✓ the app answered in ${result.seconds} s`);
  else toast(`⚠ This did not reach the app: ${result.error || "no reason given"}`, true);
}

function control(part, message) {
  if (part.type === "button" || part.type === "workflow_button") {
    const button = element("button", part.style ?? "", emojis(part.text?.text ?? "?"));
    button.disabled = busy.has(`${message.channel} ${message.ts} ${part.action_id}`);
    button.dataset.action = part.action_id;
    button.addEventListener("click", () => {
      if (/^https?:/i.test(part.url ?? "")) window.open(part.url, "_blank", "noopener");
      press(message, part, button);
    });
    return button;
  }
  if (part.options) {
    const select = element("select", "", element("option", "", part.placeholder?.text ?? "Choose…"));
    for (const option of part.options) {
      const made = element("option", "", option.text.text);
      made.value = option.value;
      select.append(made);
    }
    select.addEventListener("change", () => press(message, part, select, select.value));
    return select;
  }
  return element("span", "odd", part.type === "image" ? `🖼 ${part.alt_text}` : `[${part.type}]`);
}

const words = (text) =>
  text?.type === "mrkdwn" ? mrkdwn(text.text, names) : element("div", "mrkdwn", emojis(text?.text ?? ""));

const richText = (part) => (part.elements ? part.elements.map(richText).join(part.type === "rich_text" ? "\n" : "") : part.text ?? part.url ?? "");

function block(part, message) {
  switch (part.type) {
    case "header": return element("h3", "", emojis(part.text.text));
    case "divider": return document.createElement("hr");
    case "context": return element("div", "context", ...part.elements.map((each) => (each.type === "image" ? control(each, message) : words(each))));
    case "actions": return element("div", "actions", ...part.elements.map((each) => control(each, message)));
    case "section": {
      const made = element("div", "section");
      const text = made.appendChild(document.createElement("div"));
      if (part.text) text.append(words(part.text));
      if (part.fields) text.append(element("div", "fields", ...part.fields.map(words)));
      if (part.accessory) made.append(control(part.accessory, message));
      return made;
    }
    case "markdown": return element("div", "mrkdwn plain", part.text);
    case "rich_text": return element("div", "mrkdwn plain", richText(part));
    case "image": return element("div", "context", `🖼 ${part.alt_text}`);
    default: return element("div", "odd", `[${part.type}]`);
  }
}

const time = (ts) => new Date(Number(ts) * 1000);
const clock = (ts) => time(ts).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const hue = (text) => [...text].reduce((sum, each) => (sum * 31 + each.codePointAt(0)) % 360, 7);

function face(message) {
  const name = names.get(message.user) ?? "?";
  const made = element("div", "face", message.user === state.bot.id ? "V" : name.split(/\s+/).map((each) => [...each][0]).join("").slice(0, 2).toUpperCase());
  made.style.background = message.user === state.bot.id ? "#1264a3" : `hsl(${hue(name)} 45% 42%)`;
  return made;
}

function drawn(message, inThread) {
  const who = element("div", "who", element("b", "", names.get(message.user) ?? message.user));
  if (message.user === state.bot.id) who.append(element("span", "app", "APP"));
  const stamp = element("time", "", clock(message.ts));
  stamp.title = time(message.ts).toLocaleString();
  who.append(stamp);
  const body = element("div", "body", who);
  if (message.only_for) body.append(element("div", "only", "👁 Only visible to you"));
  if (message.subtype === "thread_broadcast" && !inThread) body.append(element("div", "only", "replied to a thread"));
  if (message.blocks) body.append(...message.blocks.map((each) => block(each, message)));
  else body.append(mrkdwn(message.text, names));
  if (message.edited) body.append(element("span", "edited", "(edited)"));
  if (message.reactions) {
    body.append(element("div", "reactions", ...message.reactions.map((each) => element("span", "", `${emojis(`:${each.name}:`)} ${each.count}`))));
  }
  const made = element("article", message.only_for ? "ephemeral" : "", face(message), body);
  made.id = `p${message.ts.replace(".", "")}`;
  return made;
}

function withThread(message, all) {
  const made = drawn(message, false);
  const replies = all.filter((each) => each.thread_ts === message.ts && each.ts !== message.ts && mayRead(each));
  if (replies.length) {
    const title = element("summary", "", `${replies.length} ${replies.length === 1 ? "reply" : "replies"}`);
    const thread = element("details", "thread", title, ...replies.map((each) => drawn(each, true)));
    thread.open = localStorage[`closed ${message.ts}`] !== "1";
    thread.addEventListener("toggle", () => (localStorage[`closed ${message.ts}`] = thread.open ? "0" : "1"));
    made.lastChild.append(thread);
  }
  return made;
}

const mayRead = (message) => !message.only_for || message.only_for === me();
const inChannel = (message) => !message.thread_ts || message.thread_ts === message.ts || message.subtype === "thread_broadcast";

function drawMessages() {
  const list = at("messages");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const all = state.messages[shown] ?? [];
  let day = "";
  const parts = [];
  for (const message of all.filter((each) => inChannel(each) && mayRead(each))) {
    const its = time(message.ts).toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
    if (its !== day) parts.push(element("div", "day", element("span", "", (day = its))));
    parts.push(withThread(message, all));
  }
  if (!parts.length) parts.push(element("p", "empty", "Nothing here yet."));
  list.replaceChildren(...parts);
  if (all.length) seen[shown] = all.at(-1).ts;
  localStorage.seen = JSON.stringify(seen);
  const wanted = wantedTs && at(`p${wantedTs}`);
  if (wanted) {
    wanted.classList.add("wanted");
    wanted.scrollIntoView({ block: "center" });
    wantedTs = null;
  } else if (atEnd) list.scrollTop = list.scrollHeight;
}

function drawMails() {
  const parts = mails.toReversed().map((mail) => {
    const head = element("div", "who", element("b", "", mail.subject || "(no subject)"), element("time", "", clock(Date.parse(mail.at) / 1000)));
    const lines = element("div", "lines", `From ${mail.sender}`, document.createElement("br"), `To ${mail.recipients.join(", ")}`);
    const body = element("div", "body", head, lines, element("pre", "mail", mail.text));
    if (mail.html) {
      const frame = document.createElement("iframe"); // sandboxed: no scripts, no forms, no navigation of this page
      frame.setAttribute("sandbox", "");
      frame.srcdoc = mail.html;
      body.append(element("details", "html", element("summary", "", "as HTML"), frame));
    }
    if (mail.attachments.length) body.append(element("div", "context", `📎 ${mail.attachments.join(", ")}`));
    return element("article", "", element("div", "face mailface", "✉"), body);
  });
  if (!parts.length) parts.push(element("p", "empty", "No mail yet."));
  at("messages").replaceChildren(...parts);
}

function tab(id, label, mark) {
  const all = state.messages[id] ?? [];
  const unread = id === shown ? 0 : all.filter((each) => each.ts > (seen[id] ?? "") && mayRead(each)).length;
  const made = element("button", id === shown ? "current" : unread ? "unread" : "", element("span", "mark", mark), label);
  if (unread) made.append(element("span", "count", String(unread)));
  made.dataset.channel = label;
  made.addEventListener("click", () => {
    localStorage.shown = shown = id;
    history.replaceState(null, "", id === "mails" ? "/mails" : `/archives/${id}/p0`);
    draw();
    at("messages").scrollTop = id === "mails" ? 0 : at("messages").scrollHeight;
    if (id === "mails") refresh();
  });
  return made;
}

function draw() {
  const chosen = me() || localStorage.me;
  const people = state.users.filter((each) => each.id !== state.bot.id);
  at("me").replaceChildren(...people.map((each) => {
    const option = element("option", "", each.real_name || each.name);
    option.value = each.id;
    return option;
  }));
  at("me").value = people.some((each) => each.id === chosen) ? chosen : people[0]?.id ?? "";
  names.clear();
  for (const each of state.users) names.set(each.id, each.real_name || each.name);
  for (const each of state.channels) names.set(each.id, each.name);
  for (const each of state.usergroups) names.set(each.id, each.handle);
  at("team").textContent = state.team;
  const open = state.channels.filter((each) => !each.im);
  if (shown !== "mails" && !state.channels.some((each) => each.id === shown)) shown = open[0]?.id;
  at("channels").replaceChildren(...open.map((each) => tab(each.id, each.name, each.private ? "🔒" : "#")));
  at("directs").replaceChildren(...state.channels.filter((each) => each.im === me()).map((each) => tab(each.id, state.bot.name, "●")));
  at("directs-title").hidden = !at("directs").childElementCount;
  at("mails-title").hidden = !state.mails;
  at("mails-tab").replaceChildren(...(state.mails ? [tab("mails", "Captured mail", "✉")] : []));
  const channel = state.channels.find((each) => each.id === shown);
  at("title").textContent = shown === "mails" ? "✉ Captured mail" : channel ? (channel.im ? state.bot.name : `# ${channel.name}`) : "";
  at("topic").textContent = shown === "mails" ? "Every mail that was sent; none left this machine." : channel?.topic ?? "";
  document.title = `${at("title").textContent} · ${state.team} (stand-in)`;
  if (shown === "mails") drawMails();
  else drawMessages();
  drawModal();
}

let dismissed = ""; // the view that was closed by hand: Slack forgets it, the stand-in keeps it

function drawModal() {
  const modal = at("modal");
  const view = state.views.findLast((each) => each._user === me());
  if (!view || view.hash === dismissed) return modal.close();
  if (modal.dataset.hash === view.hash && modal.open) return;
  modal.dataset.hash = view.hash;
  const inputs = (view.blocks ?? []).filter((each) => each.type === "input" && each.element).map((each) => [each, input(each.element)]);
  const parts = (view.blocks ?? []).map((each) => {
    const own = inputs.find(([part]) => part === each);
    return own ? element(own[1].tagName === "DIV" ? "div" : "label", "", each.label?.text ?? "", own[1]) : block(each, { channel: "", ts: "" });
  });
  const send = element("button", "primary", view.submit?.text ?? "Submit");
  send.addEventListener("click", async () => {
    const values = {};
    for (const [part, field] of inputs) {
      values[part.block_id] = { [part.element.action_id]: { type: part.element.type, ...filledIn(part.element, field) } };
    }
    const result = await post("submit", { view_id: view.id, values }).catch((error) => ({ ok: false, error: String(error) }));
    const wrong = result.json?.response_action === "errors" ? result.json.errors : {};
    for (const [part, field] of inputs) {
      field.parentElement.querySelector(".wrong")?.remove();
      if (wrong[part.block_id]) field.after(element("small", "wrong", wrong[part.block_id]));
    }
    toast(result.ok ? `✓ the app answered in ${result.seconds} s` : `⚠ ${result.error}`, !result.ok);
  });
  const cancel = element("button", "", view.close?.text ?? "Cancel");
  cancel.addEventListener("click", () => {
    dismissed = view.hash;
    modal.close();
  });
  modal.replaceChildren(element("h3", "", view.title.text), ...parts, element("div", "actions", cancel, ...(view.submit ? [send] : [])));
  if (!modal.open) modal.showModal();
}

function filledIn(part, field) {
  if (part.type === "checkboxes") {
    return { selected_options: part.options.filter((_, number) => field.querySelectorAll("input")[number].checked) };
  }
  if (part.options) return { selected_option: part.options.find((each) => each.value === field.value) ?? null };
  if (part.type === "datepicker") return { selected_date: field.value || null };
  if (part.type === "timepicker") return { selected_time: field.value || null };
  return { value: field.value || null };
}

function input(part) {
  if (part.type === "checkboxes") {
    return element("div", "boxes", ...part.options.map((option) => {
      const box = document.createElement("input");
      box.type = "checkbox";
      return element("label", "", box, ` ${option.text.text}`);
    }));
  }
  const field = document.createElement(part.options ? "select" : part.multiline ? "textarea" : "input");
  for (const option of part.options ?? []) {
    const made = element("option", "", option.text.text);
    made.value = option.value;
    field.append(made);
  }
  if (!part.options) field.value = part.initial_value ?? "";
  if (part.type === "datepicker") field.type = "date";
  if (part.type === "timepicker") field.type = "time";
  return field;
}

async function refresh() {
  try {
    const answer = await fetch(`/control/state?since=${state?.version ?? ""}`);
    if (answer.status === 200) {
      state = await answer.json();
      draw();
    }
    if (shown === "mails" && state.mails) {
      const came = await (await fetch("/control/mails")).json();
      if (came.length !== mails.length) {
        mails = came;
        drawMails();
      }
    }
    at("lost").hidden = true;
  } catch {
    at("lost").hidden = false;
  }
}

async function live() {
  await refresh();
  setTimeout(live, 1000);
}

at("me").addEventListener("change", () => {
  localStorage.me = me();
  draw();
});
live();
