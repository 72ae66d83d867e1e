/** up: whole or not at all, whoever else is at work or was killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { openSplice } from '../../src/core/index.ts';
import { openPinned, pin } from '../../src/core/libbpf.ts';
import { lockPins } from '../../src/core/pin-lock.ts';
import { PinnedMaps } from '../../src/core/pinned.ts';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed } from '../support/kernel.ts';
import { keysOf } from '../support/peers.ts';

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
      keptOut: { policy: 0, full: 0, keyTaken: 0, otherSockmap: 0, crowd: 0, options: 0, reused: 0 },
    });
    expect(statSync(bed.pin).mode & 0o777).toBe(0o700);
    expect(bed.splice.up({ cgroups: [bed.cgroup], maxEntries: 100 })).toEqual({ already: true, warnings: [], status });
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

  test("obeys no pin directory of another user's, however much of a splice is in it", async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    const names = readdirSync(bed.pin);
    const refusals = async (why: RegExp, pin = bed.pin) => {
      using splice = openSplice({ pin });
      for (const act of [
        () => splice.status(),
        () => splice.entries(),
        () => splice.mode(),
        () => splice.setMode('bypass'),
        () => splice.events(),
        () => splice.adopt(),
        () => splice.up({ cgroups: [bed.cgroup] }),
        () => splice.down({ force: true }),
      ]) {
        await expect((async () => act())()).rejects.toMatchObject({
          code: 'PIN_OCCUPIED',
          message: expect.stringMatching(why),
        });
      }
    };
    chownSync(bed.pin, 65_534, 65_534);
    await refusals(/belongs to another user \(uid 65534\)/);
    chownSync(bed.pin, 0, 0);
    chmodSync(bed.pin, 0o770);
    await refusals(/others may write to it/);
    chmodSync(bed.pin, 0o700);
    const folder = mkdtempSync(join(tmpdir(), 'splice-test-'));
    symlinkSync(bed.pin, join(folder, 'link'));
    symlinkSync(dirname(bed.pin), join(folder, 'way'));
    await refusals(/it is not a directory/, join(folder, 'link'));
    await refusals(/a symbolic link is on the way to it/, join(folder, 'way', bed.name));
    rmSync(folder, { recursive: true });
    expect(readdirSync(bed.pin)).toEqual(names);
    expect(bed.splice.mode()).toBe('guarded');
  });

  test.each(['', '/sys/fs/bpf/a.b', '/'])('refuses the name %j', (name) => {
    expect(() => openSplice({ pin: name }).up()).toThrow(/cannot be a pin directory/);
  });
});
