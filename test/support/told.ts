/** Events as tests compare them. */
import { expect } from 'vitest';
import type { EventReader, SpliceEvent } from '../../src/core/index.ts';

/** Type, whose, and why: what does not differ from run to run. */
export function outline(events: readonly SpliceEvent[], keys: { client: string; server: string }): string[] {
  const names = new Map([
    [keys.client, 'client'],
    [keys.server, 'server'],
  ]);
  return events.map(({ type, key, reason, bytes }) =>
    [names.get(key) ?? key, type, ...(reason ? [reason] : []), ...(bytes === null ? [] : [bytes])].join(' '),
  );
}

/** What a reader that missed nothing has to tell. */
export function readAll(reader: EventReader): SpliceEvent[] {
  const { events, lost } = reader.read();
  expect(lost).toBe(0);
  return events;
}
