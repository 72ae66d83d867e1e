/** A connection with redirected bytes that nobody has read yet: what an edit must not lose. */
import { type TestBed, until } from './kernel.ts';
import { keysOf, type Pair, type Peers } from './peers.ts';

const MESSAGES = 3;
const SIZE = 1000;
export const QUEUED_BYTES = MESSAGES * SIZE;

export interface Queued {
  pair: Pair;
  keys: { client: string; server: string };
  /** Reads them; whether each byte arrived at its place. */
  read(): Promise<boolean>;
}

/** Opens a connection in a splice that is up, and sends to its server. */
export async function openQueued(bed: TestBed, peers: Peers): Promise<Queued> {
  const pair = await peers.open();
  const keys = keysOf(pair);
  await peers.send(pair.client, MESSAGES, SIZE);
  await until(() => bed.splice.lookup(keys.server)?.queuedBytes === QUEUED_BYTES, 'the messages are queued');
  const read = async () => {
    const { bytes, equal } = await peers.receive(pair.server, MESSAGES, SIZE);
    return equal && bytes === QUEUED_BYTES;
  };
  return { pair, keys, read };
}
