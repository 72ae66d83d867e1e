/**
 * Bad input: whatever a command or a function of the library is given, it does what it should or says
 * what is wrong, with an error of ours, and what is refused has changed nothing. FUZZ_SEED repeats a run.
 */
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { runSplice } from '../../src/cli/main.ts';
import { FAMILIES } from '../../src/core/family.ts';
import { openSplice, SockKey, SpliceError } from '../../src/core/index.ts';
import { LAYOUT } from '../../src/core/layout.ts';
import { listKeys, lookupElement } from '../../src/core/map-elements.ts';
import { PIN } from '../../src/core/pin-directory.ts';
import { PinnedMaps } from '../../src/core/pinned.ts';
import { describeKernel } from '../setup/kernel-gate.ts';
import { patience } from '../setup/patience.ts';
import { TestBed } from '../support/kernel.ts';
import { anyKey, anyNumber, anyOptions, anyText, anyValue } from '../support/nonsense.ts';
import { keysOf } from '../support/peers.ts';
import { run } from '../support/run.ts';

const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);
const OURS = /^error\[[A-Z0-9_]+\]: .*\n(?:.*\n)*?try: .+\n$/;
const STACK = /^ +at .*:\d+:\d+\)?$/m;

/** Every byte of the maps that a command could change. */
function dump(pin: string): string {
  using pinned = new PinnedMaps(pin);
  const sizes = [
    [PIN.settings, 4, LAYOUT.settings.size],
    [PIN.rulesA, LAYOUT.rule.size, 4],
    [PIN.rulesB, LAYOUT.rule.size, 4],
    [PIN.policy, 4, 4],
    ...FAMILIES.flatMap(({ map, endpoints, keyWords }) => [
      [map, 4 * keyWords, 8],
      [endpoints, 4 * keyWords, LAYOUT.endpoint_record.size],
    ]),
  ] as [string, number, number][];
  const lines = sizes.flatMap(([name, keySize, valueSize]) =>
    listKeys(pinned.fd(name), keySize).map((key) => {
      const value = Buffer.alloc(valueSize);
      lookupElement(pinned.fd(name), key, value);
      return `${name} ${key.toString('hex')} ${value.toString('hex')}`;
    }),
  );
  return lines.sort().join('\n');
}

/** False when it is refused; what is not an error of ours is a failure. */
async function isDone(work: () => unknown): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof SpliceError)) throw error;
    return false;
  }
}

/** A bed with one connection on which messages were redirected. */
async function prepare(bed: TestBed) {
  bed.splice.up({ cgroups: [bed.cgroup] });
  const peers = bed.peers();
  const pair = await peers.open();
  await peers.exchange(pair.client, pair.server, 3, 64);
  return { peers, pair, keys: Object.values(keysOf(pair)) };
}

describeKernel('the library', () => {
  test('refuses bad input with an error of ours, and changes nothing', { timeout: patience(300_000) }, async () => {
    await using bed = new TestBed();
    const { peers, pair, keys } = await prepare(bed);
    await using _ = peers;
    const { splice } = bed;
    using reader = splice.events();
    let before = dump(bed.pin);
    // What is read as the key of one of the two entries is no bad input, and neither are these.
    const isGood = (key: unknown) => {
      try {
        return keys.includes(String(SockKey.from(key as string)));
      } catch {
        return false;
      }
    };
    const badKey = anyKey(keys).filter((key) => !isGood(key));
    const badMode = anyValue.filter((name) => name !== 'bypass' && name !== 'guarded');
    const calls: Record<string, fc.Arbitrary<() => unknown>> = {
      lookup: badKey.map((key) => () => splice.lookup(key as string)),
      peer: badKey.map((key) => () => splice.peer(key as string)),
      turnarounds: fc.array(anyKey(keys)).map((all) => () => splice.turnarounds(all as string[])),
      trace: badKey.map((key) => () => reader.trace(key as string, true)),
      processDetail: anyNumber.map((pid) => () => splice.processDetail(pid as number)),
      entries: anyOptions('owners').map((options) => () => splice.entries(options as object)),
      snapshot: anyOptions('owners').map((options) => () => splice.snapshot(options as object)),
      openSplice: anyOptions('pin').map((options) => () => openSplice(options as object).status()),
      setMode: badMode.map((name) => () => splice.setMode(name as string)),
      del: fc.tuple(badKey, anyOptions('force', 'timeoutMs', 'signal')).map(
        ([key, options]) =>
          () =>
            splice.del(key as string, options as object),
      ),
      'del of an entry': anyOptions('force', 'timeoutMs', 'signal', 'x')
        .filter((options) => typeof options !== 'object' || options === null || 'x' in options)
        .filter((options) => options !== undefined)
        .map((options) => () => splice.del(keys[0] as string, options as object)),
      put: fc.tuple(anyKey(keys), fc.record({ pid: anyNumber, fd: anyNumber })).map(
        ([key, socket]) =>
          () =>
            splice.put(key as string, socket as { pid: number; fd: number }),
      ),
      'put of no socket': anyOptions('pid', 'fd').map(
        (socket) => () => splice.put(keys[0] as string, socket as { pid: number; fd: number }),
      ),
      up: anyOptions('cgroups', 'mode', 'maxEntries', 'policy', 'force').map(
        (options) => () => splice.up(options as object),
      ),
      'up with a policy': anyOptions('ports', 'excludePorts', 'excludeComms').map(
        (policy) => () => splice.up({ cgroups: [bed.cgroup], policy: policy as object }),
      ),
      down: anyOptions('force', 'timeoutMs', 'signal', 'x')
        .filter((options) => typeof options !== 'object' || options === null || 'x' in options)
        .filter((options) => options !== undefined)
        .map((options) => () => splice.down(options as object)),
      setPolicy: anyOptions('ports', 'excludePorts', 'excludeComms').map(
        (policy) => () => splice.setPolicy(policy as object),
      ),
    };
    for (const [name, call] of Object.entries(calls)) {
      await fc.assert(
        fc.asyncProperty(call, async (work) => {
          // A policy may be good by chance.
          if ((await isDone(work)) && name === 'setPolicy') splice.setPolicy({});
        }),
        { numRuns: 150, seed: SEED },
      );
      // The old rules stay where the next ones will be written.
      if (name === 'setPolicy') before = dump(bed.pin);
      expect(dump(bed.pin), name).toBe(before);
    }
    expect(await peers.exchange(pair.client, pair.server, 3, 64)).toBe(true);
    expect(splice.lookup(keys[0] as string)?.redirects).toBe(6);
  });
});

/** Not a whole number of seconds or milliseconds that the option takes. */
const notWhole = anyText.filter((text) => !/^\d+$/.test(text));
/** Never a directory in a bpffs. */
const badPin = fc.constantFrom(
  '',
  '/',
  '/tmp/x',
  '/nowhere/x',
  'x',
  '/sys/fs/bpf/a.b',
  '\0',
  '/proc/self',
  '/dev/null/x',
);
const badOption = fc.tuple(fc.constantFrom('--', '-'), anyText).map(([dashes, text]) => `${dashes}zz${text}`);

/** Arguments of each command with something wrong in them, or nearly. */
const COMMANDS: Record<string, fc.Arbitrary<string[]>> = {
  up: fc
    .constantFrom('--cgroup', '--mode', '--max-entries', '--port', '--exclude-port', '--exclude-comm')
    .chain((option) => anyText.map((text) => [option, text])),
  down: fc.oneof(
    notWhole.map((text) => ['--timeout', text]),
    badOption.map((option) => [option]),
  ),
  status: anyText.filter((text) => text !== '--').map((text) => [text]),
  entries: anyText.map((text) => ['--filter', text]),
  mode: anyText.filter((text) => text.trim() !== '' && !['bypass', 'guarded'].includes(text)).map((text) => [text]),
  policy: fc
    .constantFrom('--port', '--exclude-port', '--exclude-comm', '--clear')
    .chain((option) => anyText.map((text) => [option, text])),
  doctor: badOption.map((option) => [option]),
  demo: notWhole.map((text) => ['--no-tui', '--seconds', text]),
  lab: anyText.map((text) => ['reorder', `zz${text}`]),
  tui: notWhole.map((text) => ['--once', '--interval', text]),
  repl: badOption.map((option) => [option]),
  zz: anyText.map((text) => [text]),
};

/** Runs a command in this process; what it said. */
async function runHere(argv: string[]): Promise<{ status: number; out: string; err: string }> {
  const said: Record<'stdout' | 'stderr', string[]> = { stdout: [], stderr: [] };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => said[name].push(String(text)) > 0),
  );
  try {
    const status = await runSplice(argv);
    return { status, out: said.stdout.join(''), err: said.stderr.join('') };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

function expectRefusal({ status, out, err }: { status: number | null; out: string; err: string }): void {
  expect([1, 2, 3]).toContain(status);
  expect(out).toBe('');
  expect(err).toMatch(OURS);
  expect(err).not.toMatch(STACK);
  expect(err).not.toContain('error[UNEXPECTED]');
  expect(err).not.toContain('\u001b');
}

describeKernel('the command line', () => {
  test('refuses bad input with an error of ours, and changes nothing', { timeout: patience(300_000) }, async () => {
    await using bed = new TestBed();
    const { peers, pair, keys } = await prepare(bed);
    await using _ = peers;
    let before = dump(bed.pin);
    for (const [name, bad] of Object.entries(COMMANDS)) {
      const pinned = fc.oneof({ weight: 4, arbitrary: fc.constant(bed.pin) }, { weight: 1, arbitrary: badPin });
      await fc.assert(
        fc.asyncProperty(bad, pinned, async (argv, pin) => {
          const { status, out, err } = await runHere([name, '--pin', pin, ...argv]);
          if (status !== 0) expectRefusal({ status, out, err });
          // It was right by chance.
          else if (name === 'policy' && pin === bed.pin) bed.splice.setPolicy({});
        }),
        { numRuns: 25, seed: SEED },
      );
      if (name === 'policy') before = dump(bed.pin);
      expect(dump(bed.pin), name).toBe(before);
    }
    expect(await peers.exchange(pair.client, pair.server, 3, 64)).toBe(true);
    expect(bed.splice.lookup(keys[0] as string)?.redirects).toBe(6);
  });

  test('the same through the programs', { timeout: patience(300_000) }, async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    let before = dump(bed.pin);
    // No program can be given a NUL.
    const clean = (argv: string[]) => argv.map((text) => text.replaceAll('\0', '?'));
    for (const [name, bad] of Object.entries(COMMANDS)) {
      for (const argv of fc.sample(bad, { numRuns: 1, seed: SEED })) {
        const { status, stdout, stderr } = run('splice', [name, '--pin', bed.pin, ...clean(argv)]);
        if (status !== 0) expectRefusal({ status, out: stdout, err: stderr });
        else if (name === 'policy') bed.splice.setPolicy({});
      }
      if (name === 'policy') before = dump(bed.pin);
      expect(dump(bed.pin), name).toBe(before);
    }
    for (const name of ['splice-tui', 'splice-repl']) {
      const { status, stdout, stderr } = run(name, ['--zz']);
      expectRefusal({ status, out: stdout, err: stderr });
    }
  });
});
