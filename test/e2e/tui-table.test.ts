/** The table of splice-tui: what is in it, in which order, and how it fits. */
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { describeKernel } from '../setup/kernel-gate.ts';
import { type Peers, spawnInCgroup } from '../support/peers.ts';
import { ownPorts, selected, spliced, tui } from '../tui/running.ts';

/** One connection with nothing sent, one with 3 messages, one with 8; the ports of their clients. */
async function threeConnections(peers: Peers) {
  const quiet = await peers.open();
  const some = await peers.pair();
  const many = await peers.pair();
  await peers.exchange(some.client, some.server, 3, 64);
  await peers.exchange(many.client, many.server, 8, 4096);
  return { quiet, some, many, server: quiet.server.port, all: [quiet, some, many].map(({ client }) => client.port) };
}

describeKernel('the table of splice-tui', () => {
  test('a filter is applied while one types, says what is wrong where it is wrong, and goes back with Esc', async () => {
    await using bed = spliced();
    await using peers = bed.peers();
    const { many, all, server } = await threeConnections(peers);
    await using screen = tui(bed, [], { columns: 120, rows: 40 });
    await screen.shows('1/6');

    screen.press(`/dport=${server} redirects>=8`);
    await screen.shows('1/1 of 6');
    expect(ownPorts(screen)).toEqual([many.client.port]);
    expect(screen.lines.at(-2)).toMatch(new RegExp(`^ filter: dport=${server} redirects>=8 +1/1 of 6$`));

    screen.press('x');
    await screen.shows((now) => now.lines.at(-1)?.trimStart().startsWith('^') === true);
    const place = screen.lines.at(-1)?.indexOf('^') ?? -1;
    expect(screen.lines.at(-2)?.slice(place)).toMatch(/^8x /);
    expect(ownPorts(screen)).toEqual([many.client.port]);
    screen.press('\r');
    await screen.shows('^');

    screen.press('\u007f\r');
    await screen.shows(/q quit .* 1\/1 of 6$/);
    expect(screen.text).toContain(`filter dport=${server} redirects>=8 `);

    screen.press('/ and pid=1');
    await screen.shows('None of the 6 entries fits the filter.');
    screen.press('\u001b');
    await screen.shows('1/1 of 6');
    screen.press('\u001b');
    await screen.shows(/ \d\/6$/m);
    expect(ownPorts(screen)).toEqual(expect.arrayContaining(all));
  });

  test('s and S sort over the columns on screen; the selection follows its entry', async () => {
    await using bed = spliced();
    await using peers = bed.peers();
    const { some, many, all, server } = await threeConnections(peers);
    await using screen = tui(bed, ['--filter', 'dport<1 or sport<1 or redirects>0']);
    await screen.shows('1/2 of 6');
    const ports = (wanted: number[]) => screen.shows(() => String(ownPorts(screen)) === String(wanted));

    screen.press('ssss');
    await screen.shows('sort redirects ▼');
    expect(screen.text).toContain('▼REDIRECTS');
    await ports([many.client.port, some.client.port]);
    screen.press('g');
    await screen.shows(() => selected(screen).includes(`127.0.0.1:${many.client.port} ->`));
    screen.press('S');
    await screen.shows('▲REDIRECTS');
    await ports([some.client.port, many.client.port]);
    await screen.shows('2/2 of 6');
    expect(selected(screen)).toContain(`127.0.0.1:${many.client.port} ->`);

    screen.press('ssss');
    await screen.shows(() => !/sort .* [▲▼]/.test(screen.text));
    screen.press('\u001b');
    await screen.shows(/ \d\/6$/m);
    screen.press('s');
    await screen.shows('sort own end ▲');
    const sorted = [...all, server, server, server].sort((a, b) => a - b);
    await ports(sorted);
  });

  test('p folds both ends of a connection into one row', async () => {
    await using bed = spliced();
    await using peers = bed.peers();
    const pair = await peers.open();
    await peers.exchange(pair.client, pair.server, 5, 64);
    await peers.exchange(pair.server, pair.client, 2, 1024);
    await using screen = tui(bed, [], { columns: 200, rows: 50 });
    await screen.shows('1/2');
    screen.press('p');
    await screen.shows('1/1');
    const { pid } = peers.process;
    await screen.shows(`${pid} `);
    expect(screen.text).toMatch(/OWN END .* PROCESSES .* REDIR → .*← REDIR .* P99/);
    const ends = `127.0.0.1:${pair.client.port} +<> 127.0.0.1:${pair.server.port}`;
    expect(selected(screen)).toMatch(
      new RegExp(`${ends} +ESTABLISHED +${pid} \\S+ <> ${pid} \\S+ .* 5 +2 .* 320 B +2\\.0 KiB`),
    );
    screen.press('p');
    await screen.shows('1/2');
  });

  test('marks what is new, what just sent something, and what is gone', async () => {
    await using bed = spliced();
    await using peers = bed.peers();
    const pair = await peers.open();
    await using screen = tui(bed, ['--interval', '100'], { columns: 120, rows: 40 });
    const line = (port: number) => screen.lines.find((one) => one.slice(1).startsWith(`127.0.0.1:${port} `)) ?? '';
    await screen.shows(() => line(pair.server.port).startsWith(' '));

    const later = await peers.pair();
    await screen.shows(() => line(later.client.port).startsWith('+'));
    await screen.shows(() => line(later.client.port).startsWith(' '));
    await peers.exchange(later.client, later.server, 3, 64);
    await screen.shows(() => line(later.client.port).startsWith('*'));
    await screen.shows(() => line(later.client.port).startsWith(' '));
    await peers.close(later.client);
    await peers.close(later.server);
    await screen.shows(() => line(later.client.port).startsWith('-'));
    await screen.shows(() => line(later.client.port) === '' && screen.text.includes('1/2'));
  });

  test.each([
    [80, 24, /^ OWN END +PEER END +STATE +REDIRECTS +RATE\/s +BYTES +PASSES *$/],
    [120, 40, /^ OWN END +PEER END +STATE +PROCESS +REDIRECTS +RATE\/s +BYTES +PASSES REASON +P50 *$/],
    [
      200,
      50,
      /^ OWN END +PEER END +STATE +PROCESS +CGROUP +REDIRECTS +RATE\/s +BYTES +PASSES REASON +QUEUED +P50 +P99 +AGE *$/,
    ],
  ])('fills %d × %d with what has room there', async (columns, rows, titles) => {
    await using bed = spliced();
    await using peers = bed.peers();
    const pair = await peers.open();
    await using screen = tui(bed, [], { columns, rows });
    await screen.shows('1/2');
    for (let turn = 0; turn < 3; turn++) {
      await peers.exchange(pair.client, pair.server, 1, 64);
      await peers.exchange(pair.server, pair.client, 1, 64);
    }
    await screen.shows(/last minute .*[▁-█] +turnaround p50 - by TCP, [\d.]+[µm]s spliced/);
    await screen.shows('100% ');
    expect(screen.lines.find((line) => line.includes('OWN END'))).toMatch(titles);
    expect(screen.lines.at(-1)).toMatch(/^ q quit .* 1\/2$/);
    if (columns === 200) expect(selected(screen)).toContain(`${peers.process.pid} `);
    if (columns === 200) expect(selected(screen)).toContain(` ${bed.name} `);
  });

  test('shows processes where there is room, without what is hostile in their names', async () => {
    await using bed = spliced();
    const script = `
      process.title = '\\x1b[2J\\x1b[31mevil';
      const server = require('net').createServer().listen(0, '127.0.0.1', () => {
        require('net').connect(server.address().port, '127.0.0.1');
      });
      process.stdin.on('end', () => process.exit()).resume();
    `;
    const child = spawnInCgroup(bed.cgroup, [process.execPath, '-e', script], { stdio: ['pipe', 'ignore', 'inherit'] });
    try {
      await using screen = tui(bed, [], { columns: 200, rows: 50 });
      await screen.shows(`${child.pid} \\x1b[2J\\x1b[31m`);
      screen.press('/comm~x1b\r');
      await screen.shows('1/2 of 2');
      screen.press('p');
      await screen.shows(`${child.pid} \\x1b[2J\\x1b[31m`);
      expect(screen.lines[0]).toContain('splice-tui');
      expect(screen.output).not.toContain('\u001b[2J');
    } finally {
      child.stdin?.end();
      await once(child, 'exit');
    }
  });

  test('a filter on the command line is in force from the begin, and a bad one is refused', async () => {
    await using bed = spliced();
    await using peers = bed.peers();
    const pair = await peers.open();
    await using screen = tui(bed, ['--filter', `sport=${pair.client.port}`]);
    await screen.shows('1/1 of 2');
    await using refused = tui(bed, ['--filter', 'port=many']);
    expect(await refused.ends()).toBe(2);
    expect(refused.text).toContain("error[BAD_FILTER]: 'port' is a number from 0 to 65535, not 'many'");
    expect(refused.isAlternate).toBe(false);
  });
});
