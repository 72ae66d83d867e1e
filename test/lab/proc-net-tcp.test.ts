/** Reading the kernel's list of connections. */
import { expect, test } from 'vitest';
import { tcpViewOf } from '../../src/lab/proc-net-tcp.ts';

const TEXT = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1388 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 5121 1 0 100 0 0 10 0
   1: 0100007F:1388 0100007F:1770 01 00000000:0000000C 00:00000000 00000000     0        0 5122 1 0 20 4 30 10 -1
   2: 0100007F:1770 0100007F:1388 05 00000000:00000000 03:0000176F 00000000     0        0 0 3 0
`;

test('finds a connection by both ports: its state, and what is unread', () => {
  expect(tcpViewOf(TEXT, 5000, 6000)).toEqual({ state: '01', unread: 12 });
  expect(tcpViewOf(TEXT, 6000, 5000)).toEqual({ state: '05', unread: 0 });
});

test('a connection that is not there', () => {
  expect(tcpViewOf(TEXT, 5000, 6001)).toBeNull();
  expect(tcpViewOf('', 5000, 6000)).toBeNull();
});
