/**
 * An HTTP client that says what it got. Arguments: GET and a URL, or PUT, a URL and a file. Prints
 * the status and the SHA-256 of the body that came back; fails when nothing moves for long.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { patience } from '../setup/patience.ts';

const HALT_MS = patience(15_000);

const [method = '', url = '', file] = process.argv.slice(2);
const call = request(url, { method, timeout: HALT_MS });
call.once('timeout', () => call.destroy(new Error(`nothing moved for ${HALT_MS} ms`)));
const hash = createHash('sha256');

async function upload(): Promise<void> {
  if (file === undefined) call.end();
  else await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), call);
}

// An answer may begin before the question has ended.
async function download(): Promise<number | undefined> {
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  await pipeline(answer, hash);
  return answer.statusCode;
}

const [status] = await Promise.all([download(), upload()]);
process.stdout.write(`${status} ${hash.digest('hex')}\n`);
process.exit(0);
