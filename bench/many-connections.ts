/** Opens connections to itself and keeps them until standard input ends. Argument: how many. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

const wanted = Number(process.argv[2]);
const AT_ONCE = 200;

const kept: Socket[] = [];
const server = createServer((socket) => kept.push(socket)).listen({ host: '127.0.0.1', port: 0, backlog: 4 * AT_ONCE });
await once(server, 'listening');
const { port } = server.address() as AddressInfo;

for (let open = 0; open < wanted; open += AT_ONCE) {
  const batch = Array.from({ length: Math.min(AT_ONCE, wanted - open) }, () => connect(port, '127.0.0.1'));
  await Promise.all(batch.map((socket) => once(socket, 'connect')));
  kept.push(...batch);
}
process.stdout.write('open\n');
process.stdin.resume().on('end', () => process.exit(0));
