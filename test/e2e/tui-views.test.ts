/** The detail and events views, and recordings, with real spliced connections. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { SockKey } from '../../src/core/index.ts';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed } from '../support/kernel.ts';
import { ROOT, run } from '../support/run.ts';
import { Screen, type ScreenOptions } from '../tui/screen.ts';

const BIN = join(ROOT, 'bin/splice-tui.js');
const folder = mkdtempSync(join(tmpdir(), 'splice-views-'));

afterAll(() => rmSync(folder, { recursive: true }));

function tui(bed: TestBed, args: readonly string[] = [], options: ScreenOptions = {}): Screen {
  return new Screen([process.execPath, BIN, '--pin', bed.pin, ...args], { columns: 100, rows: 80, ...options });
}

function spliced(): TestBed {
  const bed = new TestBed();
  bed.splice.up({ cgroups: [bed.cgroup] });
  return bed;
}

/** Boxes and lines that are lit on a screen without colours, too. */
const DIRECT = /━+▶/;
const BY_TCP = /┫ TCP ┣━+┫ IP ┣━+┫ loopback ┣━+┫ IP ┣━+┫ TCP ┣/;

describeKernel('the detail view', () => {
  test('has the bytes of the key as the map has them, and the entry that the reverse key finds', async () => {
    await using bed = spliced();
    await using peers = bed.peers();
    const pair = await peers.open();
    await using screen = tui(bed);
    await screen.shows('OWN END');
    await screen.shows(/>127\.0\.0\.1/);
    screen.press('\r');
    await screen.shows('KEY  as INTERCEPT_MAP');
    await screen.shows('finds the entry of cookie');

    const [own] = /^ 127\.0\.0\.1:\d+ -> 127\.0\.0\.1:\d+/m.exec(screen.text) ?? [''];
    const key = SockKey.from(own.trim().replace(' -> ', '->'));
    expect([pair.client.port, pair.server.port]).toContain(key.sport);
    const entry = bed.splice.lookup(key);
    const peer = bed.splice.peer(key);
    const stored = (entry?.keyHex ?? '').replace(/../g, '$& ').trim();
    expect(screen.text.replace(/ {2,}/g, ' ')).toContain(stored);
    expect(screen.text).toContain(`finds the entry of cookie ${peer?.cookie}, ESTABLISHED`);
    await screen.shows(new RegExp(`OWNER\\n this end {2}${entry?.process?.pid} `));
    expect(screen.text).toMatch(/command \/\S+\/node/);
  });

  test('lights what the counters did in the last second, and nothing else', async () => {
    await using bed = spliced();
    await using peers = bed.peers();
    const pair = await peers.open();
    await using screen = tui(bed);
    await screen.shows(/>127\.0\.0\.1/);
    screen.press('\r');
    await screen.shows('nothing redirected');
    expect(screen.text).toMatch(/┤ TCP ├─+┤ IP ├─+┤ loopback ├─+┤ IP ├─+┤ TCP ├/);
    expect(screen.text).not.toMatch(/[━┃▶]/);

    const isClient = screen.text.includes(` 127.0.0.1:${pair.client.port} -> `);
    const [from, to] = isClient ? [pair.client, pair.server] : [pair.server, pair.client];
    expect(await peers.exchange(from, to, 7, 64)).toBe(true);
    await screen.shows('7 redirected, 448 B');
    expect(screen.text).toMatch(DIRECT);
    expect(screen.text).not.toMatch(BY_TCP);
    await screen.shows('nothing redirected');
    expect(screen.text).not.toMatch(DIRECT);

    screen.press(' ');
    await screen.shows('○ BYPASS');
    expect(await peers.exchange(from, to, 3, 64)).toBe(true);
    await screen.shows('3 by TCP: bypass 3');
    expect(screen.text).toMatch(BY_TCP);
    expect(screen.text).not.toMatch(DIRECT);

    await screen.shows(/EVENTS {2}of this connection\n[\s\S]*this end {2}fell back to TCP: bypass/);
  });

  test('says when the entry goes away, and goes back to the table', async () => {
    await using bed = spliced();
    const peers = bed.peers();
    await peers.open();
    await using screen = tui(bed);
    await screen.shows(/>127\.0\.0\.1/);
    screen.press('\r');
    await screen.shows('nothing redirected');
    await peers[Symbol.asyncDispose]();
    await screen.shows('gone: its socket is closed');
    screen.press('\u001b');
    await screen.shows('No entries yet.');
  });
});

describeKernel('the events view', () => {
  test('tells what happens to connections, as it happens', async () => {
    await using bed = spliced();
    await using screen = tui(bed);
    await screen.shows('No entries yet.');
    screen.press('e');
    await screen.shows('None yet');

    await using peers = bed.peers();
    const pair = await peers.open();
    const [client, server] = [`127.0.0.1:${pair.client.port}`, `127.0.0.1:${pair.server.port}`];
    await screen.shows(new RegExp(`opened +${client} -> ${server}`));
    await screen.shows(new RegExp(`opened +${server} -> ${client}`));
    await peers.exchange(pair.client, pair.server, 1, 64);
    await screen.shows(new RegExp(`first redirect +${client} -> ${server}`));
    bed.splice.setMode('bypass');
    await peers.exchange(pair.client, pair.server, 1, 64);
    await screen.shows(new RegExp(`fell back to TCP: bypass +${client} -> ${server}`));
    bed.splice.setMode('guarded');
    await peers.exchange(pair.client, pair.server, 1, 64);
    await screen.shows(new RegExp(`redirects again +${client} -> ${server}`));
    await peers[Symbol.asyncDispose]();
    await screen.shows(new RegExp(`closed +${client} -> ${server}`));
  });
});

describeKernel('--record', () => {
  test('writes what is seen, for its owner alone, and --replay shows it', async () => {
    const path = join(folder, 'seen.jsonl');
    await using bed = spliced();
    await using peers = bed.peers();
    const pair = await peers.open();
    {
      await using screen = tui(bed, ['--record', path]);
      await screen.shows('● recording to seen.jsonl');
      await peers.exchange(pair.client, pair.server, 23, 64);
      await screen.shows(/ 23 +[\d.]+ +1\.4 KiB /);
      // What was seen last is written; that it is shown again proves it.
      screen.press('q');
      expect(await screen.ends()).toBe(0);
    }
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const again = run('splice-tui', ['--replay', path, '--once'], { unprivileged: true });
    expect(again.stdout).toMatch(
      new RegExp(`^127.0.0.1:${pair.client.port} +-> 127.0.0.1:${pair.server.port} .* 23 `, 'm'),
    );
  });

  test('is refused where there is a file already, before the screen is taken', async () => {
    const path = join(folder, 'there.jsonl');
    writeFileSync(path, 'precious');
    await using bed = spliced();
    await using screen = tui(bed, ['--record', path]);
    expect(await screen.ends()).toBe(1);
    expect(screen.text).toMatch(/error\[FILE_NOT_WRITTEN\]: .* is there already/);
    expect(screen.output).not.toContain('\u001b[?1049h');
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });

  test('ends when the disk is full: the view goes on, and the exit status tells', async () => {
    await using bed = spliced();
    await using peers = bed.peers();
    const pair = await peers.open();
    const script = `
      mount -t tmpfs -o size=4096 none "$1"
      status=0
      "$2" "$3" --pin "$4" --interval 50 --record "$1/full.jsonl" || status=$?
      "$2" "$3" --replay "$1/full.jsonl" --once | head -n 1
      exit $status
    `;
    const values = [folder, process.execPath, BIN, bed.pin];
    await using screen = new Screen(['unshare', '--mount', '--', 'sh', '-ec', script, 'sh', ...values], {
      columns: 120,
      rows: 30,
    });
    for (let times = 0; times < 3000 && !screen.text.includes('○ the recording ended'); times++) {
      await peers.exchange(pair.client, pair.server, 1, 64);
      await sleep(10);
    }
    await screen.shows('○ the recording ended');
    await screen.shows(/>127\.0\.0\.1/);
    screen.press('q');
    expect(await screen.ends()).toBe(1);
    expect(screen.text).toMatch(/error\[FILE_NOT_WRITTEN\]: ENOSPC/);
    expect(screen.text).toContain('OWN END');
  });
});
