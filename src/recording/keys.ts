/** The keys of a recording, each read once: the same ones come in every keyframe, and in every look. */
import type { EntryJson } from '../core/index.ts';
import { SockKey } from '../core/sock-key.ts';
import { MOST } from './format.ts';

/** What the key of an entry tells. */
type KeyFields = Pick<EntryJson, 'key' | 'sip' | 'dip' | 'sport' | 'dport' | 'keyHex'>;

const known = new Map<string, KeyFields>();

/** @throws SpliceError BAD_KEY */
export function keyFields(text: string): KeyFields {
  let fields = known.get(text);
  if (fields === undefined) {
    const key = SockKey.from(text);
    const { sip, dip, sport, dport, hex } = key;
    fields = { key: key.toString(), sip, dip, sport, dport, keyHex: hex };
    if (known.size >= MOST.entries) known.clear();
    known.set(text, fields);
  }
  return fields;
}
