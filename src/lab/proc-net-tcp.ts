/** /proc/net/tcp: what TCP knows of a connection, and redirected bytes are not among it. */
import type { TcpView } from './peer-protocol.ts';

/**
 * The line of the connection with these ports, or null when it has none (proc_net_tcp.rst: the
 * second and third column are the addresses, the fourth the state, the fifth tx_queue:rx_queue).
 */
export function tcpViewOf(text: string, local: number, remote: number): TcpView | null {
  for (const line of text.split('\n').slice(1)) {
    const [, own = '', peer = '', state = '', queues = ''] = line.trim().split(/\s+/);
    if (portOf(own) === local && portOf(peer) === remote) {
      return { state, unread: Number.parseInt(queues.split(':')[1] ?? '0', 16) };
    }
  }
  return null;
}

function portOf(address: string): number {
  return Number.parseInt(address.split(':')[1] ?? '', 16);
}
