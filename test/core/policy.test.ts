/** A policy as a user gives it: what is taken, and what the error says otherwise. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkPolicy, DEFAULT_EXCLUDED, isSamePolicy } from '../../src/core/policy.ts';

test('is sorted, and has each thing once', () => {
  expect(checkPolicy({ ports: [443, 80, 443], excludeComms: ['nginx', 'a', 'nginx'] })).toEqual({
    ports: [80, 443],
    excludePorts: [],
    excludeComms: ['a', 'nginx'],
    blockingReaders: 'stay',
  });
});

test('keeps out programs that read by splice(2), unless other names are given', () => {
  const rest = { ports: [], excludePorts: [], blockingReaders: 'stay' };
  expect(checkPolicy({})).toEqual({ ...rest, excludeComms: DEFAULT_EXCLUDED });
  expect(checkPolicy({ excludeComms: [] })).toEqual({ ...rest, excludeComms: [] });
});

test.each([
  [{ ports: [0] }, "'0' in --port is not a port"],
  [{ ports: [80, 65_536] }, "'65536' in --port"],
  [{ excludePorts: [-1] }, "'-1' in --exclude-port"],
  [{ excludePorts: [80.5] }, "'80.5' in --exclude-port"],
  [{ excludePorts: ['80'] as never }, "'80' in --exclude-port"],
  [{ ports: [80], excludePorts: [80] }, 'port 80 is in both'],
  [{ excludeComms: [''] }, "'' in --exclude-comm is not a process name"],
  [{ excludeComms: ['a\0b'] }, "'a\\x00b' in --exclude-comm"],
  [{ excludeComms: ['a-name-of-16-byt'] }, 'keeps 15 bytes of one, and this has 16'],
  [{ excludeComms: ['\u001b[2J'.repeat(4)] }, "'\\x1b[2J"],
  [{ blockingReaders: 'go' as never }, "'go' in --blocking-readers"],
  [
    { excludePorts: Array.from({ length: 16_384 }, (_, index) => index + 1) },
    `${16_384 + DEFAULT_EXCLUDED.length} ports and names`,
  ],
])('names what is wrong: %j', (policy, message) => {
  expect(() => checkPolicy(policy)).toThrow(
    expect.objectContaining({ code: 'BAD_OPTION', message: expect.stringContaining(message) }),
  );
});

test('offers as much of a long name as the kernel keeps', () => {
  const remedyFor = (name: string) => {
    try {
      checkPolicy({ excludeComms: [name] });
    } catch (error) {
      return (error as { remedy: string }).remedy;
    }
    return '';
  };
  expect(remedyFor('systemd-journald')).toContain("'systemd-journal'");
  expect(remedyFor('ääääääää')).toContain("'äääääää'");
});

test('either is what was asked for, or an error with a code', () => {
  const anything = fc.oneof(fc.anything(), fc.integer(), fc.string());
  fc.assert(
    fc.property(fc.array(anything), fc.array(anything), fc.array(anything), (ports, excludePorts, excludeComms) => {
      try {
        const policy = checkPolicy({ ports, excludePorts, excludeComms } as never);
        expect(new Set(policy.ports)).toEqual(new Set(ports));
        expect(new Set(policy.excludeComms)).toEqual(new Set(excludeComms));
        expect(isSamePolicy(policy, checkPolicy(policy))).toBe(true);
      } catch (error) {
        expect(error).toMatchObject({ code: 'BAD_OPTION' });
      }
    }),
  );
});
