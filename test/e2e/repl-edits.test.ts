/** Editing a real splice with splice-repl, while traffic runs. */
import { afterAll, expect, test } from 'vitest';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed } from '../support/kernel.ts';
import { keysOf } from '../support/peers.ts';
import { openQueued, QUEUED_BYTES } from '../support/queued.ts';
import { CTRL_C, CTRL_D, prompts, ReplHome } from '../support/repl.ts';
import { keepTalking } from '../support/talk.ts';

const home = new ReplHome();
afterAll(() => home[Symbol.dispose]());

describeKernel('a real splice', () => {
  test('del and put take a connection out and in again, and every byte arrives', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const keys = keysOf(pair);
    const fd = await peers.descriptor(pair.server);
    const stop = keepTalking([
      { peers, end: pair.client },
      { peers, end: pair.server },
    ]);
    await using screen = home.terminal(['--pin', bed.pin], { columns: 150 });
    await prompts(screen);

    screen.press(`del('${keys.server}')\r`);
    await screen.shows(`From now on ${keys.client} sends to it by TCP.`);
    await screen.shows(`${keys.server} was removed, and no byte was lost`);
    await screen.shows(`put('${keys.server}', {pid: ${peers.process.pid}, fd: ${fd}})`);
    expect(bed.splice.lookup(keys.server)).toBeNull();
    screen.press(`add ${keys.client} ${peers.process.pid} ${fd}\r`);
    await screen.shows(/error\[WRONG_SOCKET\]: .* is not .* but the other end/);
    screen.press('\f');
    screen.press(`add ${keys.server} ${peers.process.pid} ${fd}\r`);
    await screen.shows(`\n${keys.server}\n  hex `);
    await screen.shows('Its peer redirects to it as soon as it has read one message that came by TCP.');
    expect(bed.splice.lookup(keys.client)?.peer).toBe(true);
    const before = bed.splice.lookup(keys.client)?.redirects ?? 0;
    await screen.shows(() => (bed.splice.lookup(keys.client)?.redirects ?? 0) > before);
    expect(await stop()).toBe(true);
  });

  test('undo() takes del, put and the mode back, the last one first', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const keys = keysOf(pair);
    const stop = keepTalking([
      { peers, end: pair.client },
      { peers, end: pair.server },
    ]);
    await using screen = home.terminal(['--pin', bed.pin], { columns: 150 });
    await prompts(screen);
    const enter = async (line: string, answer: string | RegExp) => {
      screen.press('\f');
      screen.press(`${line}\r`);
      await screen.shows(answer);
      await prompts(screen);
    };
    await enter(`rm ${keys.client}`, 'no byte was lost');
    await enter('mode bypass', 'Every message goes by TCP from now on');
    expect(bed.splice.mode()).toBe('bypass');
    await enter('undo()', "Taking back mode('bypass').\nThe mode is guarded again.");
    expect(bed.splice.mode()).toBe('guarded');
    await enter('undo()', `${keys.client} has its entry again`);
    expect(bed.splice.lookup(keys.client)?.peer).toBe(true);
    await enter('undo()', 'error[NOT_UNDONE]: no edit of this session is left to take back');

    await enter(`rm ${keys.client}`, 'no byte was lost');
    const fd = await peers.descriptor(pair.client);
    await enter(`put('${keys.client}', {pid: ${peers.process.pid}, fd: ${fd}})`, 'undo() removes it again');
    await enter('undo()', `${keys.client} was removed again, and no byte was lost.`);
    expect(bed.splice.lookup(keys.client)).toBeNull();
    await enter('undo()', `${keys.client} has its entry again`);
    expect(await stop()).toBe(true);

    await enter(`rm ${keys.client}`, 'no byte was lost');
    await peers.close(pair.client);
    await enter('undo()', 'error[NOT_UNDONE]: ');
    await screen.shows('its connection has ended');
  });

  test('adopt() takes old connections in, undo() lets them go, and no byte is lost', async () => {
    await using bed = new TestBed();
    await using peers = bed.peers();
    const pair = await peers.open();
    bed.splice.up({ cgroups: [bed.cgroup] });
    const stop = keepTalking([
      { peers, end: pair.client },
      { peers, end: pair.server },
    ]);
    const typed = 'adopt()\nawait undo()\nentries().length\nadopt()\n';
    const { out, err, status } = await home.pipe(typed, '--pin', bed.pin, '--json');
    expect({ err, status }).toEqual({ err: '', status: 0 });
    const keys = Object.values(keysOf(pair));
    const adopted = {
      adopted: 1,
      keys: expect.toSatisfy((all: string[]) => all.toSorted().join() === keys.toSorted().join()),
    };
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([{ ...adopted, skipped: [] }, { undone: 'adopt()' }, 0, adopted]);
    expect(await stop()).toBe(true);
    expect(
      bed.splice
        .entries()
        .map(({ key }) => key)
        .toSorted(),
    ).toEqual(keys.toSorted());
  });

  test('del says how many bytes nobody reads; Ctrl-C stops it, and the entry stays', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const { keys, read } = await openQueued(bed, peers);
    await using screen = home.terminal(['--pin', bed.pin], { columns: 200 });
    await prompts(screen);
    screen.press(`del('${keys.server}', {timeoutMs: 50})\r`);
    await screen.shows(`error[NOT_DRAINED]: ${QUEUED_BYTES} `);

    screen.press('\f');
    screen.press(`rm ${keys.server}\r`);
    await screen.shows('when all is read, the entry goes');
    screen.press(CTRL_C);
    await screen.shows(`error[INTERRUPTED]: the removal of ${keys.server} was interrupted; the entry stays`);
    await prompts(screen);
    expect(bed.splice.lookup(keys.server)).toMatchObject({ queuedBytes: QUEUED_BYTES });

    screen.press(`del('${keys.server}'); 6 * 7\r`);
    await screen.shows('\n42\n');
    screen.press(CTRL_D);
    await screen.shows('Waiting for the end of an edit');
    expect(await read()).toBe(true);
    expect(await screen.ends()).toBe(0);
    expect(bed.splice.entries().map((entry) => entry.key)).toEqual([keys.client]);
  });

  test('a forced del says how many bytes are lost, and that undo() does not bring them back', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const { keys } = await openQueued(bed, peers);
    await using screen = home.terminal(['--pin', bed.pin], { columns: 200 });
    await prompts(screen);
    screen.press(`rm ${keys.server} force\r`);
    await screen.shows(`${keys.server} was removed, and ${QUEUED_BYTES} bytes were LOST`);
    screen.press('undo()\r');
    await screen.shows(`The ${QUEUED_BYTES} bytes that were dropped do not come back.`);
    expect(bed.splice.lookup(keys.server)).not.toBeNull();
  });

  test('mode() flips the switch, and status() tells', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    const expressions = ['mode()', "mode('bypass')", 'status().bypass', 'mode', 'mode guarded'];
    const flipped = await home.repl('--pin', bed.pin, ...expressions.flatMap((one) => ['-e', one]), '--json');
    expect(flipped).toEqual({ out: '"guarded"\n"bypass"\ntrue\n"bypass"\n"guarded"\n', err: '', status: 0 });
    expect(await home.repl('--pin', bed.pin, '-e', "mode('fast')")).toMatchObject({
      status: 1,
      err: expect.stringMatching(/^error\[BAD_MODE\]: /),
    });
  });
});
