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
  if (!sensor.points) return document.createTextNode("–");
  const [x, y] = sensor.points.split(" ").pop().split(",");
  return svg("svg", { class: "spark", viewBox: "0 0 120 24", role: "img", "aria-label": sensor.label },
    svg("polyline", { points: sensor.points }), svg("circle", { cx: x, cy: y, r: 2 }));
}

function rows(id, list) {
  if (!list) return;
  $(id).replaceChildren(...list.map((cells) => {
    const row = document.createElement("tr");
    row.append(head(cells[0]), ...cells.slice(1).map((text) => element("td", text)));
    return row;
  }));
}

function sensorRow(sensor) {
  const row = document.createElement("tr");
  row.append(head(sensor.id), element("td", sensor.state, sensor.class), element("td", sensor.value, "value"),
    element("td", sensor.age, "age"), element("td", sparkline(sensor)));
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
  sensors(view);
  document.documentElement.dataset.live = "yes";
}

function silent() {
  texts({ sentence: "The gateway does not answer: what is shown below is its last word", icon: "✕" });
  $("verdict").className = "verdict critical";
}

let source = null, poller = null;
function stop() {
  if (source) source.close();
  clearInterval(poller);
  source = poller = null;
}

function start() {
  stop();
  source = new EventSource("/live");
  source.addEventListener("view", (event) => { clearInterval(poller); poller = null; show(JSON.parse(event.data)); });
  source.onerror = () => {
    if (source.readyState !== EventSource.CLOSED) return silent(); // the browser tries again by itself
    if (poller) return;
    const ask = () => fetch("/live.json").then((answer) => answer.json()).then(show).catch(silent);
    poller = setInterval(ask, 5000);
    ask();
  };
}

document.addEventListener("visibilitychange", () => (document.hidden ? stop() : start()));
start();
