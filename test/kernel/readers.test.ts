/**
 * Every way to wait for a socket and to read it: what comes is what comes by TCP, or the way is in a table
 * here, and docs/safety.md says so.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Splice } from '../../src/core/index.ts';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed } from '../support/kernel.ts';
import { compileReader, Reader, waysOf } from '../support/reader.ts';

/** What the messages of a step add up to, so that readers of records get whole ones: RECORD of reader.c. */
const RECORD = 4000;
/** Long enough for a process to fall asleep, and for bytes to arrive. */
const SETTLED_MS = 30;

/** Each in a splice of its own; they sleep most of the time. */
const AT_ONCE = 6;

/** A reader that is asleep in its wait, or one that has not begun to wait, when things happen. */
type Whereabouts = 'asleep' | 'busy';

/** Null, or what was seen that TCP would not show. */
type Verdict = Promise<string | null>;

/** Things that happen on a connection of their own, after some messages one by one, and before its end. */
const SCENES: Record<string, (reader: Reader, splice: Splice | null) => Verdict> = {
  'a burst, asleep': (reader) => unseen(reader, 'asleep', async () => reader.send(20, RECORD)),
  'a burst, busy': (reader) => unseen(reader, 'busy', async () => reader.send(20, RECORD)),
  'redirected, then by TCP, asleep': (reader, splice) => unseen(reader, 'asleep', mixed(reader, splice, 'bypass')),
  'redirected, then by TCP, busy': (reader, splice) => unseen(reader, 'busy', mixed(reader, splice, 'bypass')),
  'by TCP, then redirected, asleep': async (reader, splice) => {
    splice?.setMode('bypass');
    return unseen(reader, 'asleep', mixed(reader, splice, 'guarded'));
  },
  'by TCP, then redirected, busy': async (reader, splice) => {
    splice?.setMode('bypass');
    return unseen(reader, 'busy', mixed(reader, splice, 'guarded'));
  },
  'an upload': async (reader, splice) => {
    reader.send(60, 16 * RECORD);
    for (const mode of ['bypass', 'guarded', 'bypass', 'guarded'] as const) {
      splice?.setMode(mode);
      await sleep(SETTLED_MS);
      reader.send(10, 16 * RECORD);
    }
    return reader.allRead();
  },
};

/**
 * What a splice changes: the first thing that is seen, '' for nothing, and the words of docs/safety.md that
 * tell of it. All other ways get what they get by TCP.
 */
const DEVIATIONS: Record<string, { sees: string[]; documented: string }> = {
  'recv, signals': { sees: ['EAGAIN'], documented: 'A blocking `recv()` may return EAGAIN' },
  'recv, MSG_WAITALL': { sees: ['short'], documented: 'MSG_WAITALL returns short' },
  'recv, MSG_TRUNC, no buffer': { sees: ['EFAULT'], documented: 'recv(NULL, MSG_TRUNC)' },
  'poll, MSG_PEEK for a record': { sees: ['stuck'], documented: 'MSG_PEEK sees redirected bytes alone' },
  splice: { sees: ['stuck'], documented: 'splice(2)' },
  'poll, splice': { sees: ['stuck'], documented: 'splice(2)' },
  'io_uring splice': { sees: ['stuck'], documented: 'IORING_OP_SPLICE' },
  sendfile: { sees: ['stuck'], documented: 'sendfile(2)' },
  // Some kernels count one of the two, and some both.
  'poll, FIONREAD': { sees: ['stuck', ''], documented: 'FIONREAD' },
};

/** These keep out of the map by an option of the socket. */
const ASK_FOR_TCP = new Set(['poll, SO_PEEK_OFF', 'poll, SO_RCVLOWAT', 'poll, TCP_INQ']);

let folder = '';
let program = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'splice-test-'));
  program = compileReader(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Lets things happen while the reader does not look, and lets it look then. */
async function unseen(reader: Reader, where: Whereabouts, happens: () => Promise<void>): Verdict {
  if (where === 'busy') {
    // The message ends its wait, and it reads; then it is busy.
    reader.be('busy');
    reader.send(1, RECORD);
    const wrong = await reader.allRead();
    if (wrong) return wrong;
  } else {
    await sleep(SETTLED_MS);
    reader.be('pause');
  }
  await happens();
  await sleep(SETTLED_MS);
  reader.be('resume');
  return reader.allRead();
}

/** A message, and another after a change of the way that they take. */
function mixed(reader: Reader, splice: Splice | null, mode: 'bypass' | 'guarded') {
  return async () => {
    reader.send(1, RECORD / 4);
    await sleep(SETTLED_MS);
    splice?.setMode(mode);
    reader.send(1, RECORD - RECORD / 4);
  };
}

/** Reads in a way through a scene: null, or what was seen that TCP would not show. */
async function read(cgroup: string, way: string, scene: keyof typeof SCENES, splice: Splice | null): Verdict {
  splice?.setMode('guarded');
  await using reader = await Reader.start(cgroup, program, way);
  for (let message = 0; message < 5; message++) {
    reader.send(1, RECORD);
    const wrong = await reader.allRead();
    if (wrong) return wrong;
  }
  const wrong = await SCENES[scene]?.(reader, splice);
  if (wrong) return wrong;
  await sleep(SETTLED_MS);
  reader.close();
  // Awaited here: the reader ends with this block.
  return await reader.endRead();
}

/** What is seen in all scenes, each thing once; of a way that is known to differ, up to the first. */
async function readAll(bed: TestBed, way: string, splice: Splice | null): Promise<Record<string, string>> {
  const seen: Record<string, string> = {};
  for (const scene of Object.keys(SCENES)) {
    const wrong = await read(bed.cgroup, way, scene, splice);
    if (wrong === null) continue;
    seen[scene] = wrong;
    if (splice && way in DEVIATIONS) break;
  }
  return seen;
}

/** Reads in some ways, one after the other, by TCP and spliced, and says where what was seen is not known. */
async function surprises(ways: string[]): Promise<string[]> {
  const found: string[] = [];
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    await using bed = new TestBed();
    const plain = await readAll(bed, way, null);
    if (Object.keys(plain).length > 0) found.push(`${way}, by TCP: ${JSON.stringify(plain)}`);
    bed.splice.up({ cgroups: [bed.cgroup] });
    const spliced = await readAll(bed, way, bed.splice);
    const status = bed.splice.status();
    const known = DEVIATIONS[way]?.sees ?? [''];
    const seen = Object.values(spliced)[0] ?? '';
    if (!known.includes(seen)) found.push(`${way}, spliced: ${JSON.stringify(spliced)}`);
    const isRedirected = status.loaded && status.totals.redirects > 0;
    if (!isRedirected && !ASK_FOR_TCP.has(way) && !(way in DEVIATIONS)) found.push(`${way}: nothing was redirected`);
  }
  return found;
}

describeKernel('each way to read', () => {
  test('gets what it gets by TCP, but for those that are known', async () => {
    const ways = waysOf(program);
    const found = await Promise.all(Array.from({ length: AT_ONCE }, () => surprises(ways)));
    expect(found.flat()).toEqual([]);
  }, 600_000);

  test('that is known to differ is there, and in docs/safety.md', () => {
    const safety = readFileSync(join(import.meta.dirname, '../../docs/safety.md'), 'utf8').replaceAll(/\s+/g, ' ');
    for (const [way, { documented }] of Object.entries(DEVIATIONS)) {
      expect(waysOf(program)).toContain(way);
      expect(safety).toContain(documented);
    }
  });
});
