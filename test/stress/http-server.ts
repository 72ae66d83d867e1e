/** An HTTP server on Node's default listen address, `::`. It sends back what it is sent, and prints its port. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const server = createServer((request, response) => request.pipe(response));
server.listen(0, () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
