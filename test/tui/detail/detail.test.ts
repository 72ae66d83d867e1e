import { describe, expect, test } from 'vitest';
import type { Counters, SpliceEvent } from '../../../src/core/index.ts';
import type { Connection } from '../../../src/tui/detail/connection.ts';
import { detailLines } from '../../../src/tui/detail/detail.ts';
import { lineWidth, meaningOf, plainText, type StyledLine, textOf } from '../../../src/tui/lines.ts';
import type { WatchedEnd } from '../../../src/tui/watch.ts';
import { anEntry, NO_PASSES } from '../../view/fixtures.ts';

const STILL: Counters = { redirects: 0, redirectBytes: 0, passes: NO_PASSES };
const REDIRECTED: Counters = { redirects: 74, redirectBytes: 4736, passes: NO_PASSES };
const PASSED: Counters = { ...STILL, passes: { ...NO_PASSES, order: 3, backlog: 1 } };

/** The buckets that are named, of as many as the kernel has. */
function histogram(buckets: Record<number, number>) {
  return { counts: Array.from({ length: 20 }, (_, index) => buckets[index] ?? 0) };
}

function anEnd(told: Partial<WatchedEnd> = {}): WatchedEnd {
  const turnaround = { redirected: histogram({ 4: 100, 5: 100 }), byTcp: histogram({ 7: 8 }) };
  return { entry: anEntry(), owner: { pid: 812, comm: 'client' }, turnaround, lastSecond: STILL, ...told };
}

function aConnection(told: Partial<Connection> = {}): Connection {
  return {
    key: '10.0.0.1:5000->10.0.0.2:80',
    own: anEnd(),
    peer: anEnd({ owner: { pid: 900, comm: 'server' }, entry: anEntry({ cookie: '4124' }) }),
    ownProcess: { cmdline: 'client --fast', cgroup: '/clients' },
    peerProcess: null,
    route: ['veth', 'bridge', 'veth'],
    events: [],
    isBypassed: false,
    isGone: false,
    ...told,
  };
}

const shown = (connection: Connection, width = 78) => detailLines(connection, width).map(plainText).join('\n');

/** The pieces that are lit, by their meaning. */
function lit(lines: readonly StyledLine[], meaning: 'spliced' | 'byTcp'): string {
  return lines.flatMap((line) => line.filter((span) => meaningOf(span) === meaning).map(textOf)).join('');
}

/** The drawing alone. */
function drawing(lastSecond: Counters | null, told: Partial<Connection> = {}): StyledLine[] {
  return detailLines(aConnection({ own: anEnd({ lastSecond }), ...told }), 78).slice(3, 11);
}

describe('the path', () => {
  test('is lit straight into the queue when messages were redirected, and only there', () => {
    const lines = drawing(REDIRECTED);
    expect(lines.map(plainText)).toEqual([
      '┏━━━━━━━━━━━━━━━━┓                                          ┏━━━━━━━━━━━━━━━━┓',
      '┃ 812 client     ┃          74 redirected, 4.6 KiB          ┃ 900 server     ┃',
      '┃ 10.0.0.1:5000  ┃━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━▶┃ 10.0.0.2:80    ┃',
      '┗━━━┬━━━━━━━━━━━━┛          into its ingress queue          ┗━━━━━━━━━━━━△━━━┛',
      '    │  ┌─────┐  ┌────┐  ┌──────┐  ┌────────┐  ┌──────┐  ┌────┐  ┌─────┐  │',
      '    └──┤ TCP ├──┤ IP ├──┤ veth ├──┤ bridge ├──┤ veth ├──┤ IP ├──┤ TCP ├──┘',
      '       └─────┘  └────┘  └──────┘  └────────┘  └──────┘  └────┘  └─────┘',
      '      nothing by TCP',
    ]);
    expect(lit(lines, 'byTcp')).toBe('');
    expect(lit(lines, 'spliced')).toContain('━▶');
    expect(lit(lines, 'spliced')).not.toContain('TCP');
  });

  test('is lit through TCP when messages passed, with the reasons, and only there', () => {
    const lines = drawing(PASSED);
    expect(lit(lines, 'spliced')).toBe('');
    expect(lit(lines, 'byTcp')).toMatch(/┫ TCP ┣━+┫ IP ┣━+┫ veth ┣━+┫ bridge ┣/);
    expect(plainText(lines[2] ?? [])).toContain('───▷');
    expect(plainText(lines[7] ?? []).trim()).toBe('4 by TCP: order 3, backlog 1');
  });

  test('is lit both ways when both happened', () => {
    const lines = drawing({ ...REDIRECTED, passes: { ...NO_PASSES, order: 1 } });
    expect(lit(lines, 'spliced')).toContain('━▶');
    expect(lit(lines, 'byTcp')).toContain('┫ bridge ┣');
  });

  test.each([STILL, null])('is not lit when nothing moved, or nothing is known yet', (lastSecond) => {
    const lines = drawing(lastSecond);
    expect(lit(lines, 'spliced') + lit(lines, 'byTcp')).toBe('');
    expect(lines.map(plainText).join('')).not.toMatch(/[━┃▶]/);
  });

  test('shows only the devices that are known', () => {
    const boxes = (told: Partial<Connection>) => plainText(drawing(STILL, told)[5] ?? []).match(/[A-Za-z]+/g);
    expect(boxes({ route: ['loopback'] })).toEqual(['TCP', 'IP', 'loopback', 'IP', 'TCP']);
    expect(boxes({ route: null })).toEqual(['TCP', 'IP', 'TCP']);
  });

  test('has no way into a queue when the reverse key finds nothing', () => {
    const text = drawing(PASSED, { peer: null, route: null }).map(plainText).join('\n');
    expect(text).toContain('no entry to redirect to');
    expect(text).not.toContain('ingress queue');
  });
});

describe('the rest', () => {
  test('is the key with its bytes, the reverse key and what it finds', () => {
    const text = shown(aConnection());
    expect(text).toContain(
      'KEY  as INTERCEPT_MAP stores it, 16 bytes\n01 00 00 0a  02 00 00 0a  88 13 00 00  50 00 00 00',
    );
    expect(text).toMatch(/^sport +8 +88 13 00 00 +0x00001388 +5000 +13 88 +local_port$/m);
    expect(text).toMatch(/^dport +12 +50 00 00 00 +0x00000050 +80 +00 50 +ntohl\(remote_port\)$/m);
    expect(text).toContain('REVERSE KEY  10.0.0.2:80->10.0.0.1:5000');
    expect(text).toContain('finds the entry of cookie 4124, ESTABLISHED');
    expect(shown(aConnection({ peer: null }))).toContain('finds no entry');
  });

  test('is what both ends counted, and whose they are', () => {
    const text = shown(aConnection({ own: anEnd({ entry: anEntry({ passes: { ...NO_PASSES, order: 5 } }) }) }));
    expect(text).toMatch(/^redirects +23 +23$/m);
    expect(text).toMatch(/^passes, by TCP +5 +0$/m);
    expect(text).toMatch(/^ {2}order +5 +0$/m);
    expect(text).not.toMatch(/^ {2}backlog/m);
    expect(text).toContain('this end  812 client\n  command client --fast\n  cgroup  /clients\nits peer  900 server');
  });

  test('is the turnaround, a line a bucket, with p50 and p99', () => {
    const text = shown(aConnection());
    expect(text).toMatch(/^ +redirected +by TCP *\n +p50 32\.8µs {2}p99 64\.9µs +p50 197µs {2}p99 261µs *$/m);
    expect(text).toMatch(/^ *16\.4µs to 32\.8µs +100 █+ *$/m);
    expect(text).toMatch(/^ +131µs to 262µs +8 █+ *$/m);
    expect(shown(aConnection({ own: anEnd({ turnaround: null }) }))).toContain('not known');
    const none = { redirected: histogram({}), byTcp: histogram({}) };
    expect(shown(aConnection({ own: anEnd({ turnaround: none }) }))).toContain('no message was answered yet');
  });

  test('is the last events of both ends', () => {
    const event = (type: SpliceEvent['type'], cookie: string): SpliceEvent => ({
      type,
      atMs: new Date(2026, 0, 1, 13, 4, 5, 678).getTime(),
      key: '',
      cookie,
      reason: type === 'fellBack' ? 'order' : null,
      leaveReason: null,
      keptOutReason: null,
      bytes: null,
      turnaroundUs: null,
    });
    const text = shown(aConnection({ events: [event('firstRedirect', '4123'), event('fellBack', '4124')] }));
    expect(text).toContain('13:04:05.678  this end  first redirect\n13:04:05.678  its peer  fell back to TCP: order');
  });

  test('says when the entry is gone', () => {
    expect(shown(aConnection({ own: null, isGone: true }))).toContain(
      '10.0.0.1:5000 -> 10.0.0.2:80  gone: its socket is closed',
    );
  });
});

test.each([78, 118, 198])('nothing is wider than %d columns', (width) => {
  const long = { pid: 4194304, comm: '名前'.repeat(20) };
  const end = anEnd({ owner: long, entry: { ...anEntry(), verdict: 'redirect', verdictMs: 99_999_999 } });
  for (const key of ['10.0.0.1:5000->10.0.0.2:80', '[2001:db8:1:2:3:4:5:6]:50000->[2001:db8:9:8:7:6:5:4]:65535']) {
    for (const line of detailLines(aConnection({ key, own: end, peer: end }), width)) {
      expect(lineWidth(line), plainText(line)).toBeLessThanOrEqual(width);
    }
  }
});
