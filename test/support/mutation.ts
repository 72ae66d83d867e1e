/** The eBPF programs without one of their rules: a copy of bpf/ in which one place says something else. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type * as Libbpf from '../../src/core/libbpf.ts';
import { ROOT } from './run.ts';

/** The text of each file of bpf/, by its name. */
export type Sources = ReadonlyMap<string, string>;

/** What is changed in the sources; throws where it does not find just the one place that it is about. */
export type Mutation = (sources: Sources) => Sources;

/**
 * Gives a function another body.
 * @param body its statements, such as `return true;`
 */
export function replaceBody(name: string, body: string): Mutation {
  // A definition begins and ends at the beginning of a line, and has no `;` or brace before its body.
  const definition = new RegExp(
    `^((?:static __always_inline|__noinline)\\s[^;{}]*?\\b${name}\\([^;{}]*\\)\\n\\{\\n)[^]*?^\\}$`,
    'gm',
  );
  return replaceOnly(`the definition of ${name}()`, definition, (_all, head) => `${head}\t${body}\n}`);
}

/** Several changes, for a rule that is asked in more than one place. */
export function allOf(...mutations: Mutation[]): Mutation {
  return (sources) => mutations.reduce((changed, mutate) => mutate(changed), sources);
}

/** Replaces a piece of text; how it is broken into lines and indented does not matter. */
export function replaceText(text: string, other: string): Mutation {
  const words = text
    .trim()
    .split(/\s+/)
    .map((word) => word.replaceAll(/[^\w\s]/g, '\\$&'));
  return replaceOnly(`'${text}'`, new RegExp(words.join('\\s+'), 'g'), () => other);
}

/** @throws Error when the pattern is not found exactly once in all the sources, or changes nothing */
function replaceOnly(what: string, pattern: RegExp, by: (...match: string[]) => string): Mutation {
  return (sources) => {
    const found = [...sources].flatMap(([file, text]) => [...text.matchAll(pattern)].map(() => file));
    if (found.length !== 1) throw new Error(`${what} is there ${found.length} times: ${found.join(', ')}`);
    const file = found[0] as string;
    const before = sources.get(file) as string;
    const after = before.replace(pattern, by);
    if (after === before) throw new Error(`${what} is replaced by itself`);
    return new Map([...sources, [file, after]]);
  };
}

/** The sources as they are. */
function readSources(): Sources {
  const folder = join(ROOT, 'bpf');
  const files = readdirSync(folder).filter((file) => /\.[ch]$/.test(file));
  return new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
}

/** Which tree is used instead of bpf/; see mutatedLibbpf(). */
let used: MutatedTree | null = null;

/** Mutated sources in a temporary folder, used instead of bpf/ until it is disposed of. */
export class MutatedTree implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), `splice-mutation-${process.pid}-`));
  readonly #sources: Sources;
  readonly #changed: ReadonlySet<string>;

  constructor(mutate: Mutation) {
    const original = readSources();
    this.#sources = mutate(original);
    this.#changed = new Set([...this.#sources.keys()].filter((file) => this.#sources.get(file) !== original.get(file)));
    cpSync(join(ROOT, 'bpf'), this.#folder, { recursive: true });
    for (const file of this.#changed) writeFileSync(join(this.#folder, file), this.#sources.get(file) as string);
    used = this;
  }

  [Symbol.dispose](): void {
    used = null;
    rmSync(this.#folder, { recursive: true });
  }

  /** The path of an object compiled from these sources; null when they are the same for it. */
  compile(name: string): string | null {
    const source = `${name}.bpf.c`;
    if (![...this.#includedFrom(source)].some((file) => this.#changed.has(file))) return null;
    const object = join(this.#folder, `${name}.bpf.o`);
    const argv = [join(ROOT, 'scripts/build-bpf.sh'), join(this.#folder, source), object];
    if (!readdirSync(this.#folder).includes(`${name}.bpf.o`)) execFileSync('bash', argv, { stdio: 'pipe' });
    return object;
  }

  #includedFrom(file: string, found = new Set<string>()): Set<string> {
    if (found.has(file)) return found;
    found.add(file);
    for (const [, other] of (this.#sources.get(file) ?? '').matchAll(/^#include "(.+)"/gm)) {
      this.#includedFrom(other as string, found);
    }
    return found;
  }
}

/** libbpf.ts as it is, but that objects are of the tree that is used: what `vi.mock` puts in its place. */
export function mutatedLibbpf(libbpf: typeof Libbpf): typeof Libbpf {
  const objectFor = (path: string) => used?.compile(basename(path, '.bpf.o')) ?? path;
  return { ...libbpf, loadObject: (path, ...others) => libbpf.loadObject(objectFor(path), ...others) };
}
