import { expect, test } from 'vitest';
import { AS_OPENED } from '../../../src/tui/rows/arrange.ts';
import { Ghosts } from '../../../src/tui/rows/ghosts.ts';
import { NOTHING_KNOWN } from '../../../src/tui/rows/knowledge.ts';
import { Rows } from '../../../src/tui/rows/rows.ts';
import { Sample } from '../../../src/tui/rows/sample.ts';
import { anEntry } from '../../view/fixtures.ts';

const sampleAt = (atMs: number, cookies: string) =>
  new Sample({ atMs, entries: [...cookies].map((cookie) => anEntry({ cookie, ageMs: 60_000 })) });
const rowsOf = (sample: Sample, ghosts = new Ghosts().update(EMPTY, sample.counts, 0, 0)) =>
  new Rows({ ...NOTHING_KNOWN, sample }, AS_OPENED, ghosts);
const EMPTY = new Rows(NOTHING_KNOWN, AS_OPENED);
const seen = (rows: Rows) =>
  rows.slice(0, rows.length).map(({ identity, mark }) => identity.cookie + (mark ? '-' : ''));

test('rows on screen that are gone stay where they were, for a second', () => {
  const ghosts = new Ghosts();
  const all = rowsOf(sampleAt(0, '12345'));
  const next = sampleAt(250, '135');
  const rows = rowsOf(next, ghosts.update(all, next.counts, 0, 3));
  expect(seen(rows)).toEqual(['1', '2-', '3', '5']);
  expect(rows.indexOf({ cookie: '5', key: anEntry().key })).toBe(3);
  expect(rows.indexOf({ cookie: '2', key: anEntry().key })).toBe(1);

  const later = sampleAt(500, '15');
  const moved = rowsOf(later, ghosts.update(rows, later.counts, 0, 4));
  expect(seen(moved)).toEqual(['1', '2-', '3-', '5']);
  const last = sampleAt(1300, '15');
  expect(seen(rowsOf(last, ghosts.update(moved, last.counts, 0, 4)))).toEqual(['1', '3-', '5']);
});

test('they fill no more lines than there are', () => {
  const ghosts = new Ghosts();
  const all = rowsOf(sampleAt(0, '123'));
  const next = sampleAt(250, '');
  const rows = rowsOf(next, ghosts.update(all, next.counts, 0, 3));
  expect(seen(rows)).toEqual(['1-', '2-', '3-']);
  ghosts.clear();
  expect(ghosts.update(EMPTY, next.counts, 0, 0)).toEqual([]);
});
