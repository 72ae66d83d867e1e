import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SpliceError } from '../../src/core/index.ts';
import { FORMAT, MOST, VERSION } from '../../src/recording/format.ts';
import { RecordingReader } from '../../src/recording/reader.ts';
import { Replay } from '../../src/recording/replay.ts';
import { linesOf, RecordingFiles } from './files.ts';
import { run } from './worlds.ts';

const HEADER = {
  format: FORMAT,
  version: VERSION,
  created: '2026-11-22T12:00:00.000Z',
  kernel: '6.18.0',
  pin: '/sys/fs/bpf/splice',
  intervalMs: 250,
};
const KEYFRAME = { t: 0, key: true };
const ENTRY = {
  key: '10.0.0.1:5000->10.0.0.2:80',
  state: 'ESTABLISHED',
  peer: true,
  redirects: 1,
  redirectBytes: 64,
  passes: {},
  queuedBytes: 0,
  ageMs: 5,
  verdict: null,
  verdictMs: null,
};

function refusal(path: string): SpliceError {
  try {
    using _ = new RecordingReader(path);
  } catch (error) {
    if (error instanceof SpliceError) return error;
    throw error;
  }
  throw new Error('it was read');
}

describe('a recording that cannot be right', () => {
  test.each<[string, number, RegExp, (string | object)[]]>([
    ['no JSON', 3, /it is not JSON/, [HEADER, KEYFRAME, '{"t":1,', '{"t":2}', '']],
    ['a list for a frame', 2, /the frame is not an object/, [HEADER, '[]', '']],
    ['a header that lacks something', 1, /the header has no kernel/, [{ ...HEADER, kernel: undefined }, KEYFRAME]],
    ['no frame', 2, /nothing was recorded/, [HEADER, '']],
    ['no keyframe first', 2, /the first frame is not a keyframe/, [HEADER, { t: 0 }]],
    ['time that goes back', 4, /its time 4 is before/, [HEADER, KEYFRAME, { t: 5 }, { t: 4 }]],
    ['a negative number', 2, /t is not a number from 0/, [HEADER, { t: -1, key: true }]],
    [
      'a change of an unknown entry',
      3,
      /a new entry 7 without key/,
      [HEADER, KEYFRAME, { t: 1, entries: [['7', {}]] }],
    ],
    ['a bad cookie', 2, /a cookie that is not a number/, [HEADER, { ...KEYFRAME, gone: ['\u001b[2J'] }]],
    ['a bad key', 2, /a key that is none/, [HEADER, { ...KEYFRAME, entries: [['7', { ...ENTRY, key: '1->2' }]] }]],
    ['too many buckets', 2, /whole number from 0 to 63/, [HEADER, { ...KEYFRAME, total: { byTcp: [[1e9, 1]] } }]],
    [
      'a number for text',
      2,
      /an owner\.comm is not text/,
      [HEADER, { ...KEYFRAME, owners: [['7', { pid: 1, comm: 2 }]] }],
    ],
    ['no pairs', 2, /owners has an item that is not a pair/, [HEADER, { ...KEYFRAME, owners: [['7']] }]],
    ['too many cgroups', 2, /cgroups has 2000 items/, [HEADER, { ...KEYFRAME, status: loadedIn(2000) }]],
    ['an unknown event', 2, /an event\.type is none of/, [HEADER, { ...KEYFRAME, events: [{ type: 'x' }] }]],
  ])('%s: the error names the line and what is wrong with it', (_name, line, what, lines) => {
    using files = new RecordingFiles();
    const { code, message, remedy } = refusal(files.write(...lines));
    expect(code).toBe('BAD_RECORDING');
    expect(message).toMatch(new RegExp(`, line ${line}: `));
    expect(message).toMatch(what);
    expect(remedy).toMatch(line > 2 ? `head -n ${line - 1}` : 'record it again');
  });

  test.each<[string, string | object]>([
    ['an empty file', ''],
    ['JSON of something else', { name: 'sockmap-splice', version: '0.1.0' }],
    ['text', 'root:x:0:0:root:/root:/bin/bash'],
    ['bytes', '\u007fELF\u0002\u0001\u0000\u001b[2J'],
  ])('%s is no recording', (_name, content) => {
    using files = new RecordingFiles();
    expect(refusal(files.write(content))).toMatchObject({
      code: 'BAD_RECORDING',
      message: expect.stringMatching(/line 1: it is not the header of a recording$/),
      remedy: expect.stringContaining('splice-tui --record'),
    });
  });

  test('of a later version: the error says of which, whatever else is in it', () => {
    using files = new RecordingFiles();
    const { message, remedy } = refusal(files.write({ format: FORMAT, version: VERSION + 1 }, 'whatever'));
    expect(message).toContain(`it is of version ${VERSION + 1}, and this program reads ${VERSION}`);
    expect(remedy).toContain('a later one');
  });

  test('a folder, a pipe, a file that is not there', () => {
    using files = new RecordingFiles();
    const [folder, pipe, nothing] = [files.newPath(), files.newPath(), files.newPath()];
    mkdirSync(folder);
    execFileSync('mkfifo', [pipe]);
    for (const path of [folder, pipe, nothing, '/dev/zero']) expect(refusal(path).code).toBe('FILE_NOT_READ');
  });

  test('of which a line is longer, deeper or has more in it than a frame can have', () => {
    using files = new RecordingFiles();
    const before = process.memoryUsage.rss();
    for (const [line, what] of [
      ['['.repeat(100_000), /lists in lists/],
      [`${'['.repeat(100_000)}\n`, /lists in lists/],
      [`{"t":0,"key":true,"a":${'['.repeat(50_000_000)}`, /lists in lists/],
      [`{"t":0,"key":true,"a":[${'{},'.repeat(MOST.values / 2)}0]}`, /more than \d+ values/],
      ['['.repeat(120_000_000), /longer than/],
      [' '.repeat(MOST.lineBytes), /longer than/],
    ] as const) {
      expect(refusal(files.write(HEADER, line)).message).toMatch(what);
    }
    // A header can be as bad.
    expect(refusal(files.write('['.repeat(50_000_000), '')).message).toMatch(/line 1: /);
    expect(process.memoryUsage.rss() - before).toBeLessThan(1 << 30);
  });

  test('that has more frames than there is room for', () => {
    using files = new RecordingFiles();
    const path = files.write(HEADER, `${JSON.stringify(KEYFRAME)}\n`.repeat(MOST.frames + 1));
    expect(refusal(path).message).toMatch(/more than \d+ frames/);
  });

  test('that has no keyframe to seek from', () => {
    using files = new RecordingFiles();
    const path = files.write(HEADER, KEYFRAME, `${JSON.stringify({ t: 1 })}\n`.repeat(100_000));
    expect(refusal(path).message).toMatch(/no keyframe is in the \d+ bytes before it/);
  });

  test('a quote and a bracket in a text are text', () => {
    using files = new RecordingFiles();
    const pin = `${'['.repeat(100)}\\"${'{'.repeat(100)}`;
    using reader = new RecordingReader(files.write({ ...HEADER, pin }, KEYFRAME, ''));
    expect(reader.header.pin).toBe(pin);
  });

  test('whatever is done to a recording, it is read or refused', () => {
    using files = new RecordingFiles();
    fc.assert(
      fc.property(run, fc.nat(), fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }), (looks, where, noise) => {
        const bytes = readFileSync(files.record(looks));
        const at = where % bytes.length;
        const path = files.newPath();
        writeFileSync(
          path,
          Buffer.concat([bytes.subarray(0, at), Buffer.from(noise), bytes.subarray(at + noise.length)]),
        );
        try {
          using replay = new Replay(path);
          replay.playback.seek(replay.playback.durationMs);
          JSON.stringify(replay.snapshot());
        } catch (error) {
          expect(error).toMatchObject({ code: 'BAD_RECORDING' });
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('a recorder that was killed', () => {
  test('leaves a recording that is played up to its last whole line, with a note', () => {
    using files = new RecordingFiles();
    fc.assert(
      fc.property(run, fc.nat(), (looks, where) => {
        const path = files.record(looks);
        const [header = '', first = '', ...more] = linesOf(path);
        const least = header.length + first.length + 2;
        const size = least + (where % (1 + more.join('\n').length));
        truncateSync(path, size);
        using reader = new RecordingReader(path);
        const whole = readFileSync(path, 'utf8').split('\n');
        const isCut = !isJson(whole.at(-1) ?? '') && whole.at(-1) !== '';
        expect(reader.note === null).toBe(!isCut);
        expect(reader.frames).toBe(whole.filter(isJson).length - 1);
      }),
      { numRuns: 25 },
    );
  });
});

describe('hostile text in a recording', () => {
  const HOSTILE = '\u001b[2J\u001b]52;c;ZXZpbA==\u0007\u202eevil';

  test('is printable once it was read', () => {
    using files = new RecordingFiles();
    const status = { ...loadedIn(0), pin: HOSTILE, cgroups: [HOSTILE] };
    const frame = {
      ...KEYFRAME,
      status,
      entries: [['7', { ...ENTRY, state: HOSTILE }]],
      owners: [['7', { pid: 1, comm: HOSTILE }]],
      processes: [[1, { cmdline: HOSTILE, cgroup: HOSTILE }]],
    };
    const path = files.write({ ...HEADER, pin: HOSTILE, kernel: HOSTILE }, frame);
    using replay = new Replay(path);
    const shown = JSON.stringify([
      replay.pin,
      replay.kernel,
      replay.snapshot(),
      [...replay.owners()],
      replay.processDetail(1),
    ]);
    expect(shown).toContain('\\\\x1b[2J\\\\x1b]52;c;ZXZpbA==\\\\x07\\\\u{202e}evil');
    expect(shown).not.toMatch(/[\p{Cc}\p{Cf}]|\\u00/u);
  });

  test('is cut when it is long', () => {
    using files = new RecordingFiles();
    const owners = [['7', { pid: 1, comm: 'x'.repeat(1e6) }]];
    using replay = new Replay(files.write(HEADER, { ...KEYFRAME, entries: [['7', ENTRY]], owners }));
    expect(replay.owners().get('7')?.comm).toHaveLength(4096);
  });
});

function loadedIn(cgroups: number) {
  const map = { id: 7, name: 'INTERCEPT_MAP', maxEntries: 65536 };
  return { loaded: true, mode: 'guarded', bypass: false, pin: '/p', cgroups: Array(cgroups).fill('/c'), map };
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
