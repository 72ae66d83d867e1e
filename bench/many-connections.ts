/**
 * Opens connections to itself and keeps them until standard input ends. Arguments: how many, and how
 * many messages a second are sent over them, by one socket after another.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

const [wanted = 0, messages = 0] = process.argv.slice(2).map(Number);
const AT_ONCE = 200;
const TICK_MS = 50;

const kept: Socket[] = [];
const server = createServer((socket) => kept.push(socket)).listen({ host: '127.0.0.1', port: 0, backlog: 4 * AT_ONCE });
await once(server, 'listening');
const { port } = server.address() as AddressInfo;

for (let open = 0; open < wanted; open += AT_ONCE) {
  const batch = Array.from({ length: Math.min(AT_ONCE, wanted - open) }, () => connect(port, '127.0.0.1'));
  await Promise.all(batch.map((socket) => once(socket, 'connect')));
  kept.push(...batch);
}
if (messages > 0) sendOnAndOn();
process.stdout.write('open\n');
process.stdin.resume().on('end', () => process.exit(0));

function sendOnAndOn(): void {
  const message = Buffer.alloc(64);
  const begin = performance.now();
  let sent = 0;
  for (const socket of kept) socket.resume();
  setInterval(() => {
    const due = ((performance.now() - begin) / 1000) * messages;
    for (; sent < due; sent++) kept[sent % kept.length]?.write(message);
  }, TICK_MS);
}
