import { expect, test } from 'vitest';
import { toCsv } from '../../src/view/csv.ts';
import { anEntry, NO_PASSES } from './fixtures.ts';

test('one line an entry under the names of the fields', () => {
  const [names, first, second, end] = toCsv([
    anEntry({ passes: { ...NO_PASSES, order: 7 }, keyHex: '01', process: { pid: 812, comm: 'a "b", c' } }),
    anEntry({ process: null, peer: false }),
  ]).split('\r\n');
  expect(names).toBe(
    'key,sip,dip,sport,dport,keyHex,cookie,state,peer,redirects,redirectBytes,passes.noPeer,passes.order,' +
      'passes.backlog,passes.pair,passes.bypass,queuedBytes,ageMs,pid,comm',
  );
  expect(first).toBe(
    '10.0.0.1:5000->10.0.0.2:80,10.0.0.1,10.0.0.2,5000,80,01,4123,ESTABLISHED,true,23,1472,0,7,0,0,0,0,1530,812,"a ""b"", c"',
  );
  expect(second).toMatch(/,false,23,.*,1530,,$/);
  expect(end).toBe('');
});

test.each(['=HYPERLINK("http://x")', '+1+1', '-2', '@SUM(A1)', '\t=1', '\r=1'])(
  'the name %j is no formula in a spreadsheet',
  (comm) => {
    const quoted = toCsv([anEntry({ process: { pid: 812, comm } })]).split(',812,')[1];
    expect(quoted).toMatch(/^"?'/);
    expect(quoted).toContain(comm.replaceAll('"', '""'));
  },
);

test('a name with such a character further on stays as it is', () => {
  expect(toCsv([anEntry({ process: { pid: 812, comm: 'a=b' } })])).toMatch(/,812,a=b\r\n$/);
});

test('none is only the names', () => expect(toCsv([]).split('\r\n')).toHaveLength(2));
