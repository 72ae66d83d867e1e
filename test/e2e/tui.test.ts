/** splice-tui as a user sees it: on a terminal, with real spliced connections. */
import { expect, test } from 'vitest';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed } from '../support/kernel.ts';
import { selected, spliced, tui } from '../tui/running.ts';

describeKernel('the screen of splice-tui', () => {
  test('shows both ends of a connection decoded, and its 23 redirects', async () => {
    await using bed = spliced();
    await using peers = bed.peers();
    const pair = await peers.open();
    await using screen = tui(bed);
    const [client, server] = [`127.0.0.1:${pair.client.port}`, `127.0.0.1:${pair.server.port}`];

    await screen.shows(new RegExp(`${client} +-> ${server} +ESTAB +0 `));
    expect(await peers.exchange(pair.client, pair.server, 23, 64)).toBe(true);
    await screen.shows(new RegExp(`${client} +-> ${server} +ESTAB +23 +[\\d.]+ +1\\.4 KiB +0$`, 'm'));
    await screen.shows(new RegExp(`${server} +-> ${client} +ESTAB +0 +[\\d.]+ +0 B +0$`, 'm'));

    expect(screen.isAlternate).toBe(true);
    expect(screen.lines[0]).toMatch(/splice-tui {2}guarded ● redirecting/);
    expect(screen.text).toContain('redirects 23, 1.4 KiB');
    expect(screen.text).toMatch(/map INTERCEPT_MAP \(id \d+\), 2\/65536 entries/);
    expect(screen.text).toContain('passes no peer 0, order 0, backlog 0, pair 0, bypass 0');
    expect(screen.text).toContain(`cgroups ${bed.cgroup}`);
    expect(screen.text).toMatch(new RegExp(`pin ${bed.pin}   refresh every \\d+ ms`));
  });

  test('begins at the left, whatever was typed before it was there', async () => {
    await using bed = spliced();
    await using screen = tui(bed);
    screen.press('zzz');
    await screen.shows('No entries yet.');
    expect(screen.output).toContain('zzz');
    expect(screen.lines[0]).toMatch(/^ ?splice-tui {2}guarded/);
  });

  test('the selection moves with the keys and follows its entry', async () => {
    await using bed = spliced();
    await using peers = bed.peers();
    const first = await peers.open();
    const second = await peers.pair();
    await using screen = tui(bed);
    await screen.shows('1/4');

    for (const [keys, position] of [
      ['\u001b[B', '2/4'],
      ['jj', '4/4'],
      ['\u001b[B', '4/4'],
      ['\u001b[A', '3/4'],
      ['g', '1/4'],
      ['\u001b[6~', '4/4'],
      ['\u001b[5~', '1/4'],
      ['G', '4/4'],
      ['\u001b[H', '1/4'],
      ['\u001b[F', '4/4'],
    ] as const) {
      screen.press(keys);
      await screen.shows((now) => now.lines.at(-1)?.endsWith(position) === true);
    }

    const wanted = `>127.0.0.1:${second.client.port} `;
    while (!selected(screen).startsWith(wanted)) {
      const before = selected(screen);
      screen.press('k');
      await screen.shows(() => selected(screen) !== before);
    }
    await peers.close(first.client);
    await peers.close(first.server);
    await screen.shows(/ [12]\/2$/m);
    expect(selected(screen).startsWith(wanted)).toBe(true);
  });

  test('fits itself to every size, and wraps nothing', async () => {
    await using bed = spliced();
    await using peers = bed.peers();
    await peers.open();
    for (let more = 0; more < 14; more++) await peers.pair();
    await using screen = tui(bed);
    await screen.shows('1/30');

    for (const [columns, rows] of [
      [20, 5],
      [200, 50],
      [60, 10],
      [80, 24],
      [10, 2],
      [79, 30],
      [120, 12],
    ] as const) {
      screen.resize(columns, rows);
      const isFilled = () => rows < 3 || screen.lines[rows - 1]?.endsWith('1/30') === true;
      await screen.shows(() => isFilled() && screen.lines.filter((line) => line.includes('OWN END')).length === 1);
      const titles = screen.lines.findIndex((line) => line.includes('OWN END'));
      const entries = screen.lines.slice(titles + 1, rows < 3 ? rows : rows - 1);
      for (const line of entries.slice(0, 30)) expect(line).toMatch(/^[ >+*-]127\.0/);
      for (const line of screen.lines.slice(0, titles)) expect(line).not.toMatch(/127\.0\.0\.1/);
    }
  });

  test('says what to try when nothing is loaded, and follows the splice up and down', async () => {
    await using bed = new TestBed();
    await using screen = tui(bed);
    await screen.shows(`Nothing is loaded at ${bed.pin}.`);
    expect(screen.text).toContain(`try: splice up --cgroup DIR --pin ${bed.pin}`);

    bed.splice.up({ cgroups: [bed.cgroup] });
    await screen.shows('No entries yet.');
    await using peers = bed.peers();
    const pair = await peers.open();
    await screen.shows(`127.0.0.1:${pair.client.port}`);

    await bed.splice.down();
    await screen.shows('Nothing is loaded');
    expect(screen.text).not.toContain('OWN END');
    bed.splice.up({ cgroups: [bed.cgroup] });
    await screen.shows('No entries yet.');
  });

  test('NO_COLOR takes the colours away, and nothing else', async () => {
    await using bed = spliced();
    await using peers = bed.peers();
    await peers.open();
    await using plain = tui(bed, [], { env: { NO_COLOR: '1' } });
    await plain.shows('> ');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is looked for
    expect(plain.output).not.toMatch(/\u001b\[(?:[34]\d|9\d|10\d)m/);
    expect(plain.output).toContain('\u001b[7m');

    await using coloured = tui(bed);
    await coloured.shows('> ');
    expect(coloured.output).toContain('\u001b[32m● redirecting');
  });
});
