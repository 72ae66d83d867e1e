/** The kernel's own deviations: what is tried, and what a difference means for applications. */
import type { Question } from './check.ts';
import type { ProbeName } from './probes.ts';

export interface Experiment extends Question {
  probe: ProbeName;
}

const KEEP_OUT =
  'keep programs that use it out of the splice: --exclude-comm, --exclude-port, or a cgroup without them';

function experiment(probe: ProbeName, name: string, meaning: string, remedy = KEEP_OUT): Experiment {
  return { name, group: 'sockets', probe, meaning, remedy };
}

/** In the order of the report. `meaning` and `remedy` are for a socket that deviates. */
export const EXPERIMENTS: readonly Experiment[] = [
  experiment(
    'fionreadRedirected',
    'FIONREAD, redirected',
    'ioctl(FIONREAD) does not count bytes that were redirected: who sizes a read by it believes that nothing is there',
  ),
  experiment(
    'fionreadTcp',
    'FIONREAD, by TCP',
    'ioctl(FIONREAD) does not count bytes that a spliced socket got by TCP: who sizes a read by it believes that nothing is there',
  ),
  experiment(
    'splice',
    'splice(2)',
    'splice(2) from a socket does not see redirected bytes: proxies that move bytes so (haproxy, nginx stream) stand still',
  ),
  experiment(
    'waitAll',
    'MSG_WAITALL',
    'recv(MSG_WAITALL) may return less than was asked for: who does not look at the length takes half a message for a whole one',
  ),
  experiment(
    'lowWater',
    'SO_RCVLOWAT',
    'poll and epoll report a socket readable before SO_RCVLOWAT bytes are there: the reader wakes up more often, nothing is lost',
    'nothing, unless a program relies on it for more than efficiency; then keep it out: --exclude-comm',
  ),
  experiment(
    'zeroCopy',
    'MSG_ZEROCOPY',
    'send(MSG_ZEROCOPY) never reports completion: who waits for it before using a buffer again waits for ever',
  ),
  experiment(
    'outOfBand',
    'MSG_OOB',
    'an urgent byte arrives in band, as one byte more of the stream: ftp, telnet and rlogin use urgent bytes',
  ),
  experiment(
    'interrupted',
    'interrupted recv',
    'a blocking recv that a signal interrupts returns EAGAIN, not EINTR: who takes that for a timeout gives up',
  ),
  experiment(
    'sendQueue',
    'SIOCOUTQ',
    'ioctl(SIOCOUTQ) does not count redirected bytes, and MSG_MORE does not hold them back',
    'nothing, unless a program waits for the peer by it; then keep it out: --exclude-comm',
  ),
  experiment(
    'tcpInfo',
    'TCP_INFO',
    'the byte counts of TCP_INFO, and of ss -ti, leave out redirected bytes: monitoring sees an idle connection',
    '`splice entries` and splice-tui count redirected bytes',
  ),
  experiment(
    'kernelTls',
    'kTLS',
    'a spliced socket is refused kTLS as by a kernel that has none: a program that asks for it must encrypt by itself',
    'nothing, where a program falls back to its own TLS, as OpenSSL does; otherwise keep it out: --exclude-comm',
  ),
  experiment(
    'closedUnread',
    'close with unread bytes',
    'the peer sees the end of the stream (FIN), not ECONNRESET: it cannot tell that its last bytes were not read',
    'nothing, where a protocol acknowledges its messages; otherwise keep its programs out: --exclude-comm',
  ),
];
