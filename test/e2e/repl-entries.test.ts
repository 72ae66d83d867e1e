/** Looking at a real splice with splice-repl. */
import { afterAll, expect, test } from 'vitest';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed } from '../support/kernel.ts';
import { keysOf } from '../support/peers.ts';
import { CTRL_C, prompts, ReplHome, TAB } from '../support/repl.ts';
import { keepTalking } from '../support/talk.ts';

const home = new ReplHome();
afterAll(() => home[Symbol.dispose]());

describeKernel('a real splice', () => {
  test("entries() as JSON is the contract's array, and a table at the prompt", async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const keys = keysOf(pair);
    await peers.exchange(pair.client, pair.server, 23, 64);

    const { out, status } = await home.repl('--pin', bed.pin, '-e', `entries("${keys.client}")`, '--json');
    expect(status).toBe(0);
    expect(out.trimEnd().split('\n')).toHaveLength(1);
    const none = { noPeer: 0, order: 0, backlog: 0, pair: 0, bypass: 0 };
    const entry = bed.splice.lookup(keys.client);
    expect(JSON.parse(out)).toEqual([
      {
        ...{ key: keys.client, sip: '127.0.0.1', dip: '127.0.0.1', sport: pair.client.port, dport: pair.server.port },
        ...{ keyHex: entry?.keyHex, cookie: entry?.cookie, state: 'ESTABLISHED', peer: true },
        ...{ redirects: 23, redirectBytes: 23 * 64, passes: none, queuedBytes: 0, ageMs: expect.any(Number) },
        process: { pid: peers.process.pid, comm: entry?.process?.comm },
      },
    ]);

    await using screen = home.terminal(['--pin', bed.pin]);
    await prompts(screen);
    expect(screen.text).toContain(`The splice at ${bed.pin} (guarded) has 2 entries.`);
    screen.press('entries(e => e.redirects > 0)\r');
    const ends = `127\\.0\\.0\\.1:${pair.client.port} +-> 127\\.0\\.0\\.1:${pair.server.port}`;
    await screen.shows(new RegExp(`\n${ends} .* 23 `));
    expect(Math.max(...screen.lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('Tab picks a living connection; lookup() shows its card', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const keys = keysOf(await peers.open());
    await using screen = home.terminal(['--pin', bed.pin]);
    await prompts(screen);
    // The two keys differ from the port on; typed apart, or a terminal takes it for pasted text.
    screen.press(`lookup('${keys.server.slice(0, '127.0.0.1:12345->'.length)}`);
    await screen.shows(keys.server.slice(0, 16));
    screen.press(TAB);
    await prompts(screen, `lookup('${keys.server}'`);
    screen.press(')\r');
    await screen.shows(`\n${keys.server}\n  hex `);
    await screen.shows(`reverse    ${keys.client} (present)`);
  });

  test('watch repeats in place, trace follows messages; Ctrl-C ends both without a word', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const { client, server } = keysOf(pair);
    const stop = keepTalking([
      { peers, end: pair.client },
      { peers, end: pair.server },
    ]);
    await using screen = home.terminal(['--pin', bed.pin]);
    await prompts(screen);
    screen.press(`watch("sport=${pair.client.port}", {everyMs: 100})\r`);
    const row = new RegExp(
      `127\\.0\\.0\\.1:${pair.client.port} +-> 127\\.0\\.0\\.1:${pair.server.port} +\\S+ +(\\d+)`,
      'g',
    );
    const counts = new Set<string>();
    await screen.shows(({ text }) => {
      for (const [, count = ''] of text.matchAll(row)) counts.add(count);
      return counts.size >= 2;
    });
    expect(screen.text.match(row)).toHaveLength(1);
    screen.press(CTRL_C);
    await prompts(screen);
    expect(screen.text).not.toContain('interrupted');

    screen.press('\f');
    screen.press(`trace ${client}\r`);
    await screen.shows(/\d\d:\d\d:\d\d\.\d{3} {2}-> +64 B +redirected/);
    await screen.shows(/ <- +1000 B +redirected/);
    screen.press(CTRL_C);
    await prompts(screen);
    screen.press(`why ${server}\r`);
    await screen.shows(/What it sends: spliced, for /);
    expect(await stop()).toBe(true);
  });

  test('Tab picks a key without quotes too, filter fields, methods and options', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const { server } = keysOf(await peers.open());
    await using screen = home.terminal(['--pin', bed.pin]);
    await prompts(screen);
    const completes = async (typed: string, completed: string) => {
      screen.press(typed);
      await prompts(screen, typed);
      screen.press(TAB);
      await prompts(screen, completed);
      screen.press(CTRL_C);
      await prompts(screen);
    };
    await completes(`show ${server.slice(0, '127.0.0.1:12345->'.length)}`, `show ${server}`);
    await completes('ls redirectB', 'ls redirectBytes=');
    await completes("entries('state=CLOSI", "entries('state=CLOSING");
    await completes("entries('redis').group", "entries('redis').groupBy");
    await completes("entries().sortBy('queued", "entries().sortBy('queuedBytes'");
    await completes(`del('${server}', {timeo`, `del('${server}', {timeoutMs:`);
    await completes('mode by', 'mode bypass');
  });
});
