/** docs/repl.md: its dialogues are typed again, against real traffic, and what is answered is compared. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { PROMPT, Prompt } from '../repl/prompt.ts';
import { describeKernel } from '../setup/kernel-gate.ts';
import { patience } from '../setup/patience.ts';
import { TestBed } from '../support/kernel.ts';
import { ROOT } from '../support/run.ts';
import { keepTalking, type Talker } from '../support/talk.ts';

/** What stands in the documentation, and what it is in the test. */
type Names = readonly (readonly [documented: string, live: string])[];

/** Lines that only look: they may be typed again until the traffic has come so far. */
const ONLY_LOOKS = /^(ls|show|why|diff|entries|bytes|rev|help)\b/;
const PATIENCE_MS = patience(15_000);

interface Turn {
  line: string;
  answer: string;
}

/** The lines typed in the documentation, each with the answer under it. */
function turnsOf(markdown: string): Turn[] {
  const blocks = [...markdown.matchAll(/```text\n(splice> [\s\S]*?)```/g)].map(([, block = '']) => block);
  return blocks
    .join('')
    .split(/^splice> /m)
    .slice(1)
    .map((turn) => {
      const end = turn.indexOf('\n');
      return { line: turn.slice(0, end), answer: turn.slice(end + 1) };
    });
}

/** Where figures differ from run to run, and blanks and breaks with them. */
function comparable(text: string): string {
  return text
    .replace(/\b\d+(\.\d+)?( ?(B|KiB|MiB|ms|s)\b|m\d\ds)/g, '#')
    .replace(/\b[0-9a-f]{32}\b/g, 'HEX')
    .replace(/by TCP \([^)]*\)/g, 'by TCP')
    .replace(/(?<![\d.:])\b\d+\b(?![\d.:]*->)/g, '#')
    .replace(/\s+/g, ' ')
    .trim();
}

function replaceAll(text: string, names: Names, from: 0 | 1, to: 0 | 1): string {
  return names.reduce((replaced, name) => replaced.replaceAll(name[from], name[to]), text);
}

/** A client and a server in processes of their own, which have the names of the documentation. */
async function connect(client: Talker['peers'], server: Talker['peers'], port: number): Promise<[Talker, Talker]> {
  const accepted = server.accepted();
  const end = await client.connect(port);
  return [
    { peers: client, end },
    { peers: server, end: await accepted },
  ];
}

describeKernel('docs/repl.md', () => {
  test('says what splice-repl says', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    await using web = bed.peers();
    await using redis = bed.peers();
    await Promise.all([web.rename('web'), redis.rename('redis-server')]);
    const { port } = await redis.listen('127.0.0.1');
    const one = await connect(web, redis, port);
    const other = await connect(web, redis, port);
    const key = ([client]: [Talker, Talker]) => `127.0.0.1:${client.end.port}`;
    await bed.splice.del(`127.0.0.1:${port}->${key(other)}`);
    const names: Names = [
      ['/redis.slice', `/${bed.name}`],
      ...[['10.0.0.1', 37044, one[0].end.port] as const, ['10.0.0.1', 37054, other[0].end.port] as const].map(
        ([address, documented, live]) =>
          [`address ${address}, port ${documented}`, `address 127.0.0.1, port ${live}`] as const,
      ),
      ['address 10.0.0.2, port 6379', `address 127.0.0.1, port ${port}`],
      ['10.0.0.1:37044', key(one)],
      ['10.0.0.1:37054', key(other)],
      ['10.0.0.2:6379', `127.0.0.1:${port}`],
      ['pid 812', `pid ${redis.process.pid}`],
      ['812 redis-server', `${redis.process.pid} redis-server`],
      ['812 24', `${redis.process.pid} ${await redis.descriptor(other[1].end)}`],
      ['pid: 812, fd: 24', `pid: ${redis.process.pid}, fd: ${await redis.descriptor(other[1].end)}`],
      ['pid 845', `pid ${web.process.pid}`],
      ['845 web', `${web.process.pid} web`],
    ];
    const stop = keepTalking(one, other);
    const prompt = new Prompt({ splice: bed.splice, columns: 80 });
    await prompt.type('', PROMPT);
    for (const { line, answer } of turnsOf(readFileSync(join(ROOT, 'docs/repl.md'), 'utf8'))) {
      const typed = replaceAll(line, names, 0, 1);
      const wanted = comparable(answer);
      const deadline = performance.now() + PATIENCE_MS;
      for (;;) {
        const got = replaceAll(await prompt.enter(typed), names, 1, 0);
        if (comparable(got) === wanted) break;
        if (!ONLY_LOOKS.test(line) || performance.now() > deadline) expect(comparable(got), line).toBe(wanted);
        await sleep(100);
      }
    }
    await prompt.leave();
    expect(await stop()).toBe(true);
  });
});
