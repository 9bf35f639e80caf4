// What Blazor cannot do from the server: theme before the first paint, keyboard, chart tooltips, following the tail of a log.
'use strict';

const root = document.documentElement;
const stored = (() => { try { return localStorage.getItem('theme'); } catch { return null; } })();
if (stored) root.dataset.theme = stored;

function toggleTheme() {
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : !matchMedia('(prefers-color-scheme: light)').matches;
  root.dataset.theme = dark ? 'light' : 'dark';
  try { localStorage.setItem('theme', root.dataset.theme); } catch { /* private window: the choice lasts as long as the page */ }
}

document.addEventListener('click', event => {
  if (event.target.closest('[data-theme-toggle]')) toggleTheme();
  if (event.target.closest('[data-help-toggle]')) toggleHelp();
  const copy = event.target.closest('[data-copy]');
  if (copy) navigator.clipboard?.writeText(copy.dataset.copy).then(() => { copy.classList.add('copied'); setTimeout(() => copy.classList.remove('copied'), 900); });
});

function toggleHelp() {
  const help = document.getElementById('help');
  if (help?.open) help.close(); else help?.showModal();
}

function moveRow(step) {
  const rows = [...document.querySelectorAll('[data-row]')];
  if (rows.length === 0) return;
  const at = rows.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step));
  rows[next].focus();
  rows[next].scrollIntoView({ block: 'nearest' });
}

document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target;
  // The dialog closes by itself; what is open behind it stays.
  if (document.getElementById('help')?.open && event.key !== '?') return;
  if (event.key === 'Escape') {
    if (target.matches('input, select, textarea')) { target.blur(); return; }
    document.querySelector('[data-close]')?.click();
    return;
  }
  if (target.closest('input, select, textarea, [contenteditable]')) return;
  // A row's link opens it even where the page is not live (yet).
  if (event.key === 'Enter' && target.matches('[data-row]')) { (target.querySelector('a[data-open]') ?? target).click(); return; }
  const pressed = {
    '/': () => document.querySelector('[data-search]')?.focus(),
    '?': toggleHelp,
    t: toggleTheme,
    p: () => document.querySelector('[data-pause]')?.click(),
    j: () => moveRow(1),
    k: () => moveRow(-1),
    ArrowDown: () => moveRow(1),
    ArrowUp: () => moveRow(-1),
  }[event.key] ?? (/^[1-6]$/.test(event.key) ? () => document.querySelectorAll('.links a')[event.key - 1]?.click() : null);
  if (!pressed || (event.key.startsWith('Arrow') && !target.matches('[data-row]'))) return;
  event.preventDefault();
  pressed();
});

// Charts carry their points: the crosshair and its text need no round trip.
document.addEventListener('pointermove', event => {
  const plot = event.target.closest?.('[data-points]');
  const tip = document.getElementById('tip');
  if (!tip) return;
  if (!plot) { hideTip(tip); return; }
  const data = JSON.parse(plot.dataset.points);
  if (data.x.length === 0) return;
  const box = plot.getBoundingClientRect();
  const at = (event.clientX - box.left) / box.width;
  let nearest = 0;
  data.x.forEach((x, i) => { if (Math.abs(x - at) < Math.abs(data.x[nearest] - at)) nearest = i; });
  const line = plot.querySelector('.crosshair');
  document.querySelectorAll('.crosshair').forEach(other => { if (other !== line) other.setAttribute('visibility', 'hidden'); });
  line?.setAttribute('visibility', 'visible');
  line?.setAttribute('x1', data.x[nearest] * 1000);
  line?.setAttribute('x2', data.x[nearest] * 1000);
  tip.replaceChildren(row('', data.labels[nearest], 'tip-time'), ...data.series.filter(series => series.values[nearest] !== null).map(series => row(series.color, `${series.name}  ${series.values[nearest]}`)));
  tip.hidden = false;
  tip.style.left = `${Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8)}px`;
  tip.style.top = `${Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 8)}px`;
});

function row(color, text, name = '') {
  const line = document.createElement('div');
  line.className = name;
  if (color) {
    const dot = document.createElement('i');
    dot.className = `dot ${color}`;
    line.append(dot);
  }
  line.append(text);
  return line;
}

function hideTip(tip) {
  if (tip.hidden) return;
  tip.hidden = true;
  document.querySelectorAll('.crosshair').forEach(line => line.setAttribute('visibility', 'hidden'));
}

// A log that stands at its end stays there; one that was scrolled up stays where it was.
const atEnd = new WeakMap();
document.addEventListener('scroll', event => {
  const box = event.target;
  if (box instanceof Element && box.matches('[data-tail]')) atEnd.set(box, box.scrollHeight - box.scrollTop - box.clientHeight < 24);
}, true);
new MutationObserver(() => document.querySelectorAll('[data-tail]').forEach(box => {
  if (atEnd.get(box) ?? true) box.scrollTop = box.scrollHeight;
})).observe(document, { childList: true, subtree: true });

// The dashboard restarts with the AppHost: a page of the old one has nothing to come back to.
document.addEventListener('components-reconnect-state-changed', event => {
  if (event.detail.state === 'rejected') location.reload();
}, true);
