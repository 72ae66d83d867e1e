/** What Tab offers. Nothing is evaluated and nothing of the user's is called: `del` is near. */
import type { Splice } from '../core/index.ts';
import type { ArgumentKind, Command } from './commands/command.ts';

export interface CompletionSources {
  commands: readonly Command[];
  /** Keys that have an entry now; empty when they cannot be had. */
  liveKeys: () => string[];
  modes: readonly string[];
  /** Names of the context, the user's own variables among them. */
  globals: () => string[];
  /** Commands that begin with a dot. */
  dotCommands: () => string[];
}

/** What can stand for the last part of the line, and that part. */
export type Completion = [candidates: string[], part: string];

/** More than a screen of candidates helps nobody. */
const MOST = 100;

/** An open quote in the first argument of a call. */
const IN_ARGUMENT = /\b(\w+)\(\s*(['"`])([^'"`\\]*)$/;
const IN_TEXT = /^(?:[^'"`]|'[^']*'|"[^"]*"|`[^`]*`)*['"`][^'"`]*$/;
const MEMBER = /(?:^|[^\w$.])(\w+)\.(\w*)$/;
const NAME = /(?:^|[^\w$.])([A-Za-z_$][\w$]*)?$/;

/** Completes a line that ends at the cursor. */
export function complete(line: string, sources: CompletionSources): Completion {
  const dot = /^\s*(\.\w*)$/.exec(line)?.[1];
  if (dot !== undefined) return offer(sources.dotCommands(), dot);
  const [, callee, quote, text] = IN_ARGUMENT.exec(line) ?? [];
  if (callee !== undefined && text !== undefined) {
    const kind = sources.commands.find((command) => command.name === callee)?.argument;
    return offer(kind ? argumentsOf(kind, sources).map((argument) => argument + quote) : [], text);
  }
  if (IN_TEXT.test(line)) return [[], ''];
  const [, owner, member] = MEMBER.exec(line) ?? [];
  if (owner !== undefined && member !== undefined) {
    const command = sources.commands.find(({ name, value }) => name === owner && typeof value === 'object');
    return offer(command ? methodNames(command.value as Splice) : [], member);
  }
  const name = NAME.exec(line);
  if (!name) return [[], ''];
  const ours = sources.commands.map((command) => command.name);
  return name[1] === undefined ? offer(ours, '') : offer([...ours, ...sources.globals()], name[1]);
}

/** Method names of an object of ours, read from its class: no getter is run. */
function methodNames(object: object): string[] {
  const names = [...Object.keys(object), ...Object.getOwnPropertyNames(Object.getPrototypeOf(object))];
  return names.filter((name) => name !== 'constructor');
}

function argumentsOf(kind: ArgumentKind, { liveKeys, modes, commands }: CompletionSources): readonly string[] {
  if (kind === 'key') return liveKeys();
  return kind === 'mode' ? modes : commands.map((command) => command.name);
}

/**
 * The candidates that begin with the part, sorted. Of very many the first ones and the last one:
 * what these have in common, all have in common, which is what Tab fills in.
 */
function offer(candidates: readonly string[], part: string): Completion {
  const fitting = [...new Set(candidates)].filter((candidate) => candidate.startsWith(part)).sort();
  const shown = fitting.length > MOST ? [...fitting.slice(0, MOST - 1), ...fitting.slice(-1)] : fitting;
  return [shown, part];
}
