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
    .version(version(), '-V, --version', 'show the version')
    .helpCommand('help [command]', 'Show this help, or that of a command.');
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
  const splice = spliceCommand();
  const args = withoutHelp(splice, argv);
  const program = findProgram(args[0]);
  return program ? program(args.slice(1)) : runCommand(splice, args);
}

/** `help NAME` as `NAME --help`; an unknown name is left to be complained of. */
function withoutHelp(splice: Command, argv: string[]): string[] {
  const [first, topic] = argv;
  if (first !== 'help') return argv;
  if (topic === undefined) return ['--help'];
  return splice.commands.some((command) => command.name() === topic) ? [topic, '--help'] : [topic];
}
