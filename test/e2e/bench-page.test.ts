/** The page of `splice bench --html`, as a browser draws it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pageOf } from '../../src/bench/page/page.ts';
import { ALL_ROWS } from '../../src/bench/rows.ts';
import { resultOf } from '../bench/fixtures.ts';
import { Browser, type Viewport } from '../support/browser.ts';

const PHONE: Viewport = { width: 390, height: 844 };
const PROJECTOR: Viewport = { width: 1920, height: 1080 };

/** For each kind of thing that is drawn: how many there are, and how many have an area inside of the page. */
const DRAWN = `(() => {
  const count = (selector) => {
    const all = [...document.querySelectorAll(selector)].map((each) => each.getBoundingClientRect());
    const seen = all.filter((box) => box.width > 0 && box.height > 0 && box.left >= -5 && box.right <= innerWidth + 5);
    return { all: all.length, seen: seen.length };
  };
  return Object.fromEntries(['.dot', '.whisker', '.box', '.one', 'td[data-label]', 'h3'].map((each) => [each, count(each)]));
})()`;

/** Texts that are wider than what they stand in. */
const CUT = `[...document.querySelectorAll('.name, .value, h1, h2, h3, p, td, th, dd, li')]
  .filter((each) => each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0).map((each) => each.textContent)`;

let directory: string;
let browser: Browser;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'splice-test-page-'));
  const file = join(directory, 'bench.html');
  writeFileSync(file, pageOf(resultOf(ALL_ROWS)));
  browser = await Browser.open(pathToFileURL(file).href);
});

afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

test.each([
  ['a phone', PHONE],
  ['a projector', PROJECTOR],
])('on %s all of it is drawn, and nothing is beyond the edge', async (_, viewport) => {
  await browser.draw(viewport);
  expect(await browser.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(viewport.width);
  const drawn = await browser.evaluate<Record<string, { all: number; seen: number }>>(DRAWN);
  for (const [what, { all, seen }] of Object.entries(drawn)) {
    expect(all, what).toBeGreaterThan(ALL_ROWS.length / 4);
    expect(seen, what).toBe(all);
  }
  expect(await browser.evaluate(CUT)).toEqual([]);
});

test('text is large enough to read, on a projector more so', async () => {
  const smallest = `Math.min(...[...document.querySelectorAll('body *')].filter((each) => [...each.childNodes]
    .some((node) => node.nodeType === 3 && node.data.trim() !== '')).map((each) => parseFloat(getComputedStyle(each).fontSize)))`;
  await browser.draw(PHONE);
  expect(await browser.evaluate(smallest)).toBeGreaterThanOrEqual(11);
  await browser.draw(PROJECTOR);
  expect(await browser.evaluate(smallest)).toBeGreaterThanOrEqual(14);
});

test('a dot stands where its ratio is on the axis, inside of its error bar', async () => {
  await browser.draw(PROJECTOR);
  const lanes = await browser.evaluate<
    { ratio: number; dot: number; from: number; to: number; one: number; two: number }[]
  >(
    `[...document.querySelectorAll('.card')].flatMap((card) => {
      const axis = [...card.querySelectorAll('.axis .track i')];
      const at = (element) => { const box = element.getBoundingClientRect(); return box.left + box.width / 2; };
      const tick = (text) => axis.find((each) => each.textContent === text);
      if (!tick('1') || !tick('2')) return [];
      return [...card.querySelectorAll('.lane:not(.axis)')].map((lane) => {
        const bar = lane.querySelector('.whisker').getBoundingClientRect();
        return { ratio: parseFloat(lane.querySelector('.value b').textContent), dot: at(lane.querySelector('.dot')),
          from: bar.left, to: bar.right, one: at(tick('1')), two: at(tick('2')) };
      });
    })`,
  );
  expect(lanes.length).toBeGreaterThan(80);
  for (const { ratio, dot, from, to, one, two } of lanes) {
    expect(Math.abs(dot - (one + Math.log2(ratio) * (two - one)))).toBeLessThan(4);
    expect(dot).toBeGreaterThan(from - 4);
    expect(dot).toBeLessThan(to + 4);
  }
});

test('no label of an axis runs into its neighbour', async () => {
  const gaps = `[...document.querySelectorAll('.axis .track')].flatMap((axis) => {
    const labels = [...axis.querySelectorAll('i')].filter((each) => getComputedStyle(each).visibility === 'visible');
    const boxes = labels.map((each) => each.getBoundingClientRect());
    return boxes.slice(1).map((box, index) => box.left - boxes[index].right);
  })`;
  for (const viewport of [PHONE, PROJECTOR]) {
    await browser.draw(viewport);
    expect(Math.min(...(await browser.evaluate<number[]>(gaps)))).toBeGreaterThan(0);
  }
});

test('light or dark, as the reader has it, and with enough contrast', async () => {
  const colours = `['html', '.soft', '.lane .value', 'td small', '.better b'].map((selector) => {
    const colour = (text) => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
    const element = document.querySelector(selector);
    return [colour(getComputedStyle(element).color), colour(getComputedStyle(document.documentElement).backgroundColor)];
  })`;
  const backgrounds: number[] = [];
  for (const isDark of [false, true]) {
    await browser.draw({ ...PROJECTOR, isDark });
    for (const [ink, paper] of await browser.evaluate<[number[], number[]][]>(colours)) {
      expect(contrast(ink, paper)).toBeGreaterThan(4.5);
      backgrounds.push(luminance(paper));
    }
  }
  expect(backgrounds.slice(0, 5).every((each) => each > 0.8)).toBe(true);
  expect(backgrounds.slice(5).every((each) => each < 0.05)).toBe(true);
});

test('it asks for nothing from anywhere, and text in it is text', async () => {
  expect(await browser.evaluate("performance.getEntriesByType('resource').length")).toBe(0);
  expect(await browser.evaluate("document.querySelectorAll('script, link, img, iframe').length")).toBe(0);
  expect(await browser.evaluate("document.querySelector('code').textContent")).toBe(
    'splice bench --html <b>page</b>.html',
  );
  expect(await browser.evaluate("document.querySelector('dl').textContent")).toContain('Example <CPU> & "Co"');
});

test('what is on the screen is not one colour', async () => {
  await browser.draw(PHONE);
  const png = await browser.screenshot();
  // width and height stand in the header, and a blank page of this size takes some 3 KiB
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([PHONE.width, PHONE.height]);
  expect(png.length).toBeGreaterThan(15_000);
});

/** WCAG 2: how much brighter one of two colours is. */
function contrast(one: readonly number[], other: readonly number[]): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = colour.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
