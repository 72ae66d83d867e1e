/** What why(key) says, rule by rule. */
import { describe, expect, test } from 'vitest';
import { type Entry, PASS_REASONS, SockKey, type Verdict } from '../../src/core/index.ts';
import { type Connection, explainConnection } from '../../src/repl/answers/why.ts';
import { Printer } from '../../src/repl/printer.ts';
import { anEntry, NO_PASSES } from '../view/fixtures.ts';
import { KEY, REVERSE } from './no-splice.ts';

const socket = { pid: 845, fd: 21, cookie: '1', comm: 'web', isTaken: false };

function entry(told: Partial<Entry>): Entry {
  return { ...anEntry(told), verdict: 'redirect', verdictMs: 3000, ...told } as Entry;
}

function explain(told: Partial<Connection>) {
  const own = entry({ key: KEY });
  const peer = entry({ key: REVERSE, sip: '10.0.0.2', dip: '10.0.0.1', sport: 80, dport: 5000 });
  const key = SockKey.from(KEY);
  const sockets = { ownSockets: [], peerSockets: [], neighbours: [] };
  const reasons = explainConnection({ key, own, peer, ...sockets, mode: 'guarded', bypass: false, ...told }, 80);
  const sizes = { width: () => 80, height: () => 24 };
  const text =
    new Printer({ json: false, terminal: true, colors: false, commands: [], ...sizes }).format(reasons) ?? '';
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  return { reasons, text: text.replace(/\s+/g, ' ') };
}

test('spliced, both ways', () => {
  const { reasons, text } = explain({});
  expect(reasons.sends).toMatchObject({ from: KEY, to: REVERSE, spliced: true, rule: null, sinceMs: 3000 });
  expect(reasons.receives).toMatchObject({ from: REVERSE, to: KEY, spliced: true });
  expect(text).toContain('What it sends: spliced, for 3s.');
  expect(text).toContain('Messages: 23 redirected (1.4 KiB), 0 by TCP.');
  expect(JSON.parse(JSON.stringify(reasons)).sends.redirects).toBe(23);
});

describe('the rule that holds a direction back is named, with its counter and since when', () => {
  test.each<[Exclude<Verdict, 'redirect'>, string]>([
    ['noPeer', `no entry under the reverse key, ${REVERSE}`],
    ['order', 'The order rule: '],
    ['backlog', 'The backpressure rule: '],
    ['pair', 'The pair rule: '],
    ['bypass', 'Redirection was off for its last message'],
  ])('%s', (verdict, sentence) => {
    const own = entry({ verdict, verdictMs: 12_000, passes: { ...NO_PASSES, [verdict]: 7 } });
    const { reasons, text } = explain({ own });
    expect(reasons.sends).toMatchObject({ spliced: false, rule: verdict, sinceMs: 12_000 });
    expect(text).toMatch(/What it sends: not spliced \([a-z ]+\), for 12s\./);
    expect(text).toContain(sentence);
    expect(text).toMatch(/23 redirected \(1\.4 KiB\), 7 by TCP \([a-z ]+ 7\)\./);
    expect(reasons.receives.spliced).toBe(true);
  });

  test('every reason has one', () => {
    for (const verdict of PASS_REASONS) expect(explain({ own: entry({ verdict }) }).reasons.sends.why).not.toBe('');
  });
});

test('an end without an entry: who has it, and what puts it back', () => {
  const { reasons, text } = explain({ own: null, ownSockets: [socket], peer: entry({ verdict: 'noPeer' }) });
  expect(reasons.sends).toMatchObject({ spliced: false, rule: 'noEntry', sinceMs: null, passes: null });
  expect(text).toContain('or it was better off with TCP, and left by itself.');
  expect(text).toContain('own end no entry; web (pid 845) has it open');
  expect(text).toContain(`put('${KEY}', {pid: 845, fd: 21})`);
  expect(text).toContain('Its peer is here, web (pid 845)');
  expect(explain({ own: null }).text).toContain('It is not on this machine, or its connection is closed.');
});

test('what has sent nothing, what waits to be read, and the switch', () => {
  const silent = explain({ own: entry({ verdict: null, verdictMs: null, redirects: 0 }) });
  expect(silent.text).toContain('What it sends: nothing so far, for 1s.');
  const peer = entry({ key: REVERSE, queuedBytes: 2048 });
  expect(explain({ peer }).text).toContain(`2.0 KiB that were redirected wait in the queue of ${REVERSE}`);
  const off = explain({ bypass: true });
  expect(off.reasons.sends).toMatchObject({ spliced: false, rule: 'bypass' });
  expect(off.text).toContain("mode('guarded') turns it on again");
  const naive = entry({ verdict: null, verdictMs: null });
  expect(explain({ mode: 'naive', own: naive }).reasons.sends.spliced).toBe(true);
});
