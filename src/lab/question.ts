/** A question and its answer: one round trip between the ends `client` and `server`. */
import type { PeerProcess } from './peer-process.ts';

/** @returns null when both arrived, else the errno's name or what was read instead */
export async function askAndAnswer(client: PeerProcess, server: PeerProcess): Promise<string | null> {
  return (
    (await say(client, 'client', server, 'server', 'question')) ??
    (await say(server, 'server', client, 'client', 'answer'))
  );
}

async function say(from: PeerProcess, own: string, to: PeerProcess, far: string, text: string): Promise<string | null> {
  const error = await from.send(own, text);
  if (error !== null) return error;
  const got = await to.read(far, text.length);
  return got === text ? null : `"${got}" arrived`;
}
