/** splice-tui into a pipe, with --once and with --json. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { describeKernel } from '../setup/kernel-gate.ts';
import { keysOf } from '../support/peers.ts';
import { BIN, spliced } from '../tui/running.ts';

describeKernel('splice-tui without a terminal', () => {
  function run(args: readonly string[]) {
    return spawnSync(process.execPath, [BIN, ...args], { encoding: 'utf8', input: '' });
  }

  test('prints the table once, or the JSON of the contract', async () => {
    await using bed = spliced();
    await using peers = bed.peers();
    const pair = await peers.open();
    await peers.exchange(pair.client, pair.server, 23, 64);
    const { client } = keysOf(pair);
    const [own, peer] = client.split('->');

    for (const args of [[], ['--once']]) {
      const plain = run(['--pin', bed.pin, ...args]);
      expect(plain).toMatchObject({ status: 0, stderr: '' });
      expect(plain.stdout).toMatch(new RegExp(`^${own} +-> ${peer} +ESTABLISHED +${peers.process.pid} \\S+ +23 `, 'm'));
      expect(plain.stdout).not.toContain('\u001b');
    }
    const json = run(['--pin', bed.pin, '--once', '--json']);
    expect(json).toMatchObject({ status: 0, stderr: '' });
    const entries = JSON.parse(json.stdout) as { key: string }[];
    expect(entries).toHaveLength(2);
    expect(entries.find(({ key }) => key === client)).toMatchObject({ redirects: 23, redirectBytes: 1472, peer: true });
  });

  test('ends well when nobody reads on', async () => {
    await using bed = spliced();
    await using peers = bed.peers();
    await peers.open();
    const command = [process.execPath, BIN, '--once', '--pin', bed.pin];
    for (const [reader, seen] of [
      ['head -1', /^OWN END .*\n$/],
      // It is gone before there is anything to read.
      ['true', /^$/],
    ] as const) {
      const script = `set -o pipefail; { [ "$0" = head ] || sleep 0.5; "$@"; } | ${reader}`;
      const { status, stdout, stderr } = spawnSync('bash', ['-c', script, reader.slice(0, 4), ...command], {
        encoding: 'utf8',
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toMatch(seen);
    }
  });

  test.each([[['--once']], [['--once', '--json']], [[]]])('%j says when nothing is loaded', (args) => {
    const { status, stdout, stderr } = run(['--pin', '/sys/fs/bpf/splice-test-none', ...args]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^error\[NOT_LOADED\]: .+\ntry: .+\n$/);
  });

  test.each([
    ['--interval', '49'],
    ['--interval', '60001'],
    ['--interval', 'soon'],
    ['--refresh', '3'],
  ])('%s %s is wrong usage', (...args) => {
    const { status, stderr } = run(args);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error\[BAD_OPTION\]: .+\ntry: .+\n$/);
  });
});
