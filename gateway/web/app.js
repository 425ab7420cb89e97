"use strict";
// Keeps the page current. The gateway says what to show, in words and numbers ready to be read; this file puts
// them where they belong: by server-sent events while the page is visible, by asking where those do not work.

const $ = (id) => document.getElementById(id);
const known = new Map(); // sensor -> its row's data and element

function texts(values) {
  for (const [id, value] of Object.entries(values)) {
    const node = $(id);
    if (node && node.textContent !== value) node.textContent = value;
  }
}

function element(name, content, className) {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (content instanceof Node) node.append(content);
  else node.textContent = content;
  return node;
}

function head(content) {
  const th = element("th", content);
  th.scope = "row";
  return th;
}

function svg(name, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

function sparkline(sensor) {
  if (!sensor.points) return ["–"];
  const [x, y] = sensor.points.split(" ").pop().split(",");
  return [svg("svg", { class: "spark", viewBox: "0 0 120 24", role: "img", "aria-label": sensor.label },
    svg("polyline", { points: sensor.points }), svg("circle", { cx: x, cy: y, r: 2 })), element("small", sensor.scale)];
}

function rows(id, list) {
  if (!list) return;
  const heads = $(id).parentElement.tHead.rows[0].cells;
  $(id).replaceChildren(...list.map((cells) => {
    const row = document.createElement("tr");
    row.append(head(cells[0]), ...cells.slice(1).map((text, i) => {
      const cell = element("td", text);
      cell.dataset.label = heads[i + 1].textContent;
      return cell;
    }));
    return row;
  }));
}

function sensorRow(sensor) {
  const row = document.createElement("tr"), hour = document.createElement("td");
  hour.append(...sparkline(sensor));
  const link = element("a", sensor.id);
  link.href = sensor.address;
  row.append(head(link), element("td", sensor.state, sensor.class), element("td", sensor.value, "value"),
    element("td", sensor.age, "age"), hour);
  return row;
}

function sensors(view) {
  for (const sensor of view.sensors) {
    const row = sensorRow(sensor), old = known.get(sensor.id);
    if (old) old.replaceWith(row);
    known.set(sensor.id, row);
  }
  if (view.order) {
    const keep = new Set(view.order);
    for (const id of known.keys()) if (!keep.has(id)) known.delete(id);
    $("sensors").replaceChildren(...view.order.map((id) => known.get(id)).filter(Boolean));
  }
  const list = $("sensors").children;
  view.ages.forEach((age, i) => { if (list[i] && list[i].cells[3].textContent !== age) list[i].cells[3].textContent = age; });
}

function show(view) {
  texts(view.texts);
  for (const [id, name] of Object.entries(view.classes)) {
    const base = { verdict: "verdict ", "arrow-in": "arrow ", "arrow-out": "arrow " }[id] || "";
    if ($(id).className !== base + name) $(id).className = base + name;
  }
  for (const [id, label] of Object.entries(view.labels)) $(id).setAttribute("aria-label", label);
  for (const id of ["routes", "brokers", "sources"]) rows(id, view[id]);
  if (view.events) $("events").replaceChildren(...view.events.map(([when, level, text]) => {
    const item = element("li", "", level), time = element("time", when.replace("T", " ").replace("Z", ""));
    time.dateTime = when;
    item.append(time, text);
    return item;
  }));
  for (const id of ["pager", "ignored"]) {
    if (view[id]) $(id).replaceChildren(...view[id].map(([text, href]) => {
      const link = element("a", text);
      link.href = href;
      return link;
    }));
  }
  sensors(view);
  document.documentElement.dataset.live = "yes";
}

function silent() {
  texts({ sentence: "The gateway does not answer: what is shown below is its last word", icon: "✕" });
  $("verdict").className = "verdict critical";
}

// What is asked of the list of sensors: the address says it, so that it can be kept and sent to others.
let asked = location.search;
function ask(query) {
  asked = query;
  history.replaceState(null, "", "/" + query);
  start();
}

let typing = null;
function search() {
  clearTimeout(typing);
  typing = setTimeout(() => {
    const wanted = [...new FormData($("search"))].filter(([, value]) => value);
    ask(wanted.length ? "?" + new URLSearchParams(wanted) : "");
  }, 250);
}
$("search").addEventListener("input", search);
$("search").addEventListener("submit", (event) => { event.preventDefault(); search(); });
$("pager").addEventListener("click", (event) => {
  if (!event.target.href || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  ask(new URL(event.target.href).search);
  $("find").scrollIntoView();
});

let source = null, poller = null;
function stop() {
  if (source) source.close();
  clearInterval(poller);
  source = poller = null;
}

function start() {
  stop();
  known.clear();
  source = new EventSource("/live" + asked);
  source.addEventListener("view", (event) => { clearInterval(poller); poller = null; show(JSON.parse(event.data)); });
  source.onerror = () => {
    if (source.readyState !== EventSource.CLOSED) return silent(); // the browser tries again by itself
    if (poller) return;
    const ask = () => fetch("/live.json" + asked).then((answer) => answer.json()).then(show).catch(silent);
    poller = setInterval(ask, 5000);
    ask();
  };
}

document.addEventListener("visibilitychange", () => (document.hidden ? stop() : start()));
start();
