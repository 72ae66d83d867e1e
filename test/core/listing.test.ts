import fc from 'fast-check';
import { expect, test } from 'vitest';
import { processError } from 'vitest/internal/browser';
import type { Entry } from '../../src/core/entry.ts';
import { type Family, IPV4, IPV6 } from '../../src/core/family.ts';
import { SockKey } from '../../src/core/index.ts';
import { LAYOUT } from '../../src/core/layout.ts';
import { Listing } from '../../src/core/listing.ts';

const { fields } = LAYOUT.entry_facts;
const sent = LAYOUT.counters.fields;

interface Facts {
  cookie?: bigint;
  ageNs?: bigint;
  redirects?: bigint;
  redirectBytes?: bigint;
  order?: bigint;
  queuedBytes?: number;
  state?: number;
}

/** A record as bpf/inspect.bpf.c writes it. */
function record(text: string, facts: Facts = {}): Uint32Array {
  const key = SockKey.from(text);
  const { recordWords, keyInRecord } = key.family;
  const bytes = Buffer.alloc(4 * recordWords);
  bytes.writeBigUInt64LE(facts.cookie ?? 1n, fields.cookie);
  bytes.writeBigUInt64LE(facts.ageNs ?? 0n, fields.age_ns);
  bytes.writeBigUInt64LE(facts.redirects ?? 0n, fields.sent + sent.redirects);
  bytes.writeBigUInt64LE(facts.redirectBytes ?? 0n, fields.sent + sent.redirect_bytes);
  bytes.writeBigUInt64LE(facts.order ?? 0n, fields.sent + sent.passes + 8);
  bytes.writeUInt32LE(facts.queuedBytes ?? 0, fields.queued_bytes);
  bytes.writeUInt8(facts.state ?? 1, fields.state);
  key.encode().copy(bytes, 4 * keyInRecord);
  return new Uint32Array(Uint8Array.from(bytes).buffer);
}

/** The entries of a pass over the map of a family, which took some reads. */
function list(family: Family, ...reads: Uint32Array[][]): Entry[] {
  const listing = new Listing(family);
  for (const records of reads) listing.addChunk(Uint32Array.from(records.flatMap((one) => [...one])));
  return listing.entries;
}

const NONE = { noPeer: 0, order: 0, backlog: 0, pair: 0, bypass: 0 };

test('every field of an entry, of either family', () => {
  const facts = { cookie: (1n << 40n) + 7n, ageNs: 12_345_999_999n, redirects: 3n, redirectBytes: (5n << 32n) + 1n };
  const key = '10.0.0.1:5000->10.0.0.2:80';
  const key6 = '[2001:db8::1]:5000->[::1]:80';
  const entries = [
    ...list(IPV4, [record(key, { ...facts, order: 9n, queuedBytes: 0xffff_ffff, state: 8 })]),
    ...list(IPV6, [record(key6, { ...facts, state: 99 })]),
  ];
  const shared = { sport: 5000, dport: 80, cookie: '1099511627783', peer: false, process: null };
  const counted = { redirects: 3, redirectBytes: 5 * 2 ** 32 + 1, ageMs: 12_345 };
  expect(JSON.parse(JSON.stringify(entries))).toEqual([
    {
      ...shared,
      ...counted,
      key,
      sip: '10.0.0.1',
      dip: '10.0.0.2',
      keyHex: '0100000a0200000a8813000050000000',
      state: 'CLOSE_WAIT',
      passes: { ...NONE, order: 9 },
      queuedBytes: 0xffff_ffff,
    },
    {
      ...shared,
      ...counted,
      key: key6,
      sip: '2001:db8::1',
      dip: '::1',
      keyHex: `20010db8${'00'.repeat(11)}01${'00'.repeat(15)}018813000050000000`,
      state: 'UNKNOWN',
      passes: NONE,
      queuedBytes: 0,
    },
  ]);
});

test('a JSON has the fields in the order of the contract', () => {
  const [entry] = list(IPV4, [record('10.0.0.1:5000->10.0.0.2:80')]);
  expect(Object.keys(entry?.toJSON() ?? {}).join(' ')).toBe(
    'key sip dip sport dport keyHex cookie state peer redirects redirectBytes passes queuedBytes ageMs process',
  );
});

test('an entry that two reads have is listed once', () => {
  const [a, b, c] = ['10.0.0.1:1->10.0.0.2:1', '10.0.0.1:2->10.0.0.2:1', '10.0.0.1:3->10.0.0.2:1'].map((key) =>
    record(key),
  ) as [Uint32Array, Uint32Array, Uint32Array];
  const entries = list(IPV4, [a, b], [a, b, c]);
  expect(entries.map(({ sport }) => sport)).toEqual([1, 2, 3]);
  expect(entries.map(({ peer, keyHex }) => [peer, keyHex.slice(16, 18)])).toEqual([
    [false, '01'],
    [false, '02'],
    [false, '03'],
  ]);
});

test('a bucket that is longer than usual has each entry once', () => {
  const all = Array.from({ length: 500 }, (_, port) => record(`10.0.0.1:${port}->10.0.0.2:1`));
  const entries = list(IPV4, all.slice(0, 300), all.slice(100, 400), all.slice(100, 400), all.slice(200));
  expect(entries.map(({ sport }) => sport)).toEqual([...all.keys()]);
});

test('a bucket that is longer than a read is an error, and no listing without end', () => {
  const all = Array.from({ length: 300 }, (_, port) => record(`10.0.0.1:${port}->10.0.0.2:1`));
  expect(() => list(IPV4, ...Array.from({ length: 100 }, () => all))).toThrow(
    expect.objectContaining({ code: 'MAP_CROWDED' }),
  );
});

// Few addresses and ports, so that reverses, and keys that share all but one part with one, are frequent.
const port = fc.constantFrom(0, 1, 2, 65535);
const ends = { sport: port, dport: port };
const address4 = fc.constantFrom('0.0.0.0', '10.0.0.1', '10.0.0.2');
const address6 = fc.constantFrom('::', '::1', '1::1', '2001:db8::1');
const keys = (address: fc.Arbitrary<string>) =>
  fc.uniqueArray(
    fc.record({ sip: address, dip: address, ...ends }).map((parts) => SockKey.from(parts)),
    { selector: String, maxLength: 60 },
  );

/** Two reads, of which the second begins with what the first ended with. */
function reads(records: Uint32Array[]): Uint32Array[][] {
  const half = records.length >> 1;
  return [records.slice(0, half), records.slice(Math.max(0, half - 3))];
}

test('an entry has a peer when the reverse key is listed, and each its own text', () => {
  fc.assert(
    fc.property(fc.oneof(keys(address4), keys(address6)), (all) => {
      const entries = list(all[0]?.family ?? IPV4, ...reads(all.map((key) => record(key.toString()))));
      const there = new Set(all.map(String));
      expect(entries.map(({ key, keyHex, peer }) => ({ key, keyHex, peer }))).toEqual(
        all.map((key) => ({ key: String(key), keyHex: key.hex, peer: there.has(String(key.reverse())) })),
      );
    }),
  );
});

test('an assertion on an entry shows what is different', () => {
  const key = '10.0.0.1:5000->10.0.0.2:80';
  const entries = list(IPV4, [record(key, { redirects: 3n })]);
  const assertions = [
    () => expect(entries[0]).toMatchObject({ key, redirects: 4 }),
    () => expect(entries).toEqual([{ key, redirects: 4 }]),
    () => expect({ entries }).toMatchObject({ entries: [{ redirects: 4 }] }),
  ];
  for (const assertion of assertions) {
    let diff: string | undefined;
    try {
      assertion();
    } catch (error) {
      ({ diff } = processError(error));
    }
    expect(diff).toMatch(/- +"redirects": 4,.*\+ +"redirects": 3,/s);
  }
});
