// Slack's mrkdwn as DOM nodes. Text reaches the page only through text nodes, so hostile text stays text.

const EMOJI = {
  rotating_light: "🚨", white_check_mark: "✅", heavy_check_mark: "✔️", warning: "⚠️", eyes: "👀", bell: "🔔", x: "❌",
  red_circle: "🔴", large_orange_circle: "🟠", large_yellow_circle: "🟡", large_green_circle: "🟢", large_blue_circle: "🔵",
  large_red_square: "🟥", large_orange_square: "🟧", large_yellow_square: "🟨", large_green_square: "🟩", no_entry: "⛔",
  see_no_evil: "🙈", phone: "☎️", telephone_receiver: "📞", email: "📧", envelope: "✉️", memo: "📝", hourglass: "⌛",
  alarm_clock: "⏰", file_folder: "📁", page_facing_up: "📄", raised_hand: "✋", hand: "✋", wave: "👋", thumbsup: "👍",
  "+1": "👍", tada: "🎉", fire: "🔥", link: "🔗", repeat: "🔁", arrow_up: "⬆️", sos: "🆘", bust_in_silhouette: "👤",
};
const INLINE = /<([^<>\n]+)>|`([^`\n]+)`|(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])|(?<![\w_])_(?=\S)([^_\n]+?)(?<=\S)_(?![\w_])|(?<![\w~])~(?=\S)([^~\n]+?)(?<=\S)~(?![\w~])|:([a-z0-9_+-]+):/;

export function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

const decoded = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

export const emojis = (text) => text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => EMOJI[name] ?? whole);

export function link(address, label) {
  if (!/^(https?|mailto):/i.test(address)) return document.createTextNode(label);
  const made = element("a", "", label);
  made.href = address;
  made.target = "_blank";
  made.rel = "noopener noreferrer";
  return made;
}

function bracketed(inside, names) {
  const [target, label] = [inside.split("|")[0], decoded(inside.split("|").slice(1).join("|"))];
  if (target.startsWith("@")) return element("span", "mention", "@" + (names.get(target.slice(1)) ?? target.slice(1)));
  if (target.startsWith("#")) return element("span", "mention", "#" + (names.get(target.slice(1)) ?? (label || target)));
  if (target.startsWith("!subteam^")) return element("span", "mention", label || "@" + (names.get(target.slice(9)) ?? "group"));
  if (target.startsWith("!date^")) return document.createTextNode(label);
  if (target.startsWith("!")) return element("span", "mention", "@" + target.slice(1));
  return link(decoded(target), label || decoded(target));
}

function inline(parent, text, names) {
  let rest = text;
  for (;;) {
    const found = INLINE.exec(rest);
    if (!found) break;
    parent.append(decoded(rest.slice(0, found.index)));
    const [whole, bracket, code, bold, italic, struck, emoji] = found;
    if (bracket) parent.append(bracketed(bracket, names));
    else if (code) parent.append(element("code", "", decoded(code)));
    else if (emoji) parent.append(EMOJI[emoji] ?? whole);
    else inline(parent.appendChild(document.createElement(bold ? "b" : italic ? "i" : "s")), bold ?? italic ?? struck, names);
    rest = rest.slice(found.index + whole.length);
  }
  parent.append(decoded(rest));
}

export function mrkdwn(text, names) {
  const made = element("div", "mrkdwn");
  text.split("```").forEach((part, number) => {
    if (number % 2) return made.append(element("pre", "", decoded(part.replace(/^\n|\n$/g, ""))));
    let quote = null;
    part.split("\n").forEach((line, place, all) => {
      const quoted = /^(&gt;|>) ?/.exec(line);
      if (quoted) {
        if (quote) quote.append(document.createElement("br"));
        else quote = made.appendChild(document.createElement("blockquote"));
        inline(quote, line.slice(quoted[0].length), names);
        return;
      }
      const afterQuote = quote !== null;
      quote = null;
      if (place && !afterQuote) made.append(document.createElement("br"));
      inline(made, line, names);
    });
  });
  return made;
}
