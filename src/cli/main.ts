/** The program `splice`: one file a subcommand. */
import type { Command } from 'commander';
import { benchCommand } from './bench.ts';
import { demoCommand } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { downCommand } from './down.ts';
import { entriesCommand } from './entries.ts';
import { labCommand } from './lab.ts';
import { modeCommand } from './mode.ts';
import { policyCommand } from './policy.ts';
import { findProgram, programCommands } from './programs.ts';
import { statusCommand } from './status.ts';
import { upCommand } from './up.ts';
import { baseCommand, runCommand, version } from './usage.ts';

function spliceCommand(): Command {
  const splice = baseCommand('splice')
    .description('See, steer and understand TCP splicing with eBPF sockmap.')
    .version(version(), '-V, --version', 'show the version');
  const own = [
    upCommand(),
    downCommand(),
    statusCommand(),
    entriesCommand(),
    modeCommand(),
    policyCommand(),
    doctorCommand(),
    demoCommand(),
    labCommand(),
    benchCommand(),
  ];
  for (const command of [...own, ...programCommands()]) splice.addCommand(command);
  return splice;
}

/** Runs `splice`; returns the exit status. */
export async function runSplice(argv: string[]): Promise<number> {
  const program = findProgram(argv[0]);
  return program ? program(argv.slice(1)) : runCommand(spliceCommand(), argv);
}
