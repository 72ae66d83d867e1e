import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InputError, SockKey, SpliceError } from '../../src/core/index.ts';
import { canonicalAddress } from '../../src/core/ip-address.ts';

const octet = fc.integer({ min: 0, max: 255 });
const address = fc.tuple(octet, octet, octet, octet).map((octets) => octets.join('.'));
const port = fc.integer({ min: 0, max: 65535 });
const parts4 = fc.record({ sip: address, dip: address, sport: port, dport: port });
const address6 = fc
  .ipV6()
  .map((text) => canonicalAddress(text) ?? '')
  .filter((text) => text.includes(':'));
const parts6 = fc.record({ sip: address6, dip: address6, sport: port, dport: port });
const parts = fc.oneof(parts4, parts6);

const KEY = '10.0.0.1:5000->10.0.0.2:80';

test('reads and writes what the contract shows', () => {
  const key = SockKey.from(KEY);
  expect(key).toMatchObject({ sip: '10.0.0.1', dip: '10.0.0.2', sport: 5000, dport: 80 });
  expect(key.hex).toBe('0100000a0200000a8813000050000000');
  expect(String(key.reverse())).toBe('10.0.0.2:80->10.0.0.1:5000');
  expect(JSON.stringify({ key })).toBe(`{"key":"${KEY}"}`);
});

test('every form of a key round-trips', () => {
  fc.assert(
    fc.property(parts, (given) => {
      const key = SockKey.from(given);
      expect({ ...key }).toEqual(given);
      expect(SockKey.from(String(key))).toEqual(key);
      expect(SockKey.from(key.hex)).toEqual(key);
      const words = new Uint32Array(Uint8Array.from(key.encode()).buffer);
      expect(SockKey.decode(words, key.family)).toEqual(key);
      expect(SockKey.from(key)).toBe(key);
    }),
  );
});

test('the reverse of the reverse is the key, and the reverse swaps own end and peer', () => {
  fc.assert(
    fc.property(parts, (given) => {
      const key = SockKey.from(given);
      const { sip, dip, sport, dport } = key.reverse();
      expect({ sip: dip, dip: sip, sport: dport, dport: sport }).toEqual(given);
      expect(key.reverse().reverse()).toEqual(key);
    }),
  );
});

test('each field of an IPv4 key is four bytes in host order', () => {
  fc.assert(
    fc.property(parts4, (given) => {
      const bytes = SockKey.from(given).encode();
      const dotted = (offset: number) => [...bytes.subarray(offset, offset + 4)].reverse().join('.');
      expect(dotted(0)).toBe(given.sip);
      expect(dotted(4)).toBe(given.dip);
      expect(bytes.readUInt32LE(8)).toBe(given.sport);
      expect(bytes.readUInt32LE(12)).toBe(given.dport);
    }),
  );
});

test('an IPv6 key has its addresses in network order and its ports in host order', () => {
  const key = SockKey.from('[2001:db8::1]:5000->[fe80::2:3]:80');
  expect(key.hex).toBe(
    '20010db8000000000000000000000001' + 'fe800000000000000000000000020003' + '88130000' + '50000000',
  );
  expect(String(key.reverse())).toBe('[fe80::2:3]:80->[2001:db8::1]:5000');
});

test('addresses are written in one way', () => {
  expect(String(SockKey.from('[0:0::0:1]:1->[2001:DB8:0:0:1::]:2'))).toBe('[::1]:1->[2001:db8:0:0:1::]:2');
  expect(String(SockKey.from('[::ffff:10.0.0.1]:5000->[::ffff:a00:2]:80'))).toBe(KEY);
});

test('an address may be a number in host order', () => {
  expect(String(SockKey.from({ sip: 0x0a000001, dip: '10.0.0.2', sport: 5000, dport: '80' }))).toBe(KEY);
});

test.each([
  ['', '->'],
  ['10.0.0.1:5000', '->'],
  [`${KEY}->1.2.3.4:5`, 'more than one'],
  ['10.0.0.1->10.0.0.2:80', "own end '10.0.0.1' has no ':'"],
  ['10.0.0.1:5000->10.0.0.2', "peer end '10.0.0.2' has no ':'"],
  ['10.0.0.256:5000->10.0.0.2:80', "own address (sip) '10.0.0.256'"],
  ['10.0.0.01:5000->10.0.0.2:80', "own address (sip) '10.0.0.01'"],
  ['10.0.0.1:65536->10.0.0.2:80', "own port (sport) '65536'"],
  ['10.0.0.1:->10.0.0.2:80', "own port (sport) ''"],
  ['10.0.0.1:5000->10.0.2:80', "peer address (dip) '10.0.2'"],
  ['10.0.0.1:5000->10.0.0.2:-1', "peer port (dport) '-1'"],
  ['10.0.0.1:5000->10.0.0.2:8e1', "peer port (dport) '8e1'"],
  ['[::1]:5000->10.0.0.2:80', "peer address (dip) '10.0.0.2' is not of the same family"],
  ['[::1]->[::1]:80', "own end '[::1]' has no ':' and port after its ']'"],
  ['::1:5000->[::1]:80', "own end '::1:5000' needs brackets"],
  ['[::1]:5000->[::g]:80', "peer address (dip) '::g'"],
  ['[fe80::1%eth0]:5000->[::1]:80', "own address (sip) 'fe80::1%eth0'"],
  ['[10.0.0.1]:5000->[::1]:80', 'brackets, which are for IPv6'],
  ['0100000a0200000a88130000500000', '80 for IPv6; this has 30'],
  ['0100000a0200000a8813010050000000', "own port (sport) '70536'"],
  [{ sip: '10.0.0.1', dip: '10.0.0.2', sport: 5000 }, "peer port (dport) 'undefined'"],
  [{ sip: -1, dip: '10.0.0.2', sport: 1, dport: 2 }, "own address (sip) '-1'"],
  [{ sip: '10.0.0.1', dip: '10.0.0.2', sport: 1.5, dport: 2 }, "own port (sport) '1.5'"],
  ['\u001b[2J\u007f\u009b', '"\\u001b[2J\\x7f\\x9b"'],
  [7, 'not number'],
  [null, 'not null'],
])('says which part of %j is wrong', (input, part) => {
  try {
    SockKey.from(input as string);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(SpliceError);
    expect((error as SpliceError).code).toBe('BAD_KEY');
    expect((error as SpliceError).message).toContain(part);
  }
});

const anyParts = fc.record({ sip: fc.anything(), dip: fc.anything(), sport: fc.anything(), dport: fc.anything() });

test('whatever is typed, the answer is a key or BAD_KEY on lines without control characters', () => {
  // 'binary' alone seldom gives one of the few characters that steer a terminal.
  const control = fc.integer({ min: 0, max: 0x9f }).map((code) => String.fromCodePoint(code));
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: control }), fc.string({ unit: 'binary' }), fc.anything(), anyParts),
      (input) => {
        try {
          SockKey.from(input as string);
        } catch (error) {
          expect(error).toBeInstanceOf(SpliceError);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
          expect((error as Error).message).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
          if (!(error instanceof InputError)) return;
          expect(error.length).toBeGreaterThan(0);
          expect(error.position).toBeGreaterThanOrEqual(0);
          expect(error.position + error.length).toBeLessThanOrEqual((input as string).trim().length + 1);
        }
      },
    ),
  );
}, 30_000);

test.each([
  ['10.0.0.1:5000->10.0.0.300:80', '10.0.0.300'],
  ['10.0.0.1:5000 -> 10.0.0.300:80', '10.0.0.300'],
  ['10.0.0.1:1x->10.0.0.2:80', '1x'],
  ['1:1->1:99999', '1'],
  ['10.0.0.1:1->10.0.0.1:99999', '99999'],
  ['[fd00::1]:80->[fd00::g]:80', 'fd00::g'],
  ['[fd00::1]:80->[fd00::1]:x', 'x'],
  ['10.0.0.1:80', ''],
  ['1->2->3', '->'],
])('of %j, %j is bad', (text, part) => {
  const error = failureOf(() => SockKey.from(text));
  expect(error).toBeInstanceOf(InputError);
  const { position, length } = error as InputError;
  expect((error as InputError).text.slice(position, position + length)).toBe(part);
});

function failureOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
