/** What Tab offers. Nothing is evaluated and nothing of the user's is called: `del` is near. */
import { FILTER_FIELDS } from '../../filter/index.ts';
import type { ArgumentKind, Command, ResultKind } from '../commands/command.ts';
import { TOPICS } from '../commands/help.ts';
import { ENTRY_FIELDS } from '../values/entry-fields.ts';
import { EntryList } from '../values/entry-list.ts';
import { Groups } from '../values/groups.ts';
import { GOES_ON } from '../words.ts';
import { calleeBefore } from './callee.ts';
import { dataProperty, memberNames } from './members.ts';
import { type Completion, offer } from './offer.ts';

export interface CompletionSources {
  readonly commands: readonly Command[];
  /** Keys that have an entry now; empty when they cannot be had. */
  readonly liveKeys: () => readonly string[];
  readonly modes: readonly string[];
  /** Names of the context, the user's own variables among them. */
  readonly globals: () => readonly string[];
  /** The value of such a name, when it can be had without running a getter; else undefined. */
  readonly valueOf: (name: string) => unknown;
  /** Commands that begin with a dot. */
  readonly dotCommands: () => readonly string[];
}

/** An open quote in the last argument of a call so far. */
const IN_ARGUMENT = /(\.)?\b(\w+)\((?:[^'"`(){}]*,)?\s*(['"`])([^'"`\\]*)$/;
const IN_TEXT = /^(?:[^'"`]|'[^']*'|"[^"]*"|`[^`]*`)*['"`][^'"`]*$/;
/** A name that is being typed in the options of a call. */
const IN_OPTIONS = /\b(\w+)\((?:[^'"`{}]|'[^']*'|"[^"]*"|`[^`]*`)*\{\s*(?:\w+\s*:[^,{}]*,\s*)*(\w*)$/;
const IN_WORDS = /^\s*(\w+)\s+(\S.*)?$/;
const MEMBER = /\.(\w*)$/;
const NAME = /(?:^|[^\w$.])([A-Za-z_$][\w$]*)?$/;

/** Methods of lists whose first text is a field of an entry, and those that give such a list again. */
const BY_FIELD = ['sortBy', 'sum', 'groupBy', 'top'];
const SAME_LIST = ['where', 'sortBy', 'top', 'filter', 'slice', 'concat', 'toSorted', 'toReversed', 'reverse', 'sort'];

/** Completes a line that ends at the cursor. */
export function complete(line: string, sources: CompletionSources): Completion {
  const dot = /^\s*(\.\w*)$/.exec(line)?.[1];
  if (dot !== undefined) return offer(sources.dotCommands(), dot);
  const inWords = IN_WORDS.exec(line);
  if (inWords) {
    const command = find(inWords[1] ?? '', sources);
    const rest = inWords[2] ?? '';
    if (command?.argument && !GOES_ON.test(rest) && !rest.startsWith('('))
      return argument(command.argument, rest, '', sources);
  }
  const inArgument = IN_ARGUMENT.exec(line);
  if (inArgument) {
    const [, isMethod, callee = '', quote = '', text = ''] = inArgument;
    return isMethod ? methodArgument(callee, text, quote, sources) : argumentOf(callee, text, quote, sources);
  }
  if (IN_TEXT.test(line)) return [[], ''];
  const inOptions = IN_OPTIONS.exec(line);
  const options = inOptions && find(inOptions[1] ?? '', sources)?.options;
  if (options)
    return offer(
      options.map((name) => `${name}: `),
      inOptions[2] ?? '',
    );
  const member = MEMBER.exec(line);
  if (member) return offer(membersBefore(line.slice(0, member.index), sources), member[1] ?? '');
  return names(line, sources);
}

/** Whether a key is being typed: Tab would offer those that there are. */
export function wantsKey(line: string, commands: readonly Command[]): boolean {
  const [, name] = /^\s*(\w+)\s/.exec(line) ?? /\b(\w+)\(\s*['"`][^'"`]*$/.exec(line) ?? [];
  return commands.some(
    (command) => command.argument === 'key' && [command.name, ...(command.aliases ?? [])].includes(name ?? ''),
  );
}

function names(line: string, sources: CompletionSources): Completion {
  const name = NAME.exec(line);
  if (!name) return [[], ''];
  const ours = sources.commands.map((command) => command.name);
  if (name[1] === undefined) return offer(ours, '');
  // Those that are as short as they can be would only be in the way of the others: rev of reverse.
  const short = new Set(sources.commands.flatMap((command) => command.aliases ?? []));
  return offer([...ours, ...sources.globals().filter((global) => !short.has(global))], name[1]);
}

function find(name: string, { commands }: CompletionSources): Command | undefined {
  return commands.find((command) => command.name === name || command.aliases?.includes(name));
}

function argumentOf(callee: string, text: string, quote: string, sources: CompletionSources): Completion {
  const kind = find(callee, sources)?.argument;
  return kind ? argument(kind, text, quote, sources) : [[], text];
}

function methodArgument(method: string, text: string, quote: string, sources: CompletionSources): Completion {
  if (method === 'where') return argument('filter', text, quote, sources);
  return BY_FIELD.includes(method)
    ? offer(
        ENTRY_FIELDS.map((name) => name + quote),
        text,
      )
    : argumentOf(method, text, quote, sources);
}

/** Candidates for an argument; a quote that was opened is closed behind it. */
function argument(kind: ArgumentKind, text: string, quote: string, sources: CompletionSources): Completion {
  switch (kind) {
    case 'key':
      return closed(offer(sources.liveKeys(), text), quote);
    case 'mode':
      return closed(offer(sources.modes, text), quote);
    case 'name':
      return closed(offer([...sources.commands.map((command) => command.name), ...TOPICS], text), quote);
    case 'filter':
      return filterPart(text);
  }
}

function closed([candidates, part]: Completion, quote: string): Completion {
  return [candidates.map((candidate) => candidate + quote), part];
}

/** A field, a word or a value of the filter language; more may follow, so no quote is closed. */
function filterPart(text: string): Completion {
  const part = /[^\s()!]*$/.exec(text)?.[0] ?? '';
  const [, name, typed] = /^(\w[\w.]*)[!=~<>]+(.*)$/.exec(part) ?? [];
  if (name === undefined || typed === undefined) {
    return offer(
      FILTER_FIELDS.filter(({ live }) => !live).map((field) => ('test' in field ? field.name : `${field.name}=`)),
      part,
    );
  }
  const before = part.slice(0, part.length - typed.length);
  const values = FILTER_FIELDS.find((field) => field.name === name)?.values ?? [];
  return offer(
    values.map((value) => before + value),
    part,
  );
}

/** What the expression before a dot has, as far as that can be told without running it. */
function membersBefore(text: string, sources: CompletionSources): string[] {
  if (text.endsWith(')')) return membersOfResult(resultOf(text, sources));
  const [path = ''] = /[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*$/.exec(text) ?? [];
  if (path === '' || /[.\w$)\]]$/.test(text.slice(0, text.length - path.length))) return [];
  const [first = '', ...more] = path.split('.');
  return memberNames(more.reduce(dataProperty, sources.valueOf(first)));
}

type Result = ResultKind | 'groups' | undefined;

function resultOf(text: string, sources: CompletionSources): Result {
  const callee = calleeBefore(text);
  if (callee === null) return undefined;
  if (!callee.before.endsWith('.')) return find(callee.name, sources)?.result;
  const owner = callee.before.slice(0, -1);
  const on = owner.endsWith(')') ? resultOf(owner, sources) : undefined;
  if (on === 'entries' && callee.name === 'groupBy') return 'groups';
  return (on === 'entries' || on === 'groups') && SAME_LIST.includes(callee.name) ? on : undefined;
}

function membersOfResult(result: Result): string[] {
  switch (result) {
    case 'entries':
      return [...memberNames(EntryList.prototype), 'length'];
    case 'groups':
      return [...memberNames(Groups.prototype), 'length'];
    case 'entry':
      return [...ENTRY_FIELDS.filter((name) => !/[.]|^(pid|comm)$/.test(name)), 'keyHex'];
    case 'key':
      return ['sip', 'dip', 'sport', 'dport', 'hex', 'reverse', 'toString'];
    default:
      return [];
  }
}
