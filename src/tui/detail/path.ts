/**
 * The path that the bytes of an end take, drawn: straight into the peer's queue, or through TCP and
 * what lies behind it. Lit is what its counters moved in the last second, and nothing else.
 */
import { type Counters, PASS_REASONS } from '../../core/index.ts';
import { REASON_LABELS, totalPasses } from '../../view/columns.ts';
import { formatBytes, formatCount } from '../../view/format.ts';
import { cut, displayWidth, fill } from '../../view/width.ts';
import { Canvas } from '../canvas.ts';
import { heading, type StyledLine } from '../lines.ts';
import type { Meaning } from '../theme.ts';
import type { WatchedEnd } from '../watch.ts';
import type { Connection } from './connection.ts';

/** What is lit is heavy, so that it shows without colours too. */
const HEAVY = {
  across: '━',
  down: '┃',
  right: '▶',
  up: '▲',
  box: '┏┓┗┛',
  turn: '┗┛',
  out: '┳',
  sides: '┃┃',
  joints: '┫┣',
} as const;
const LIGHT = {
  across: '─',
  down: '│',
  right: '▷',
  up: '△',
  box: '┌┐└┘',
  turn: '└┘',
  out: '┬',
  sides: '││',
  joints: '┤├',
} as const;

const WIDEST = 112;
const END_WIDTH = { least: 18, most: 47 };
/** Where the way by TCP leaves an end's box, counted from its outer side. */
const STEM = 4;
const HEIGHT = 8;

interface Pen {
  readonly strokes: typeof HEAVY | typeof LIGHT;
  readonly meaning: Meaning;
}

/** The drawing with its title, at most `width` columns wide. */
export function pathLines(connection: Connection, width: number): StyledLine[] {
  const { own, peer } = connection;
  const moved = own?.lastSecond ?? null;
  const redirects = moved?.redirects ?? 0;
  const passes = moved === null ? 0 : totalPasses(moved);
  const direct = penFor(redirects > 0, 'spliced');
  const byTcp = penFor(passes > 0, 'byTcp');
  const ends = redirects > 0 ? direct : byTcp;

  const canvas = new Canvas(Math.min(width, WIDEST), HEIGHT);
  const [ownText, peerText] = endTexts(connection);
  const endWidth = boxWidth([...ownText, ...peerText], canvas.width);
  const peerAt = canvas.width - endWidth;
  drawBox(canvas, 0, 0, endWidth, ownText, ends, 'sides');
  drawBox(canvas, peerAt, 0, endWidth, peerText, ends, 'sides');

  const lane = peerAt - endWidth;
  if (peer === null) {
    center(canvas, endWidth, 1, lane, own === null ? '' : 'no entry to redirect to', 'quiet');
  } else {
    center(canvas, endWidth, 1, lane, redirectText(moved), direct.meaning);
    canvas.across(endWidth, 2, direct.strokes.across, lane - 1, direct.meaning);
    canvas.put(peerAt - 1, 2, direct.strokes.right, direct.meaning);
    center(canvas, endWidth, 3, lane, 'into its ingress queue', 'quiet');
  }
  drawTcp(canvas, boxesOf(connection), byTcp);
  canvas.put(STEM + 2, HEIGHT - 1, cut(passText(moved), canvas.width - STEM - 2), byTcp.meaning);
  return [heading('PATH', ['label', 'of what this end sends; lit: in the last second']), ...canvas.lines()];
}

/** The layers from the one end to the other. */
function boxesOf({ route }: Connection): readonly string[] {
  return ['TCP', 'IP', ...(route === null ? [] : [...route, 'IP']), 'TCP'];
}

/** Under both ends: down from the one, through the layers, and up to the other. */
function drawTcp(canvas: Canvas, boxes: readonly string[], { strokes, meaning }: Pen): void {
  const [top, middle] = [3, 5];
  const last = canvas.width - 1 - STEM;
  canvas.put(STEM, top, strokes.out, meaning);
  canvas.put(last, top, strokes.up, meaning);
  for (const x of [STEM, last]) canvas.put(x, top + 1, strokes.down, meaning);
  canvas.put(STEM, middle, strokes.turn.slice(0, 1), meaning);
  canvas.across(STEM + 1, middle, strokes.across, last - STEM - 1, meaning);
  canvas.put(last, middle, strokes.turn.slice(1), meaning);

  const widths = boxes.map((name) => name.length + 4);
  const room = last - STEM - 1 - widths.reduce((sum, one) => sum + one, 0);
  let at = STEM + 1;
  for (const [index, name] of boxes.entries()) {
    at += Math.floor((room * (index + 1)) / (boxes.length + 1)) - Math.floor((room * index) / (boxes.length + 1));
    drawBox(canvas, at, middle - 1, widths[index] ?? 0, [name], { strokes, meaning }, 'joints');
    at += widths[index] ?? 0;
  }
}

/** A box around lines of text, each between blanks. */
function drawBox(
  canvas: Canvas,
  x: number,
  y: number,
  width: number,
  texts: readonly string[],
  { strokes, meaning }: Pen,
  sides: 'sides' | 'joints',
): void {
  const [topLeft, topRight, bottomLeft, bottomRight] = strokes.box;
  const [left = '', right = ''] = strokes[sides];
  const edge = strokes.across.repeat(Math.max(0, width - 2));
  canvas.put(x, y, `${topLeft}${edge}${topRight}`, meaning);
  for (const [line, text] of texts.entries()) {
    canvas.put(x, y + 1 + line, left, meaning);
    canvas.put(x + 1, y + 1 + line, ` ${fill(text, width - 4, 'left')} `, meaning === 'quiet' ? 'plain' : meaning);
    canvas.put(x + width - 1, y + 1 + line, right, meaning);
  }
  canvas.put(x, y + 1 + texts.length, `${bottomLeft}${edge}${bottomRight}`, meaning);
}

function center(canvas: Canvas, x: number, y: number, width: number, text: string, meaning: Meaning): void {
  const shown = cut(text, width - 2);
  canvas.put(x + Math.floor((width - displayWidth(shown)) / 2), y, shown, meaning);
}

function penFor(isLit: boolean, meaning: Meaning): Pen {
  return isLit ? { strokes: HEAVY, meaning } : { strokes: LIGHT, meaning: 'quiet' };
}

function endTexts({ key, own, peer, isGone }: Connection): [string[], string[]] {
  const [ownEnd = '', peerEnd = ''] = key.split('->');
  return [
    [own === null ? (isGone ? 'gone' : '') : processText(own), ownEnd],
    [peer === null ? 'no entry' : processText(peer), peerEnd],
  ];
}

function processText({ owner }: WatchedEnd): string {
  return owner === null ? 'process not known' : `${owner.pid} ${owner.comm}`;
}

/** Wide enough for what is in it, unless the lane between the ends would be too short. */
function boxWidth(texts: readonly string[], width: number): number {
  const wanted = Math.max(END_WIDTH.least, ...texts.map((text) => displayWidth(text) + 4));
  return Math.min(wanted, END_WIDTH.most, Math.floor(width * 0.32));
}

function redirectText(moved: Counters | null): string {
  if (moved === null) return 'counting';
  return moved.redirects === 0
    ? 'nothing redirected'
    : `${formatCount(moved.redirects)} redirected, ${formatBytes(moved.redirectBytes)}`;
}

function passText(moved: Counters | null): string {
  if (moved === null) return 'counting';
  const reasons = PASS_REASONS.filter((reason) => moved.passes[reason] > 0);
  if (reasons.length === 0) return 'nothing by TCP';
  const parts = reasons.map((reason) => `${REASON_LABELS[reason]} ${formatCount(moved.passes[reason])}`);
  return `${formatCount(totalPasses(moved))} by TCP: ${parts.join(', ')}`;
}
