/** `splice policy`, and the options that `splice up` has of it. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { openSplice, type Policy, printable, SpliceError } from '../core/index.ts';
import { jsonText } from '../view/json.ts';
import { createCommand } from './usage.ts';

/** The options of addPolicyOptions() as commander gives them. */
export interface PolicyOptions {
  port?: number[];
  excludePort?: number[];
  excludeComm?: string[];
}

export function policyCommand(): Command {
  const command = createCommand('policy')
    .description('Show which connections are kept out of the map, or replace that while the splice runs.')
    .option('--clear', 'keep nothing out any more')
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
      const wanted = clear ? {} : given;
      using splice = openSplice({ pin });
      const policy = wanted ? splice.setPolicy(wanted) : splice.policy();
      const note = wanted ? `\n${REPLACED}` : '';
      process.stdout.write(`${json ? jsonText(policy) : describePolicy(policy) + note}\n`);
    },
  );
}

const REPLACED = 'holds for connections established from now on; those that have an entry keep it';

/** Adds `--port`, `--exclude-port` and `--exclude-comm`, each of which may be repeated. */
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
    );
}

/** The policy that the options ask for; undefined when they ask for none. */
export function policyFrom({ port, excludePort, excludeComm }: PolicyOptions): Partial<Policy> | undefined {
  if (!port && !excludePort && !excludeComm) return undefined;
  return { ports: port ?? [], excludePorts: excludePort ?? [], excludeComms: excludeComm ?? [] };
}

/** The policy in words, a fact a line. */
function describePolicy({ ports, excludePorts, excludeComms }: Policy): string {
  const all = 'all';
  return [
    `ports      ${ports.length > 0 ? `only ${ports.join(', ')}` : all}${but(excludePorts.map(String))}`,
    `processes  ${all}${but(excludeComms.map(printable))}`,
  ].join('\n');
}

function but(excluded: readonly string[]): string {
  return excluded.length > 0 ? `, but not ${excluded.join(', ')}` : '';
}

/** Whole numbers only; core says which of them are ports. */
function collectPorts(text: string, all: number[] = []): number[] {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('expected a whole number from 1 to 65535.');
  return [...all, Number(text)];
}
