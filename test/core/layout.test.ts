/** The layouts that C and TypeScript share, held against the BTF of the compiled object. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as layout from '../../src/core/layout.ts';
import { objectPath } from '../../src/core/objects.ts';

const HEADERS = ['endpoint.h', 'policy.h']
  .map((name) => readFileSync(join(import.meta.dirname, '../../bpf', name), 'utf8'))
  .join('\n');

interface BtfType {
  id: number;
  kind: string;
  name: string;
  size?: number;
  members?: { name: string; bits_offset: number }[];
}

const types = ['inspect', 'adopt', 'guarded', 'trace'].flatMap((name) => {
  const dump = execFileSync('bpftool', ['-j', 'btf', 'dump', 'file', objectPath(name)], { encoding: 'utf8' });
  return (JSON.parse(dump) as { types: BtfType[] }).types;
});

function find(kind: string, name: string): BtfType {
  const found = types.find((type) => type.kind === kind && type.name === name);
  if (!found) throw new Error(`the objects' BTF has no ${kind} ${name}`);
  return found;
}

test.each(Object.entries(layout.LAYOUT))('struct %s', (name, { size, fields }) => {
  const struct = find('STRUCT', name);
  expect(size).toBe(struct.size);
  const inObject = struct.members?.map((member) => [member.name, member.bits_offset / 8]) ?? [];
  // The one without a name is the key of either family.
  const named = inObject.filter(([member]) => member !== 'padding' && member !== '(anon)' && member !== '');
  expect(Object.entries(fields)).toEqual(named);
});

/** The names in an enumeration of the headers, in order. */
function enumeration(name: string): string[] {
  const body = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(HEADERS)?.[1] ?? '';
  return [...body.replace(/\/\*.*?\*\//gs, '').matchAll(/(\w+),/g)].map((match) => match[1] as string);
}

/** `PASS_NO_PEER` is `noPeer` here. */
function camelCase(name: string, prefix: string): string {
  return name
    .slice(prefix.length)
    .toLowerCase()
    .replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

test.each([
  ['drain_action', 'DRAIN_', layout.DRAIN_ACTIONS],
  ['adoption_result', 'ADOPTION_', layout.ADOPTION_RESULTS],
  ['event_type', 'EVENT_', layout.EVENT_TYPES],
  ['trace_action', 'TRACE_', layout.TRACE_ACTIONS],
  ['traffic', 'TRAFFIC_', layout.TRAFFIC],
  ['mode', 'MODE_', layout.MODES],
  ['leave_reason', 'LEAVE_', ['not', ...layout.LEAVE_REASONS]],
  ['kept_out', 'KEPT_OUT_', ['not', ...layout.KEPT_OUT_REASONS]],
  ['rule_kind', 'RULE_', layout.RULE_KINDS],
  ['rule_effect', 'EFFECT_', layout.RULE_EFFECTS],
  ['pass_reason', 'PASS_', layout.PASS_REASONS],
])('enum %s', (name, prefix, here) => {
  const there = enumeration(name).filter((value) => !value.endsWith('_REASONS'));
  expect(there.map((value) => camelCase(value, prefix))).toEqual([...here]);
});

test('as many can read events as the programs look for', () => {
  expect(Number(/#define EVENT_READERS (\d+)/.exec(HEADERS)?.[1])).toBe(layout.EVENT_READERS);
});
