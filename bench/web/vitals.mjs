#!/usr/bin/env node
// LCP and INP of the board, measured by the browser itself (PerformanceObserver) while real input drives it.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { seed, work } from './seed.mjs';

const Help = `Measures a person's waiting at the board in a real Chromium.

  node vitals.mjs [options]

  --url URL          where the Api serves the built web app       (http://localhost:5080)
  --tasks N          tasks in the workspace                       (1000)
  --opens N          how often the board is opened, cold and warm (5)
  --rounds N         how often each interaction is made           (10)
  --rate N           changes by another person, per second        (20)
  --slowdown N       CPU throttling, as of a slower machine       (1)
  --chromium PATH    the browser                                  (/usr/bin/chromium)
  --profile FILE     a CPU profile of the busy rounds, for the developer tools
`;

const { values: options } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://localhost:5080' },
    tasks: { type: 'string', default: '1000' },
    opens: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '10' },
    rate: { type: 'string', default: '20' },
    slowdown: { type: 'string', default: '1' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
    profile: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (options.help) {
  process.stdout.write(Help);
  process.exit(0);
}
const [tasks, opens, rounds, rate, slowdown] = ['tasks', 'opens', 'rounds', 'rate', 'slowdown'].map((name) => Number(options[name]));
const { origin } = new URL(options.url);

/** Runs in the page before anything of the app does. */
function observe() {
  const seen = (globalThis.seen = { lcp: null, shift: 0, board: null, events: [], long: [] });
  const on = (type, take, init = {}) => new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true, ...init });
  on('largest-contentful-paint', (entry) => (seen.lcp = { at: entry.startTime, what: entry.element?.closest('[data-card]') ? 'a card' : (entry.element?.tagName ?? '?') }));
  on('layout-shift', (entry) => !entry.hadRecentInput && (seen.shift += entry.value));
  on('longtask', ({ startTime, duration }) => seen.long.push({ startTime, duration }));
  const take = ({ name, interactionId, startTime, duration, processingStart, processingEnd }) =>
    interactionId && seen.events.push({ name, interactionId, startTime, duration, processingStart, processingEnd });
  on('event', take, { durationThreshold: 16 });
  on('first-input', take);
  new MutationObserver((_, observer) => {
    if (!document.querySelector('[data-card]')) return;
    observer.disconnect();
    requestAnimationFrame(() => (seen.board = performance.now()));
  }).observe(document, { childList: true, subtree: true });
}

const sorted = (numbers) => [...numbers].sort((a, b) => a - b);
const quantile = (numbers, q) => (numbers.length === 0 ? null : sorted(numbers)[Math.min(numbers.length - 1, Math.ceil(numbers.length * q) - 1)]);
const ms = (number) => (number === null ? '–' : String(Math.round(number)));
const row = (...cells) => console.log(`| ${cells.join(' | ')} |`);

async function enter() {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    storageState: { cookies: [], origins: [{ origin, localStorage: [{ name: 'taskflow.session', value: ada.stored }] }] },
  });
  await context.addInitScript(observe);
  return context;
}

async function open(context) {
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  if (slowdown > 1) await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
  await page.goto(board);
  await page.locator('[data-connection="live"]').waitFor({ state: 'attached' });
  await page.locator('[data-card]').first().waitFor();
  // A larger element may still be painted after the first cards; nothing of the page is waited for here, only watched.
  await page.waitForTimeout(1000);
  return { page, devtools, seen: await page.evaluate(() => globalThis.seen) };
}

async function opening() {
  const runs = { 'nothing cached': [], 'second visit': [] };
  for (let index = 0; index < opens; index++) {
    const context = await enter();
    const first = await open(context);
    runs['nothing cached'].push(first.seen);
    // The app keeps the workspace in the browser's store some seconds after a change, and when its page is hidden or left.
    await first.page.waitForTimeout(4000);
    await first.page.close();
    runs['second visit'].push((await open(context)).seen);
    await context.close();
  }
  row('opening the board', 'LCP, median ms', 'LCP, worst', 'first card, median', 'CLS, worst', 'LCP is');
  row('---', '---', '---', '---', '---', '---');
  for (const [name, seen] of Object.entries(runs)) {
    const lcp = seen.map((each) => each.lcp?.at ?? Infinity);
    const what = [...new Set(seen.map((each) => each.lcp?.what))].join(', ');
    row(name, ms(quantile(lcp, 0.5)), ms(quantile(lcp, 1)), ms(quantile(seen.map((each) => each.board), 0.5)), Math.max(...seen.map((each) => each.shift)).toFixed(3), what);
  }
  console.log();
}

async function interactions() {
  const context = await enter();
  const { page, devtools } = await open(context);
  await page.waitForTimeout(4000);
  const quiet = await measureAll(page);
  const stop = work(bo, workspace, ids, rate);
  if (options.profile) {
    await devtools.send('Profiler.enable');
    await devtools.send('Profiler.start');
  }
  const busy = await measureAll(page);
  if (options.profile) writeFileSync(options.profile, JSON.stringify((await devtools.send('Profiler.stop')).profile));
  const changes = stop();
  report('quiet', quiet);
  report(`${rate} changes/s (${changes} in all)`, busy);
  await context.close();
}

async function measureAll(page) {
  const results = [];
  for (const [name, act] of Object.entries(Interactions)) {
    const spans = [];
    for (let round = 0; round < rounds; round++) spans.push(...(await act(page, round)));
    results.push({ name, ...(await within(page, spans)) });
  }
  return results;
}

/** Marks what of the page's time an action takes, up to the frame after it and the entries that come late. */
async function during(page, act) {
  const from = await page.evaluate(() => performance.now());
  await act();
  const to = await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(performance.now()), 120)))));
  return [from, to];
}

/** The slowest event of each interaction counts, as for INP; those of less than 16 ms are not reported by the browser and count as 16. */
async function within(page, spans) {
  const { events, long } = await page.evaluate(() => ({ events: globalThis.seen.events, long: globalThis.seen.long }));
  const inside = ({ startTime }) => spans.some(([from, to]) => startTime >= from && startTime < to);
  const slowest = new Map();
  for (const event of events.filter(inside)) {
    const known = slowest.get(event.interactionId);
    if (!known || known.duration < event.duration) slowest.set(event.interactionId, event);
  }
  return { interactions: [...slowest.values()], long: long.filter(inside) };
}

function report(title, results) {
  row(title, 'seen ≥ 16 ms', 'median ms', 'worst', 'worst: waiting + handling + drawing', 'long tasks, worst ms');
  row('---', '---', '---', '---', '---', '---');
  for (const { name, interactions, long } of [...results, { name: '**all**', interactions: results.flatMap((each) => each.interactions), long: results.flatMap((each) => each.long) }]) {
    const durations = interactions.map((each) => each.duration);
    const worst = interactions.find((each) => each.duration === Math.max(...durations));
    const parts = worst
      ? `${ms(worst.processingStart - worst.startTime)} + ${ms(worst.processingEnd - worst.processingStart)} + ${ms(worst.startTime + worst.duration - worst.processingEnd)} (${worst.name})`
      : '–';
    row(name, interactions.length, ms(quantile(durations, 0.5)), ms(quantile(durations, 1)), parts, `${long.length}, ${ms(quantile(long.map((each) => each.duration), 1))}`);
  }
  console.log();
}

/** A card in view, the next one each time, by its number from the top of a column. */
const card = (page, round, column = 'todo') => page.locator(`[data-column="${column}"] [data-card]`).nth(1 + (round % 4));
const link = (page, round) => card(page, round).locator('[data-card-link]');

const Interactions = {
  'open a task': async (page, round) => {
    const span = await during(page, async () => {
      await link(page, round).click();
      await page.locator('[data-detail]').waitFor();
    });
    await page.keyboard.press('Escape');
    await page.locator('[data-detail]').waitFor({ state: 'detached' });
    return [span];
  },
  'close it': async (page, round) => {
    await link(page, round).click();
    await page.locator('[data-detail]').waitFor();
    return [
      await during(page, async () => {
        await page.keyboard.press('Escape');
        await page.locator('[data-detail]').waitFor({ state: 'detached' });
      }),
    ];
  },
  'type in a title': async (page, round) => {
    await link(page, round).click();
    const title = page.locator('[data-detail]').getByRole('textbox', { name: 'Title' });
    await title.focus();
    await page.keyboard.press('End');
    const span = await during(page, async () => {
      await page.keyboard.type(' again', { delay: 60 });
      await page.keyboard.press('Enter');
    });
    await page.keyboard.press('Escape');
    await page.locator('[data-detail]').waitFor({ state: 'detached' });
    return [span];
  },
  'search': async (page) => {
    const field = page.locator('[data-search]');
    await field.focus();
    return [
      await during(page, async () => {
        await page.keyboard.type('rivet', { delay: 90 });
        await page.waitForFunction(() => new URLSearchParams(location.search).get('q') === 'rivet');
      }),
      await during(page, async () => {
        await page.keyboard.press('Escape');
        await page.waitForFunction(() => !new URLSearchParams(location.search).get('q'));
      }),
    ];
  },
  'filter': async (page) => {
    await page.mouse.click(5, 895);
    const span = await during(page, async () => {
      await page.locator('[data-filter-button]').click();
      await page.getByRole('option', { name: /^Priority/ }).click();
      await page.getByRole('option', { name: /^High/ }).click();
      await page.keyboard.press('Escape');
    });
    const clear = await during(page, () => page.getByRole('button', { name: 'Clear all' }).click());
    return [span, clear];
  },
  'command palette': async (page) => {
    const span = await during(page, async () => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Search tasks and commands' }).waitFor();
      await page.keyboard.type('anchor', { delay: 90 });
      await page.keyboard.press('Escape');
    });
    return [span];
  },
  'walk with J': async (page) => {
    await link(page, 0).focus();
    return [
      await during(page, async () => {
        for (let step = 0; step < 8; step++) await page.keyboard.press('j', { delay: 30 });
      }),
    ];
  },
  'move a card by keyboard': async (page, round) => {
    await link(page, round).focus();
    return [
      await during(page, async () => {
        for (const key of [' ', 'ArrowRight', 'ArrowDown', 'ArrowDown', ' ']) await page.keyboard.press(key, { delay: 30 });
      }),
    ];
  },
  'drag a card': async (page, round) => {
    const from = await card(page, round).boundingBox();
    const to = await card(page, round, 'in_review').boundingBox();
    return [
      await during(page, async () => {
        await page.mouse.move(from.x + 40, from.y + 12);
        await page.mouse.down();
        await page.mouse.move(to.x + 60, to.y + 20, { steps: 25 });
        await page.mouse.up();
      }),
    ];
  },
};

const { ada, bo, workspace, tasks: ids } = await seed(origin, tasks);
const board = `${origin}/w/${workspace}/board`;
const browser = await chromium.launch({
  executablePath: options.chromium,
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
try {
  console.log(`Chromium ${browser.version()}, ${tasks} tasks, ${rate} changes/s by others, CPU slowed down ${slowdown} times\n`);
  await opening();
  await interactions();
} finally {
  await browser.close();
}
