/** down: nothing is lost, and what cannot be finished says so. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { openSplice } from '../../src/core/index.ts';
import { LAYOUT_VERSION } from '../../src/core/layout.ts';
import { openPinned } from '../../src/core/libbpf.ts';
import { BPF_ANY, updateElement } from '../../src/core/map-elements.ts';
import { PinnedMaps } from '../../src/core/pinned.ts';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed, until } from '../support/kernel.ts';
import { openQueued, QUEUED_BYTES } from '../support/queued.ts';
import { ROOT, run } from '../support/run.ts';

/** Removes a pin, or the place of a reader of events. */
function removePin(path: string): void {
  if (lstatSync(path).isDirectory()) rmdirSync(path);
  else unlinkSync(path);
}

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
    expect(bed.splice.condition()).toEqual({ busy: false, halfDone: true, draining: 0, removedCgroups: 0 });
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
      // Every second place: each of the two has the others' neighbours.
      for (let removed = command === 'up' ? 1 : 2; removed <= pins.length; removed += 2) {
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
    expect(bed.splice.condition()).toEqual({ busy: false, halfDone: true, draining: 0, removedCgroups: 0 });
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
