/** `splice up` */
import { type Command, Option } from 'commander';
import { type AdoptionReport, DEFAULT_MAX_ENTRIES, type Mode, openSplice, placeWarnings } from '../core/index.ts';
import { fullMapText, isFull } from '../view/full-map.ts';
import { addPolicyOptions, type PolicyOptions, policyFrom } from './policy.ts';
import { describeStatus } from './status.ts';
import { createCommand, warn, wholeNumber } from './usage.ts';

interface Options extends PolicyOptions {
  pin: string;
  cgroup: string[];
  mode: Mode;
  maxEntries: number;
  adopt?: boolean;
  force?: boolean;
}

export function upCommand(): Command {
  const command = createCommand('up')
    .description('Load the programs, attach them to cgroups, pin everything.')
    .addOption(
      new Option('--cgroup <directory>', 'a cgroup v2 directory, may be repeated')
        .argParser(collect)
        .default([], 'the root cgroup'),
    )
    .option('--mode <name>', 'guarded, or naive for teaching', 'guarded')
    .option('--max-entries <number>', 'room in INTERCEPT_MAP', wholeNumber(2, 1 << 24), DEFAULT_MAX_ENTRIES)
    .option('--adopt', 'also take in connections that exist already')
    .option('--force', 'let naive attach to the root cgroup');
  return addPolicyOptions(command).action(
    ({ pin, cgroup, mode, maxEntries, adopt = false, force = false, ...options }: Options) => {
      using splice = openSplice({ pin });
      const policy = policyFrom(options);
      const { already, warnings } = splice.up({ cgroups: cgroup, mode, maxEntries, force, ...(policy && { policy }) });
      warn([...warnings, ...placeWarnings()]);
      const report = adopt ? splice.adopt() : null;
      const adopted = report ? `${describeAdoption(report)}\n` : '';
      if (report?.denied) warn([deniedText(report.denied.length)]);
      if (cgroup.length === 0) {
        process.stderr.write('note: without --cgroup every connection inside this machine is spliced\n');
      }
      if (mode === 'naive') {
        process.stderr.write('warning: naive reorders and loses bytes; it is for teaching and measuring\n');
      }
      const status = splice.status();
      if (report && report.skipped.length > 0 && status.loaded && isFull(status)) warn([fullMapText(status)]);
      process.stdout.write(`${already ? 'already up' : 'up'}\n${describeStatus(status, splice.pin)}\n${adopted}`);
    },
  );
}

/** What an adoption did, a fact a line. */
function describeAdoption({ adopted, skipped }: AdoptionReport): string {
  const left = skipped.map((key) => `\nnot adopted ${key}`).join('');
  return `adopted    ${adopted} ${adopted === 1 ? 'connection' : 'connections'}${left}`;
}

function deniedText(count: number): string {
  const connections = count === 1 ? '1 connection was' : `${count} connections were`;
  return `${connections} not adopted: a process of another user, or with more capabilities, takes CAP_SYS_PTRACE`;
}

function collect(value: string, all: string[]): string[] {
  return [...all, value];
}
