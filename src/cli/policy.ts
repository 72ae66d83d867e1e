/** `splice policy`, and the options that `splice up` has of it. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  BLOCKING_READERS,
  type BlockingReaders,
  DEFAULT_EXCLUDED,
  openSplice,
  type Policy,
  printable,
  SpliceError,
} from '../core/index.ts';
import { jsonText } from '../view/json.ts';
import { createCommand } from './usage.ts';

/** The options of addPolicyOptions() as commander gives them. */
export interface PolicyOptions {
  port?: number[];
  excludePort?: number[];
  excludeComm?: string[];
  defaultExcludes?: boolean;
  blockingReaders?: BlockingReaders;
}

export function policyCommand(): Command {
  const command = createCommand('policy')
    .description('Show which connections are kept out of the map, or replace that while the splice runs.')
    .option('--clear', 'keep nothing out any more, not even programs that read by splice(2)')
    .option('--json', 'print JSON');
  return addPolicyOptions(command).action(
    ({ pin, clear, json, ...options }: PolicyOptions & { pin: string; clear?: boolean; json?: boolean }) => {
      const given = policyFrom(options);
      if (clear && given) {
        throw new SpliceError(
          'BAD_OPTION',
          '--clear stands alone: a policy that is given replaces the old one',
          'it without --clear',
        );
      }
      const wanted = clear ? { excludeComms: [] } : given;
      using splice = openSplice({ pin });
      const policy = wanted ? splice.setPolicy(wanted) : splice.policy();
      const note = wanted ? `\n${REPLACED}` : '';
      process.stdout.write(`${json ? jsonText(policy) : describePolicy(policy) + note}\n`);
    },
  );
}

const REPLACED = 'holds for connections established from now on; those that have an entry keep it';

/** Adds the options of a policy. */
export function addPolicyOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--port <number>', 'splice only connections with this port at either end, may be repeated').argParser(
        collectPorts,
      ),
    )
    .addOption(
      new Option('--exclude-port <number>', 'never those with this port, may be repeated').argParser(collectPorts),
    )
    .addOption(
      new Option('--exclude-comm <name>', 'nor those of processes with this name, may be repeated').argParser(
        (name: string, all: string[] = []) => [...all, name],
      ),
    )
    .addOption(
      new Option(
        '--no-default-excludes',
        'let in programs that lose bytes on a spliced socket, too: docker-proxy, haproxy, stunnel, systemd-socket-proxyd',
      ),
    )
    .addOption(
      new Option(
        '--blocking-readers <stay|leave>',
        'leave: a connection whose reader sleeps in recv() goes back to TCP',
      ).choices(BLOCKING_READERS),
    );
}

/** The policy that the options ask for; undefined when they ask for none. */
export function policyFrom(options: PolicyOptions): Partial<Policy> | undefined {
  const { port, excludePort, excludeComm, defaultExcludes = true, blockingReaders } = options;
  if (!port && !excludePort && !excludeComm && defaultExcludes && !blockingReaders) return undefined;
  const always = defaultExcludes ? DEFAULT_EXCLUDED : [];
  return {
    ports: port ?? [],
    excludePorts: excludePort ?? [],
    excludeComms: [...always, ...(excludeComm ?? [])],
    ...(blockingReaders && { blockingReaders }),
  };
}

/** The policy in words, a fact a line. */
function describePolicy({ ports, excludePorts, excludeComms, blockingReaders }: Policy): string {
  const all = 'all';
  return [
    `ports      ${ports.length > 0 ? `only ${ports.join(', ')}` : all}${but(excludePorts.map(String))}`,
    `processes  ${all}${but(excludeComms.map(printable))}`,
    `readers    that sleep in recv() ${blockingReaders}`,
  ].join('\n');
}

function but(excluded: readonly string[]): string {
  return excluded.length > 0 ? `, but not ${excluded.join(', ')}` : '';
}

/** Whole numbers only; core says which of them are ports. */
function collectPorts(text: string, all: number[] = []): number[] {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Expected a whole number from 1 to 65535.');
  return [...all, Number(text)];
}
