import { expect, test } from 'vitest';
import { ALL_ROWS, chooseRows, possibleRows } from '../../src/bench/rows.ts';
import { rowMs } from '../../src/bench/schedule.ts';
import { SpliceError } from '../../src/core/index.ts';

const ids = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);

test('every row has a name of its own, and each kind of traffic both places and both placements', () => {
  expect(new Set(ids(ALL_ROWS)).size).toBe(ALL_ROWS.length);
  const redis = ids(ALL_ROWS).filter((id) => id.startsWith('redis-1@'));
  expect(redis).toEqual(['redis-1@loopback/1cpu', 'redis-1@loopback/2cpu', 'redis-1@veth/1cpu', 'redis-1@veth/2cpu']);
});

test('only what the tool can goes over a Unix socket; a bystander has its peer elsewhere', () => {
  const withUnix = ALL_ROWS.filter(({ variants }) => variants.includes('unix')).map(({ workload }) => workload.name);
  expect([...new Set(withUnix)]).toEqual(['redis-1', 'redis-20', 'redis-pipelined']);
  expect(ids(ALL_ROWS).filter((id) => id.startsWith('bystander-') && id.includes('loopback'))).toEqual([]);
});

test('rows are chosen by name or by workload, in the order of the report', () => {
  expect(ids(chooseRows(['stream@veth/2cpu', 'bystander-ping'], false).rows)).toEqual([
    'stream@veth/2cpu',
    'bystander-ping@veth/1cpu',
    'bystander-ping@veth/2cpu',
  ]);
  expect(chooseRows([], false).rows).toBe(ALL_ROWS);
});

test('the quick rows are some of all, and planned for less than two minutes', () => {
  const { rows: quick, programs } = chooseRows([], true);
  expect(programs).toEqual([]);
  expect(quick.length).toBeGreaterThan(3);
  expect(quick.every((row) => ALL_ROWS.includes(row))).toBe(true);
  expect(quick.reduce((sum, row) => sum + rowMs(row, 5), 0)).toBeLessThan(110_000);
});

test('an unknown name is wrong usage that lists the known ones', () => {
  const choose = () => chooseRows(['redis-1', 'redos\u001b[2J'], false);
  expect(choose).toThrow(SpliceError);
  expect(choose).toThrow("there is no row 'redos\\x1b[2J'");
  try {
    choose();
  } catch (error) {
    expect(error).toMatchObject({
      code: 'BAD_OPTION',
      remedy: expect.stringContaining(
        'redis-pipelined, nginx, connections, bystander-ping, bystander-stream, programs; ',
      ),
    });
  }
});

test('rows of a tool that is not installed are skipped, and its package is named', () => {
  const rows = chooseRows(['nginx', 'redis-1'], false).rows;
  const { possible, skipped } = possibleRows(rows, (program) => program !== 'nginx', [0, 1]);
  expect(new Set(possible.map(({ workload }) => workload.name))).toEqual(new Set(['redis-1']));
  expect(skipped).toHaveLength(4);
  expect(skipped[0]).toEqual({
    id: 'nginx@loopback/1cpu',
    reason: 'nginx is not installed: apt-get install nginx-light',
  });
});

test('with one CPU only the rows of one CPU are left', () => {
  const { possible, skipped } = possibleRows(chooseRows(['redis-1'], false).rows, () => true, [3]);
  expect(ids(possible)).toEqual(['redis-1@loopback/1cpu', 'redis-1@veth/1cpu']);
  expect(skipped.map(({ reason }) => reason)).toEqual(Array(2).fill('this process may use one CPU only'));
});

test('the programs are counted in a full run, and when they are named', () => {
  const traffic = ['ping-pong-64@veth/1cpu', 'connections@veth/1cpu'];
  expect(ids(chooseRows([], false).programs)).toEqual(traffic);
  const { rows, programs } = chooseRows(['programs'], true);
  expect({ rows, programs: ids(programs) }).toEqual({ rows: [], programs: traffic });
  expect(chooseRows(['redis-1'], false).programs).toEqual([]);
});
