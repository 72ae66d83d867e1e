/** What the keys of splice-tui change, in the kernel and elsewhere. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeKernel } from '../setup/kernel-gate.ts';
import { keysOf } from '../support/peers.ts';
import { selected, spliced, tui } from '../tui/running.ts';

describeKernel('the keys of splice-tui', () => {
  test('space flips the bypass and m chooses; the header tells what goes by TCP, and how long it takes', async () => {
    await using bed = spliced();
    await using peers = bed.peers();
    const pair = await peers.open();
    await using screen = tui(bed);
    await screen.shows('● redirecting');
    const pingPong = async () => {
      for (let turn = 0; turn < 5; turn++) {
        await peers.exchange(pair.client, pair.server, 1, 64);
        await peers.exchange(pair.server, pair.client, 1, 64);
      }
    };

    screen.press(' ');
    await screen.shows('○ BYPASS, all by TCP');
    expect(bed.splice.mode()).toBe('bypass');
    await pingPong();
    await screen.shows('bypass 10');
    screen.press(' ');
    await screen.shows('● redirecting');
    expect(bed.splice.mode()).toBe('guarded');
    await pingPong();
    await screen.shows(/turnaround p50 [\d.]+[µm]s by TCP, [\d.]+[µm]s spliced, [\d.]+×/);

    screen.press('m');
    await screen.shows('Mode:   b bypass, all by TCP   g guarded, redirecting   Esc as it is');
    screen.press('b');
    await screen.shows('○ BYPASS');
    screen.press('mg');
    await screen.shows('● redirecting');
    screen.press('m\u001b');
    await screen.shows('q quit');
    expect(bed.splice.mode()).toBe('guarded');
  });

  test('d takes an entry out after a question, without losing a byte', async () => {
    await using bed = spliced();
    await using peers = bed.peers();
    const pair = await peers.open();
    const { client, server } = keysOf(pair);
    await using screen = tui(bed, [], { columns: 120, rows: 40 });
    await screen.shows('1/2');
    screen.press(`/sport=${pair.server.port}\r`);
    await screen.shows('1/1 of 2');

    screen.press('d');
    await screen.shows(`Take ${server} out of the map?`);
    screen.press('n');
    await screen.shows('1/1 of 2');
    expect(bed.splice.lookup(server)).not.toBeNull();

    await peers.send(pair.client, 3, 64);
    screen.press('dy');
    await screen.shows(`removing ${server}: waiting until its queue is read`);
    expect(await peers.receive(pair.server, 3, 64)).toEqual({ bytes: 192, equal: true });
    await screen.shows(`removed ${server}`);
    expect(bed.splice.entries().map(({ key }) => key)).toEqual([client]);
    await screen.shows('None of the 1 entries fits the filter.');
  });

  test('q while an entry is being taken out leaves it as it was: it is redirected to again', async () => {
    await using bed = spliced();
    await using peers = bed.peers();
    const pair = await peers.open();
    const { client, server } = keysOf(pair);
    await using screen = tui(bed, ['--filter', `sport=${pair.server.port}`], { columns: 120, rows: 40 });
    await screen.shows('1/1 of 2');
    await peers.send(pair.client, 3, 64);
    screen.press('dy');
    await screen.shows(`removing ${server}`);
    expect(bed.splice.condition()).toMatchObject({ busy: true, draining: 1 });
    screen.press('q');
    expect(await screen.ends()).toBe(0);
    expect(bed.splice.condition()).toEqual({ busy: false, halfDone: false, draining: 0, removedCgroups: 0 });
    expect(await peers.receive(pair.server, 3, 64)).toEqual({ bytes: 192, equal: true });
    expect(await peers.exchange(pair.client, pair.server, 2, 64)).toBe(true);
    expect(bed.splice.lookup(client)?.redirects).toBe(5);
  });

  test('d says what core refuses, and goes on', async () => {
    await using bed = spliced();
    await using peers = bed.peers();
    const pair = await peers.open();
    await using screen = tui(bed, ['--filter', `sport=${pair.client.port}`], { columns: 200, rows: 24 });
    await screen.shows('1/1 of 2');
    screen.press('d');
    await screen.shows('out of the map?');
    await peers.close(pair.client);
    await peers.close(pair.server);
    screen.press('y');
    await screen.shows('error[NO_ENTRY]');
    screen.press('j');
    await screen.shows('q quit');
  });

  test('a adopts the connections that were there before', async () => {
    await using bed = spliced();
    await bed.splice.down();
    await using peers = bed.peers();
    await peers.open();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using screen = tui(bed);
    await screen.shows('Those that were there before come in with a.');
    screen.press('a');
    await screen.shows('adopted 1 connections');
    await screen.shows('127.0.0.1:');
    expect(bed.splice.entries()).toHaveLength(2);
  });

  test('y hands the key to the terminal, w writes the rows, P freezes the screen', async () => {
    await using bed = spliced();
    await using peers = bed.peers();
    const pair = await peers.open();
    const { client } = keysOf(pair);
    const folder = mkdtempSync(join(tmpdir(), 'splice-tui-'));
    try {
      await using screen = tui(bed, ['--filter', `sport=${pair.client.port}`]);
      await screen.shows('1/1 of 2');
      screen.press('y');
      await screen.shows(`asked the terminal to copy ${client}`);
      expect(screen.output).toContain(`\u001b]52;c;${Buffer.from(client).toString('base64')}\u0007`);

      const path = join(folder, 'rows.json');
      screen.press(`w\u0015${path}\r`);
      await screen.shows(`wrote 1 entries to`);
      expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject([
        { key: client, process: { pid: peers.process.pid } },
      ]);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      screen.press(`w\u0015${path}\r`);
      await screen.shows('is there already');
      screen.press('\u001b');
      await screen.shows('q quit');

      screen.press('P');
      await screen.shows('PAUSED');
      await peers.exchange(pair.client, pair.server, 7, 64);
      expect(selected(screen)).toMatch(/ESTAB +0 /);
      screen.press('P');
      await screen.shows(() => / ESTAB +7 /.test(selected(screen)));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('--read-only takes every key away that changes something', async () => {
    await using bed = spliced();
    await using peers = bed.peers();
    await peers.open();
    await using screen = tui(bed, ['--read-only'], { columns: 200, rows: 50 });
    await screen.shows('1/2');
    expect(screen.text).toContain('read-only');
    expect(screen.lines.at(-1)).toMatch(/ q quit .* p pairs .* y copy key/);
    expect(screen.lines.at(-1)).not.toMatch(/bypass|mode|delete|adopt/);

    screen.press(' mdyaj');
    await screen.shows(' 2/2');
    expect(bed.splice.mode()).toBe('guarded');
    expect(bed.splice.entries()).toHaveLength(2);
    expect(screen.text).not.toMatch(/Mode:|out of the map/);
  });
});

describeKernel('the mouse in splice-tui', () => {
  const report = (button: number, x: number, y: number, end = 'M') => `\u001b[<${button};${x + 1};${y + 1}${end}`;

  test('a click selects, the wheel scrolls, a click on a title sorts', async () => {
    await using bed = spliced();
    await using peers = bed.peers();
    await peers.open();
    for (let more = 0; more < 14; more++) await peers.pair();
    await using screen = tui(bed);
    await screen.shows('1/30');
    const titles = screen.lines.findIndex((line) => line.includes('OWN END'));
    const clicked = screen.lines[titles + 4]?.slice(1, 20) ?? '';

    screen.press(report(0, 12, titles + 4) + report(0, 12, titles + 4, 'm'));
    await screen.shows('4/30');
    expect(selected(screen).slice(1, 20)).toBe(clicked);
    screen.press(report(65, 5, 12).repeat(2));
    await screen.shows('10/30');
    screen.press(report(64, 5, 12));
    await screen.shows('7/30');
    screen.press(report(0, 30, 3) + report(2, 30, titles + 2));
    screen.press(report(0, screen.lines[titles]?.indexOf('PEER') ?? 0, titles));
    await screen.shows('sort peer end ▲');
    screen.press(report(0, screen.lines[titles]?.indexOf('PEER') ?? 0, titles));
    await screen.shows('sort peer end ▼');
    expect(screen.text).toContain('▼PEER END');
  });

  test('is left to the terminal with --no-mouse, and given back at the end', async () => {
    await using bed = spliced();
    await using without = tui(bed, ['--no-mouse']);
    await without.shows('No entries yet.');
    without.press('q');
    await without.ends();
    expect(without.output).not.toContain('\u001b[?1000h');

    await using screen = tui(bed);
    await screen.shows('No entries yet.');
    await screen.shows(() => screen.hasMouse);
    screen.press('q');
    expect(await screen.ends()).toBe(0);
    expect(screen.hasMouse).toBe(false);
  });
});
