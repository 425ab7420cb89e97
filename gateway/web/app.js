"use strict";
// Keeps the page current: server-sent events while it is visible, polling where they do not work.

const $ = (id) => document.getElementById(id);
const icons = { ok: "\u2713", warning: "!", critical: "\u2715" };
const order = { rejecting: 0, silent: 1, late: 2, ok: 3 };
const number = (n) => Math.round(n).toLocaleString("en");

function text(id, value) {
  const node = $(id);
  if (node.textContent !== value) node.textContent = value;
}

function duration(s) {
  if (s < 60) return Math.round(s) + " s";
  if (s < 3600) return Math.floor(s / 60) + " min " + Math.round(s % 60) + " s";
  if (s < 86400) return Math.floor(s / 3600) + " h " + Math.floor((s % 3600) / 60) + " min";
  return Math.floor(s / 86400) + " d " + Math.floor((s % 86400) / 3600) + " h";
}

function bytes(n) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  for (; n >= 1024 && unit + 1 < units.length; unit++) n /= 1024;
  return (unit === 0 ? n : n.toFixed(1)) + " " + units[unit];
}

function cell(row, content, name) {
  const td = document.createElement("td");
  if (name) td.className = name;
  if (content instanceof Node) td.append(content);
  else td.textContent = content;
  row.append(td);
}

function head(row, content) {
  const th = document.createElement("th");
  th.scope = "row";
  th.textContent = content;
  row.append(th);
}

function sparkline(sensor) {
  const values = (sensor.recent || []).filter((v) => v !== null);
  if (values.length < 2) return document.createTextNode("–");
  const low = Math.min(...values), high = Math.max(...values), span = high - low || 1;
  const points = [];
  sensor.recent.forEach((v, i) => { if (v !== null) points.push(i * 2 + "," + (22 - ((v - low) / span) * 20).toFixed(1)); });
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("class", "spark");
  svg.setAttribute("viewBox", "0 0 120 24");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `${sensor.recent_name} last hour, min ${low}, max ${high}, now ${values[values.length - 1]} ${sensor.recent_unit}`);
  const line = document.createElementNS(ns, "polyline");
  line.setAttribute("points", points.join(" "));
  svg.append(line);
  return svg;
}

function rows(id, list, fill) {
  $(id).replaceChildren(...list.map((item) => {
    const row = document.createElement("tr");
    fill(row, item);
    return row;
  }));
}

function arrow(id, label, flowing) {
  const state = flowing ? "flowing" : "broken";
  $(id).className = "arrow " + state;
  $(id).setAttribute("aria-label", label + ": " + state);
}

// Rates are differences between two messages, smoothed so that they can be read.
let before = null;
const rates = { in: 0, out: 0 };
function rate(status, delivered) {
  const now = { at: performance.now() / 1000, stored: status.log.appended, delivered };
  if (before && now.at > before.at) {
    const seconds = now.at - before.at;
    rates.in += ((now.stored - before.stored) / seconds - rates.in) / 3;
    rates.out += ((now.delivered - before.delivered) / seconds - rates.out) / 3;
    text("rate-in", rates.in.toFixed(1));
    text("rate-out", rates.out.toFixed(1));
  }
  before = now;
}

function showStatus(status) {
  const sum = (name) => status.kafka.reduce((all, route) => all + route[name], 0);
  text("gateway", status.gateway.id);
  $("verdict").className = "verdict " + status.health;
  text("icon", icons[status.health]);
  text("sentence", status.verdict);
  text("sensor-count", number(status.sensors));
  text("stored", number(status.log.durable));
  text("size", bytes(status.log.size_bytes) + " of " + bytes(status.log.max_bytes));
  text("delivered", number(sum("delivered")));
  text("unsent", number(status.unsent));
  text("oldest", status.oldest_unsent ? duration((Date.parse(status.time) - Date.parse(status.oldest_unsent)) / 1000) : "–");
  text("per-minute", number(sum("records_per_second") * 60));
  const lost = sum("dead_lettered") + sum("dropped") + status.log.lost;
  text("lost", number(lost));
  $("lost").className = lost ? "some" : "none";
  arrow("arrow-in", "sensors to log", status.log.writable && status.sources.some((s) => s.up));
  arrow("arrow-out", "log to Kafka", status.state === "online" || status.state === "catching_up");
  rate(status, sum("delivered"));
  rows("routes", status.kafka, (row, r) => {
    head(row, status.kafka.length > 1 ? r.name + " to " + r.topic : r.topic);
    cell(row, r.reason ? r.state + ": " + r.reason : r.state);
    cell(row, number(r.waiting));
    cell(row, r.delivery_p99_seconds ? (r.delivery_p99_seconds * 1000).toFixed(0) + " ms" : "–");
    cell(row, r.last_error || "none");
  });
  rows("sources", status.sources, (row, s) => {
    head(row, s.name);
    cell(row, s.up ? "up" : s.reason || "down");
    cell(row, number(s.readings));
    cell(row, number(s.duplicates));
    cell(row, number(Object.values(s.undecodable).reduce((a, b) => a + b, 0)));
  });
  text("device", `clock ${status.gateway.clock}, up ${duration(status.gateway.uptime_seconds)}, flush to the card p99 ${(status.log.sync_p99_seconds * 1000).toFixed(1)} ms, ${bytes(status.log.written_bytes)} written since start`);
  $("events").replaceChildren(...status.events.slice().reverse().map((e) => {
    const item = document.createElement("li"), time = document.createElement("time");
    time.dateTime = e.time;
    time.textContent = e.time.replace("T", " ").replace(/\..*|Z$/, "") + " ";
    item.append(time, e.text);
    return item;
  }));
}

function showSensors(document_) {
  const list = document_.sensors.slice().sort((a, b) => order[a.state] - order[b.state] || a.id.localeCompare(b.id));
  rows("sensors", list.slice(0, 200), (row, s) => {
    head(row, s.id);
    cell(row, s.state, s.state === "ok" ? "" : s.state === "late" ? "warning" : "critical");
    cell(row, s.error || Object.entries(s.value).map(([k, v]) => k + " " + v).join(", "), "value");
    cell(row, duration(s.age_seconds));
    cell(row, sparkline(s));
  });
}

let source = null, poller = null;
async function poll() {
  try {
    showStatus(await (await fetch("/api/v1/status")).json());
    showSensors(await (await fetch("/api/v1/sensors")).json());
  } catch {
    text("sentence", "The gateway does not answer");
  }
}

function stop() {
  if (source) source.close();
  clearInterval(poller);
  source = poller = null;
}

function start() {
  stop();
  source = new EventSource("/api/v1/events");
  source.addEventListener("status", (e) => { clearInterval(poller); poller = null; showStatus(JSON.parse(e.data)); });
  source.addEventListener("sensors", (e) => showSensors(JSON.parse(e.data)));
  source.onerror = () => {
    text("sentence", "The gateway does not answer");
    $("verdict").className = "verdict critical";
    if (!poller) poller = setInterval(poll, 5000);
  };
}

document.addEventListener("visibilitychange", () => (document.hidden ? stop() : start()));
start();
