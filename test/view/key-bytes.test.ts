import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SockKey } from '../../src/core/index.ts';
import { keyBytes } from '../../src/view/key-bytes.ts';

test('an IPv4 key has four words in host order', () => {
  const { size, map, stored, reverse, fields } = keyBytes('10.0.0.1:5000->10.0.0.2:80');
  expect({ size, map, reverse }).toEqual({ size: 16, map: 'INTERCEPT_MAP', reverse: '10.0.0.2:80->10.0.0.1:5000' });
  expect(stored).toBe('01 00 00 0a 02 00 00 0a 88 13 00 00 50 00 00 00');
  expect(fields).toMatchObject([
    { name: 'sip', offset: 0, size: 4, stored: '01 00 00 0a', host: '0x0a000001', network: '0a 00 00 01' },
    { name: 'dip', offset: 4, size: 4, stored: '02 00 00 0a', host: '0x0a000002', network: '0a 00 00 02' },
    { name: 'sport', offset: 8, size: 4, stored: '88 13 00 00', host: '0x00001388', network: '13 88' },
    { name: 'dport', offset: 12, size: 4, stored: '50 00 00 00', host: '0x00000050', network: '00 50' },
  ]);
  expect(fields.map(({ source }) => source)).toEqual([
    'ntohl(local_ip4)',
    'ntohl(remote_ip4)',
    'local_port',
    'ntohl(remote_port)',
  ]);
});

test('an IPv6 key keeps its addresses as they are on the wire', () => {
  const { size, map, fields } = keyBytes('[fd00::1]:5000->[::2]:80');
  expect({ size, map }).toEqual({ size: 40, map: 'INTERCEPT_MAP6' });
  const address = 'fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01';
  expect(fields[0]).toMatchObject({ offset: 0, size: 16, stored: address, host: null, network: address });
  expect(fields[2]).toMatchObject({ name: 'sport', offset: 32, size: 4, stored: '88 13 00 00', network: '13 88' });
});

test('the fields together are the bytes of the key, whatever the key', () => {
  const port = fc.nat(65535);
  const ends = fc.oneof(fc.tuple(fc.ipV4(), fc.ipV4()), fc.tuple(fc.ipV6(), fc.ipV6()));
  fc.assert(
    fc.property(ends, port, port, ([sip, dip], sport, dport) => {
      fc.pre(!/^::ffff:/i.test(sip) && !/^::ffff:/i.test(dip));
      const key = SockKey.from({ sip, dip, sport, dport });
      const { stored, fields } = keyBytes(key);
      expect(stored.replaceAll(' ', '')).toBe(key.hex);
      expect(fields.map((field) => field.stored).join(' ')).toBe(stored);
    }),
  );
});
