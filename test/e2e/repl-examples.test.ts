/** The example in the help of every name at the prompt, typed at a prompt of a real splice. */
import { expect, test } from 'vitest';
import { EXAMPLE_KEY } from '../../src/repl/commands/command.ts';
import { commandsOf, noSplice } from '../repl/no-splice.ts';
import { PROMPT, Prompt } from '../repl/prompt.ts';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed } from '../support/kernel.ts';
import { keysOf } from '../support/peers.ts';
import { keepTalking } from '../support/talk.ts';

describeKernel('every example', () => {
  test('can be typed as it is, and is answered', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using peers = bed.peers();
    const pair = await peers.open();
    const { client } = keysOf(pair);
    const socket = `{pid: ${peers.process.pid}, fd: ${await peers.descriptor(pair.client)}}`;
    const stop = keepTalking([
      { peers, end: pair.client },
      { peers, end: pair.server },
    ]);
    const prompt = new Prompt({ splice: bed.splice });
    await prompt.type('', PROMPT);
    for (const { name, example } of commandsOf(noSplice())) {
      const answer = await prompt.enter(example.replaceAll(EXAMPLE_KEY, client).replace('{pid: 812, fd: 7}', socket));
      expect(answer, name).not.toMatch(/error\[/);
      expect(answer.trim(), name).not.toMatch(/^(null|undefined|)$/);
    }
    await prompt.leave();
    expect(bed.splice.mode()).toBe('bypass');
    expect(await stop()).toBe(true);
  });
});
