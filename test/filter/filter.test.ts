/** What each part of the filter language means. */
import { describe, expect, test } from 'vitest';
import { FILTER_FIELDS, type FilterRow, parseFilter } from '../../src/filter/index.ts';
import { anEntry, NO_PASSES } from '../view/fixtures.ts';

/** 10.0.0.1:5000->10.0.0.2:80 of redis-server, as told. */
function row(told: Partial<FilterRow> = {}): FilterRow {
  return { ...anEntry(told), ...told };
}

const fits = (filter: string, told: Partial<FilterRow> = {}) => parseFilter(filter).matches(row(told));

const ipv6 = { key: '[fd00::1]:5000->[fd00::2]:80', sip: 'fd00::1', dip: 'fd00::2' };

describe('each comparison keeps and drops', () => {
  test.each<[string, boolean, Partial<FilterRow>?]>([
    ['', true],
    ['  ', true],
    ['port=80', true],
    ['port=5000', true],
    ['port=81', false],
    ['port!=80', false],
    ['port!=81', true],
    ['port<100', true],
    ['port>5000', false],
    ['sport=5000', true],
    ['sport=80', false],
    ['dport = 80', true],
    ['dport == 80', true],
    ['dport>=80 dport<=80', true],
    ['ip=10.0.0.2', true],
    ['ip=10.0.0.0/8', true],
    ['ip=10.0.0.3/30', true],
    ['ip=10.0.0.4/30', false],
    ['ip!=10.0.0.2', false],
    ['ip=0.0.0.0/0', true],
    ['ip=0.0.0.0/0', false, ipv6],
    ['ip=::/0', false],
    ['ip=::/0', true, ipv6],
    ['ip=fd00::/8', true, ipv6],
    ['ip=fd00:0::0:1', true, ipv6],
    ['ip=[fd00::1]', true, ipv6],
    ['sip=fd00::/127', true, ipv6],
    ['sip=fd00::2/127', false, ipv6],
    ['ip=::ffff:10.0.0.0/104', true],
    ['sip=10.0.0.2', false],
    ['dip=10.0.0.2', true],
    ['comm=redis-server', true],
    ['comm=redis', false],
    ['comm!=redis', true],
    ['comm~REDIS', true],
    ['comm!~redis', false],
    ['comm="redis-server"', true],
    ["comm='my prog'", true, { process: { pid: 1, comm: 'my prog' } }],
    ['comm="say \\"hi\\""', true, { process: { pid: 1, comm: 'say "hi"' } }],
    ['comm=x', false, { process: null }],
    ['comm!=x', false, { process: null }],
    ['pid=812', true],
    ['pid>812', false],
    ['state=ESTABLISHED', true],
    ['state=estab', true],
    ['state!=ESTABLISHED', false],
    ['state=CLOSE-WAIT', true, { state: 'CLOSE_WAIT' }],
    ['state~wait', true, { state: 'FIN_WAIT1' }],
    ['key=10.0.0.1:5000->10.0.0.2:80', true],
    ['key~:5000->', true],
    ["key~'->10.0.0.2'", true],
    ['cookie=4123', true],
    ['redirects>22', true],
    ['redirects>23', false],
    ['redirects=1.5k', true, { redirects: 1500 }],
    ['redirectBytes>1K', true],
    ['redirectBytes>1.5KiB', false],
    ['redirectBytes=1M', true, { redirectBytes: 1 << 20 }],
    ['passes=3', true, { passes: { ...NO_PASSES, order: 1, backlog: 2 } }],
    ['passes.order=1', true, { passes: { ...NO_PASSES, order: 1 } }],
    ['passes.noPeer>0', false],
    ['PASSES.NOPEER=0', true],
    ['queuedBytes>=64K', true, { queuedBytes: 65536 }],
    ['age>1s', true],
    ['age>1530ms', false],
    ['age<2', true],
    ['age>1h', true, { ageMs: 3_600_001 }],
    ['ageMs=1530', true],
    ['rate>100', true, { rate: 101 }],
    ['rate<100', false],
    ['rate!=100', false, { rate: null }],
    ['cgroup~docker', true, { cgroup: '/sys/fs/cgroup/docker/1' }],
    ['verdict=order', true, { verdict: 'order' }],
    ['verdict=order', false, { verdict: null }],
    ['p50>1ms', true, { p50: 1001 }],
    ['p99<5', true, { p99: 4 }],
  ])('%s: %s', (filter, expected, told) => expect(fits(filter, told)).toBe(expected));
});

describe('texts and words', () => {
  test.each<[string, boolean, Partial<FilterRow>?]>([
    ['redis', true],
    ['REDIS', true],
    ['10.0.0.2:80', true],
    ['10.0.0.1:5000->10.0.0.2:80', true],
    ['[fd00::1]:5000', true, ipv6],
    ['->10.0.0.2', true],
    ['nginx', false],
    ['nginx', false, { process: null }],
    ['"spliced"', false],
    ['"or"', true, { process: { pid: 1, comm: 'worker' } }],
    ['constructor', false],
    ['peer', true],
    ['peer', false, { peer: false }],
    ['spliced', true],
    ['SPLICED', true],
    ['spliced', false, { redirects: 0 }],
    ['spliced', false, { peer: false }],
    ['spliced', false, { verdict: 'order' }],
    ['spliced', true, { verdict: 'redirect' }],
    ['stuck', false],
    ['stuck', true, { queuedBytes: 1 }],
    ['stuck', false, { queuedBytes: 1, unreadMs: 10 }],
    ['stuck', true, { queuedBytes: 1, unreadMs: 1000 }],
    ['stuck', true, { passes: { ...NO_PASSES, order: 20, backlog: 4 } }],
    ['stuck', false, { passes: { ...NO_PASSES, order: 20, backlog: 3 } }],
    ['stuck', false, { passes: { ...NO_PASSES, order: 24 }, verdict: 'redirect' }],
    ['stuck', true, { verdict: 'backlog' }],
    ['stuck', false, { verdict: 'backlog', peer: false }],
  ])('%s: %s', (filter, expected, told) => expect(fits(filter, told)).toBe(expected));
});

describe('together', () => {
  test.each([
    ['port=80 comm~redis', true],
    ['port=80 and comm~nginx', false],
    ['port=81 or comm~redis', true],
    ['port=81 or comm~nginx or pid=812', true],
    ['port=80 pid=1 or pid=812', true],
    ['port=80 (pid=1 or pid=812)', true],
    ['port=81 (pid=1 or pid=812)', false],
    ['not port=80', false],
    ['!port=80', false],
    ['!spliced', false],
    ['not not spliced', true],
    ['NOT (pid=1 OR nginx) AND redis', true],
    ['redis !nginx', true],
    ['(redis)(spliced)', true],
  ])('%s: %s', (filter, expected) => expect(fits(filter)).toBe(expected));
});

describe('an error says which part is wrong, and where', () => {
  test.each([
    ['prot=80', 'prot', /no field 'prot'/, /^port/],
    ['port=http', 'http', /'port' is a number from 0 to 65535, not 'http'/, /port=6379/],
    ['port=65536', '65536', /65535/, /port/],
    ['port=63.5', '63.5', /65535/, /port/],
    ['pid=8x', '8x', /whole number/, /pid/],
    ['redis port~80', 'port', /compared with = != < <= > >=, not with ~/, /./],
    ['ip=10.0.0.0/33', '10.0.0.0/33', /an address or a network/, /ip=/],
    ['ip=10.0.0.300', '10.0.0.300', /an address or a network/, /ip=/],
    ['state=ESTABLISHD', 'ESTABLISHD', /one of ESTABLISHED, SYN_SENT/, /^ESTABLISHED$/],
    ['age>5 parsecs=1', 'parsecs', /no field/, /./],
    ['age>5w', '5w', /a time/, /age>5s/],
    ['peer=true', 'peer', /'peer' stands alone/, /./],
    ['port', 'port', /'port' needs a value/, /port=6379/],
    ['port= ', ' ', /a value is missing after 'port='/, /./],
    ['(port=)', ')', /a value is missing after 'port='/, /./],
    ['=80', '=80', /the name of a field is missing before '='/, /./],
    ['80=port', '80=port', /does not begin with the name of a field/, /"80=port"/],
    ['redis && port=80', '&&', /written 'and'/, /./],
    ['redis or', ' ', /missing after 'or'/, /./],
    ['or redis', 'or', /missing here/, /./],
    ['not', ' ', /missing after 'not'/, /./],
    ['()', ')', /missing after '\('/, /./],
    ['(redis', '(', /not closed/, /./],
    ['redis)', ')', /closes nothing/, /./],
    ['comm="redis', '"redis', /quote is not closed/, /./],
    ['('.repeat(100), '(', /nested too deeply/, /./],
    ['\x1b[2J=5', '\x1b[2J=5', /\\x1b\[2J=5/, /\\x1b/],
  ])('%j', (filter, part, message, remedy) => {
    let thrown: unknown;
    try {
      parseFilter(filter);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({
      code: 'BAD_FILTER',
      exitStatus: 2,
      message: expect.stringMatching(message),
      remedy: expect.stringMatching(remedy),
      text: filter,
    });
    const { position, length } = thrown as { position: number; length: number };
    expect(`${filter} `.slice(position, position + length)).toBe(part);
    expect(position).toBeGreaterThanOrEqual(0);
    expect((thrown as Error).message).toContain(`at character ${position + 1} of`);
  });

  test('what one look does not tell is refused where there is only one', () => {
    expect(() => parseFilter('spliced rate>5', { oneLook: true })).toThrow(/'rate' is not known from one look/);
    expect(parseFilter('spliced port=80', { oneLook: true }).matches(row())).toBe(true);
  });
});

test('every field has a summary, and an example that is a filter with it', () => {
  for (const { name, summary, example } of FILTER_FIELDS) {
    expect(summary).toMatch(/^[^\n]+[^.\n]$/);
    expect(example.startsWith(name)).toBe(true);
    expect(typeof parseFilter(example).matches(row())).toBe('boolean');
  }
});
