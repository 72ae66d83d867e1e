/** up, down, and what is between them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmdirSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { openSplice } from '../../src/core/index.ts';
import { LAYOUT_VERSION } from '../../src/core/layout.ts';
import { BPF_ANY, openPinned, pin, updateElement } from '../../src/core/libbpf.ts';
import { lockPins } from '../../src/core/pin-lock.ts';
import { PinnedMaps } from '../../src/core/pinned.ts';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed, until } from '../support/kernel.ts';
import { keysOf } from '../support/peers.ts';
import { openQueued, QUEUED_BYTES } from '../support/queued.ts';
import { ROOT, run } from '../support/run.ts';

/** Removes a pin, or the place of a reader of events. */
function removePin(path: string): void {
  if (lstatSync(path).isDirectory()) rmdirSync(path);
  else unlinkSync(path);
}

describeKernel('up', () => {
  test('says what is up, and a second up that it is', async () => {
    await using bed = new TestBed();
    const { already, status } = bed.splice.up({ cgroups: [bed.cgroup], maxEntries: 100 });
    expect(already).toBe(false);
    expect(status).toEqual({
      loaded: true,
      mode: 'guarded',
      bypass: false,
      pin: bed.pin,
      cgroups: [bed.cgroup],
      map: { id: expect.any(Number), name: 'INTERCEPT_MAP', entries: 0, maxEntries: 100 },
      totals: { redirects: 0, redirectBytes: 0, passes: { noPeer: 0, order: 0, backlog: 0, pair: 0, bypass: 0 } },
    });
    expect(statSync(bed.pin).mode & 0o777).toBe(0o700);
    expect(bed.splice.up({ cgroups: [bed.cgroup], maxEntries: 100 })).toEqual({ already: true, status });
    expect(() => bed.splice.up({ cgroups: [bed.cgroup], mode: 'naive' })).toThrow(/another splice is up/);
    expect(bed.splice.status()).toEqual(status);
  });

  test('attaches to several cgroups', async () => {
    await using bed = new TestBed();
    await using other = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup, other.cgroup, bed.cgroup] });
    await using near = bed.peers();
    await using far = other.peers();
    const { port } = await near.listen();
    const accepted = near.accepted();
    const client = await far.connect(port);
    const server = await accepted;
    await far.send(client, 5, 10);
    expect(await near.receive(server, 5, 10)).toMatchObject({ equal: true });
    expect(bed.splice.status()).toMatchObject({ totals: { redirectBytes: 50 } });
    expect(
      bed.splice
        .entries()
        .map((entry) => entry.process?.pid)
        .sort(),
    ).toEqual([near.process.pid, far.process.pid].sort());
  });

  test('gives a clear answer while another command is at work', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    {
      using _lock = lockPins(bed.pin);
      const inAnother = spawn(
        process.execPath,
        [join(import.meta.dirname, '../support/up-and-wait.ts'), bed.pin, bed.cgroup],
        {
          stdio: ['ignore', 'ignore', 'pipe'],
        },
      );
      let said = '';
      inAnother.stderr.on('data', (text) => (said += text));
      await once(inAnother, 'exit');
      expect(said).toContain('another splice command is at work');
      expect(bed.splice.setMode('bypass')).toBe('bypass');
      expect(() => bed.splice.setMode('guarded')).toThrow(/another splice command is at work/);
    }
    expect(bed.splice.setMode('guarded')).toBe('guarded');
  });

  test('many at once: one of them brings it up, and it is whole', async () => {
    await using bed = new TestBed();
    const script = join(import.meta.dirname, '../support/up-and-wait.ts');
    const loaders = Array.from({ length: 4 }, () =>
      spawn(process.execPath, [script, bed.pin, bed.cgroup], { stdio: ['ignore', 'pipe', 'pipe'] }),
    );
    const ends = await Promise.all(
      loaders.map(async (loader) => {
        let said = '';
        loader.stderr.on('data', (text) => (said += text));
        await Promise.race([once(loader.stdout, 'data'), once(loader, 'exit')]);
        const stays = loader.exitCode === null;
        if (stays) loader.kill('SIGKILL');
        return stays ? 'up' : said.includes('at work') ? 'busy' : said;
      }),
    );
    expect(ends.filter((end) => end !== 'busy')).toContain('up');
    expect(new Set(ends).difference(new Set(['up', 'busy']))).toEqual(new Set());
    await using peers = bed.peers();
    const pair = await peers.open();
    expect(await peers.exchange(pair.client, pair.server, 5, 64)).toBe(true);
    expect(bed.splice.lookup(keysOf(pair).client)?.redirects).toBe(5);
  });

  test('leaves nothing behind when it fails half way', async () => {
    await using bed = new TestBed();
    const threaded = join(bed.cgroup, 'removed');
    mkdirSync(threaded);
    const original = process.cwd();
    process.chdir(threaded);
    rmdirSync(threaded);
    try {
      // The first link is made, the second cannot be: its cgroup is dead.
      expect(() => bed.splice.up({ cgroups: [bed.cgroup, '/proc/self/cwd'] })).toThrow();
    } finally {
      process.chdir(original);
    }
    expect(existsSync(bed.pin)).toBe(false);
    expect(bed.splice.status()).toEqual({ loaded: false });
  });

  test('clears away what a killed up left', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    {
      using pinned = new PinnedMaps(bed.pin);
      pinned.setTraffic('drain');
    }
    expect(() => bed.splice.setMode('guarded')).toThrow(/half up or half down/);
    expect(bed.splice.up({ cgroups: [bed.cgroup] })).toMatchObject({ already: false, status: { bypass: false } });
    expect(bed.splice.mode()).toBe('guarded');
  });

  test('touches nothing in a directory that is somebody else’s', async () => {
    await using bed = new TestBed();
    await using other = new TestBed();
    other.splice.up({ cgroups: [other.cgroup] });
    // One of their names, one of ours, and one of ours on a map that is too large for what we read.
    for (const [source, name] of [
      ['endpoints', 'their_map'],
      ['endpoints', 'INTERCEPT_MAP'],
      ['endpoints', 'settings'],
    ] as const) {
      mkdirSync(bed.pin, { mode: 0o700 });
      pin(openPinned(join(other.pin, source)), join(bed.pin, name));
      expect(() => bed.splice.up({ cgroups: [bed.cgroup] })).toThrow(/somebody else's/);
      expect(() => bed.splice.status()).toThrow(/somebody else's/);
      await expect(bed.splice.down({ force: true })).rejects.toMatchObject({ code: 'PIN_OCCUPIED' });
      expect(readdirSync(bed.pin)).toEqual([name]);
      unlinkSync(join(bed.pin, name));
      rmdirSync(bed.pin);
    }
  });

  test('refuses a pin directory of another user, and closes one of its own', async () => {
    await using bed = new TestBed();
    mkdirSync(bed.pin);
    chownSync(bed.pin, 65_534, 65_534);
    expect(() => bed.splice.up({ cgroups: [bed.cgroup] })).toThrow(/belongs to another user/);
    chownSync(bed.pin, 0, 0);
    chmodSync(bed.pin, 0o777);
    bed.splice.up({ cgroups: [bed.cgroup] });
    expect(statSync(bed.pin).mode & 0o777).toBe(0o700);
  });

  test.each(['', '/sys/fs/bpf/a.b', '/'])('refuses the name %j', (name) => {
    expect(() => openSplice({ pin: name }).up()).toThrow(/cannot be a pin directory/);
  });
});

describeKernel('down', () => {
  test('leaves connections going on by TCP', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    expect(await peers.exchange(pair.client, pair.server, 5, 64)).toBe(true);
    expect(await bed.splice.down()).toEqual({ removed: 2, lostBytes: 0 });
    expect(existsSync(bed.pin)).toBe(false);
    expect(await peers.exchange(pair.client, pair.server, 5, 64)).toBe(true);
    expect(await peers.exchange(pair.server, pair.client, 5, 64)).toBe(true);
    await expect(bed.splice.down()).rejects.toMatchObject({ code: 'NOT_LOADED' });
  });

  test('names what is not read and stays; a later one finishes', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const { keys, read } = await openQueued(bed, peers);
    await expect(bed.splice.down({ timeoutMs: 50 })).rejects.toMatchObject({
      code: 'NOT_DRAINED',
      message: expect.stringContaining(`${keys.server}: ${QUEUED_BYTES} bytes`),
    });
    expect(bed.splice.status()).toMatchObject({ loaded: true, bypass: true, map: { entries: 1 } });
    expect(() => bed.splice.up({ cgroups: [bed.cgroup] })).toThrow(/not read yet/);
    expect(await read()).toBe(true);
    expect(await bed.splice.down()).toEqual({ removed: 1, lostBytes: 0 });
  });

  test('drops what is not read when it is forced to', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    await openQueued(bed, peers);
    expect(await bed.splice.down({ timeoutMs: 0, force: true })).toEqual({ removed: 2, lostBytes: QUEUED_BYTES });
  });

  test('ends when its signal aborts: everything goes by TCP, nothing is lost, and a later one finishes', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const { pair, read } = await openQueued(bed, peers);
    await expect(bed.splice.down({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(bed.splice.mode()).toBe('guarded');
    await expect(bed.splice.down({ signal: AbortSignal.timeout(400) })).rejects.toMatchObject({
      code: 'INTERRUPTED',
      message: expect.stringContaining('everything goes by TCP, and 1 entry is left'),
    });
    expect(bed.splice.condition()).toEqual({ busy: false, halfDone: true, draining: 0 });
    expect(await read()).toBe(true);
    expect(await peers.exchange(pair.client, pair.server, 2, 64)).toBe(true);
    expect(await bed.splice.down()).toEqual({ removed: 1, lostBytes: 0 });
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('on the command line, %s ends the waiting and says so', async (name) => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const { read } = await openQueued(bed, peers);
    const command = [join(ROOT, 'bin/splice.js'), 'down', '--pin', bed.pin];
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'ignore', 'pipe'] });
    await until(() => bed.splice.condition().halfDone, 'it waits for the reader');
    child.kill(name);
    const [said, [status]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect(said).toMatch(/^error\[INTERRUPTED\]: .*everything goes by TCP.*\ntry: 'splice down'/);
    expect(status).toBe(1);
    expect(run('splice', ['status', '--pin', bed.pin]).stderr).toMatch(/^warning: a command was cut short/);
    expect(await read()).toBe(true);
    expect(run('splice', ['down', '--pin', bed.pin])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^down: (1 entry|2 entries) removed\n$/),
    });
  });

  test('finishes what a killed up or down left, wherever it was cut short', async () => {
    await using bed = new TestBed();
    for (const command of ['up', 'down'] as const) {
      bed.splice.up({ cgroups: [bed.cgroup] });
      const pins = readdirSync(bed.pin).filter((name) => name !== 'settings');
      for (let removed = 1; removed <= pins.length; removed++) {
        {
          using pinned = new PinnedMaps(bed.pin);
          pinned.setTraffic('drain');
        }
        for (const name of pins.slice(0, removed)) removePin(join(bed.pin, name));
        if (command === 'up') expect(bed.splice.up({ cgroups: [bed.cgroup] }).already).toBe(false);
        else await bed.splice.down();
        if (command === 'down') bed.splice.up({ cgroups: [bed.cgroup] });
        expect(bed.splice.status()).toMatchObject({ loaded: true, bypass: false });
      }
      await bed.splice.down();
    }
  });

  test('that was cut short between its pins: status is an error, as JSON too, and the next one finishes', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    {
      using pinned = new PinnedMaps(bed.pin);
      pinned.setTraffic('drain');
    }
    unlinkSync(join(bed.pin, 'INTERCEPT_MAP6'));
    const { status, stdout, stderr } = run('splice', ['status', '--json', '--pin', bed.pin]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(
      /^error\[HALF_DONE\]: .* a command was cut short.*; everything goes by TCP\ntry: 'splice down' /,
    );
    expect(bed.splice.condition()).toEqual({ busy: false, halfDone: true, draining: 0 });
    expect(run('splice', ['down', '--pin', bed.pin])).toMatchObject({ status: 0 });
    expect(run('splice', ['status', '--json', '--pin', bed.pin]).stdout).toBe('{"loaded":false}\n');
  });

  test('removes the empty directory of an up that was killed at its start, and no other', async () => {
    await using bed = new TestBed();
    mkdirSync(bed.pin);
    const elsewhere = mkdtempSync(join(tmpdir(), 'splice-test-'));
    for (const pin of [bed.pin, elsewhere]) {
      await expect(openSplice({ pin }).down()).rejects.toMatchObject({ code: 'NOT_LOADED' });
    }
    expect([existsSync(bed.pin), existsSync(elsewhere)]).toEqual([false, true]);
    rmdirSync(elsewhere);
  });

  test('is recognised by another version of the program, which leaves it alone', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    const settings = openPinned(join(bed.pin, 'settings'));
    updateElement(settings, Buffer.alloc(4), Buffer.alloc(16, 9), BPF_ANY);
    expect(() => bed.splice.entries()).toThrow(/another version/);
    await expect(bed.splice.down()).rejects.toMatchObject({ code: 'PIN_OCCUPIED' });
    updateElement(settings, Buffer.alloc(4), Buffer.from(Uint32Array.of(LAYOUT_VERSION, 0, 0, 0).buffer), BPF_ANY);
    await bed.splice.down();
  });
});
