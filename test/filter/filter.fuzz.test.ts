/** Filters of every shape: read as they were meant, or refused with BAD_FILTER. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InputError } from '../../src/core/index.ts';
import { FILTER_FIELDS, type FilterRow, parseFilter } from '../../src/filter/index.ts';
import { anEntry, NO_PASSES } from '../view/fixtures.ts';

const address = fc.ipV4();
const port = fc.integer({ min: 0, max: 65_535 });
const count = fc.nat({ max: 3000 });
const comm = fc.constantFrom('redis-server', 'nginx', 'a "b"', 'or', '');

const aRow: fc.Arbitrary<FilterRow> = fc
  .record({
    ends: fc.record({ sip: address, dip: address, sport: port, dport: port }),
    peer: fc.boolean(),
    redirects: count,
    queuedBytes: count,
    order: count,
    process: fc.option(fc.record({ pid: count, comm })),
  })
  .map(({ ends, order, ...rest }) => ({ ...anEntry({ ...ends, ...rest }), passes: { ...NO_PASSES, order } }));

/** A filter, and what it means, worked out in another way. */
interface Meant {
  filter: string;
  fits: (row: FilterRow) => boolean;
}

const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;

const term: fc.Arbitrary<Meant> = fc.oneof(
  port.map((wanted) => ({
    filter: `port=${wanted}`,
    fits: ({ sport, dport }: FilterRow) => [sport, dport].includes(wanted),
  })),
  count.map((least) => ({ filter: `redirects >= ${least}`, fits: ({ redirects }: FilterRow) => redirects >= least })),
  comm.map((name) => ({
    filter: `comm=${quoted(name)}`,
    fits: ({ process }: FilterRow) => process?.comm === name,
  })),
  comm.map((name) => ({
    filter: quoted(name),
    fits: ({ key, process }: FilterRow) => key.includes(name) || (process?.comm.includes(name) ?? false),
  })),
  fc.tuple(address, fc.integer({ min: 0, max: 32 })).map(([network, bits]) => ({
    filter: `sip=${network}/${bits}`,
    fits: ({ sip }: FilterRow) => inBits(sip).startsWith(inBits(network).slice(0, bits)),
  })),
  fc.constant({ filter: 'peer', fits: ({ peer }: FilterRow) => peer }),
);

function inBits(dotted: string): string {
  return dotted
    .split('.')
    .map((octet) => Number(octet).toString(2).padStart(8, '0'))
    .join('');
}

const { meant } = fc.letrec<{ meant: Meant }>((tie) => ({
  meant: fc.oneof(
    { depthSize: 'small' },
    term,
    tie('meant').map(({ filter, fits }) => ({ filter: `not (${filter})`, fits: (row: FilterRow) => !fits(row) })),
    fc.tuple(tie('meant'), tie('meant'), fc.constantFrom(' ', ' and ', ') AND (')).map(([one, other, and]) => ({
      filter: `((${one.filter})${and}(${other.filter}))`,
      fits: (row: FilterRow) => one.fits(row) && other.fits(row),
    })),
    fc.tuple(tie('meant'), tie('meant')).map(([one, other]) => ({
      filter: `(${one.filter} or ${other.filter})`,
      fits: (row: FilterRow) => one.fits(row) || other.fits(row),
    })),
  ),
}));

test('a filter keeps what it says', () => {
  fc.assert(
    fc.property(meant, fc.array(aRow, { minLength: 1, maxLength: 5 }), ({ filter, fits }, rows) => {
      const { matches } = parseFilter(filter);
      for (const row of rows) expect(matches(row), filter).toBe(fits(row));
    }),
    { numRuns: 500 },
  );
});

/** Whatever it is, it is a filter or it is refused, and the place of the bad part is in it. */
function readOrRefused(text: string): void {
  try {
    expect(typeof parseFilter(text).matches(anEntry())).toBe('boolean');
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    const { code, position, length, message, remedy } = error as InputError;
    expect(code).toBe('BAD_FILTER');
    expect(position).toBeGreaterThanOrEqual(0);
    expect(length).toBeGreaterThan(0);
    expect(position + length).toBeLessThanOrEqual(text.length + 1);
    expect(`${message}${remedy}`).not.toMatch(/[\p{Cc}\p{Zl}]/u);
  }
}

test('no text at all crashes it', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), readOrRefused), { numRuns: 2000 });
});

test('nor do the parts of the language in any order', () => {
  const names = FILTER_FIELDS.flatMap(({ name, example }) => [name, example]);
  const parts = [...names, '(', ')', '"', "'", '\\', '=', '!', '!=', '<', '>=', '~', '!~', '->', ' ', '\n', '/8'];
  const words = ['and', 'or', 'not', '&&', 'constructor', '__proto__', '1', '64K', '10.0.0.0', '[::1]', '\u{1f600}'];
  const pieces = fc.array(fc.constantFrom(...parts, ...words), { maxLength: 15 });
  fc.assert(
    fc.property(pieces, fc.constantFrom('', ' '), (some, glue) => readOrRefused(some.join(glue))),
    {
      numRuns: 2000,
    },
  );
});

test('nor does one that is very long or deep', () => {
  for (const text of ['('.repeat(100_000), 'not '.repeat(100_000), `${'a or '.repeat(50_000)}b`, 'a '.repeat(50_000)]) {
    readOrRefused(text);
  }
  readOrRefused(`comm="${'x'.repeat(1_000_000)}"`);
});
