/** The kernel's own deviations: what is tried, and what a difference means for applications. */
import type { Question } from './check.ts';
import type { ProbeName } from './probes.ts';

export interface Experiment extends Question {
  probe: ProbeName;
}

const KEEP_OUT =
  'keep programs that use it out of the splice: --exclude-comm, --exclude-port, or a cgroup without them';

/** What reads with splice(2), so that a user recognises a program of his own. */
const SPLICE_READERS =
  "Go's io.Copy between connections, docker-proxy, systemd-socket-proxyd, HAProxy with 'option splice-*'";

/** What takes a 0 of FIONREAD for the end. */
const ASKS_FOR_THE_END =
  'One that takes 0 for the end when its peer has closed, as stunnel does, loses the rest, and no error says so';

function experiment(probe: ProbeName, name: string, meaning: string, remedy = KEEP_OUT): Experiment {
  return { name, group: 'sockets', probe, meaning, remedy };
}

/** In the order of the report. `meaning` and `remedy` are for a socket that deviates. */
export const EXPERIMENTS: readonly Experiment[] = [
  experiment(
    'fionreadRedirected',
    'FIONREAD, redirected',
    `ioctl(FIONREAD) does not count bytes that were redirected: a program that sizes a read by it finds nothing there. ${ASKS_FOR_THE_END}`,
  ),
  experiment(
    'fionreadTcp',
    'FIONREAD, by TCP',
    `ioctl(FIONREAD) does not count bytes that a spliced socket got by TCP: a program that sizes a read by it finds nothing there. ${ASKS_FOR_THE_END}`,
  ),
  experiment(
    'splice',
    'splice(2)',
    `splice(2) and sendfile(2) from a socket do not see redirected bytes. Programs that read so hang: ${SPLICE_READERS}`,
  ),
  experiment(
    'spliceEnd',
    'splice(2), peer closes',
    `splice(2) and sendfile(2) report the end of the stream while redirected bytes are unread: they are lost, and no error says so. Programs that read so: ${SPLICE_READERS}`,
  ),
  experiment(
    'discard',
    'recv(NULL, MSG_TRUNC)',
    'recv(MSG_TRUNC) without a buffer, which discards bytes on TCP, fails with EFAULT: a program that skips a body so fails',
  ),
  experiment(
    'peekOffset',
    'SO_PEEK_OFF',
    'MSG_PEEK begins at the first byte each time, whatever SO_PEEK_OFF says: a program that walks through the stream sees the same bytes again',
  ),
  experiment(
    'waitAll',
    'MSG_WAITALL',
    'recv(MSG_WAITALL) may return less than was asked for: a program that ignores the length takes half a message for a whole one',
  ),
  experiment(
    'lowWater',
    'SO_RCVLOWAT',
    'poll and epoll report a socket readable before SO_RCVLOWAT bytes are there, and never when some were redirected and too few came by TCP behind them: the reader waits for ever',
  ),
  experiment(
    'zeroCopy',
    'MSG_ZEROCOPY',
    'send(MSG_ZEROCOPY) never reports completion: a program that waits for it before using a buffer again waits for ever',
  ),
  experiment(
    'ringZeroCopy',
    'io_uring send_zc',
    'IORING_OP_SEND_ZC fails with EOPNOTSUPP at the end that connected: a program without another way to send closes the connection',
  ),
  experiment(
    'zeroCopyReceive',
    'TCP_ZEROCOPY_RECEIVE',
    'getsockopt(TCP_ZEROCOPY_RECEIVE) does not see redirected bytes: a program that reads so waits for ever',
  ),
  experiment(
    'outOfBand',
    'MSG_OOB',
    'an urgent byte arrives in band, as one byte more of the stream: ftp, telnet and rlogin use urgent bytes',
  ),
  experiment(
    'interrupted',
    'EAGAIN from recv, signal',
    'a blocking recv that a signal interrupts returns EAGAIN, not EINTR: perl and tclsh take that for the end of the stream, others for a timeout',
    "'splice policy --blocking-readers leave', or keep programs that handle signals out: --exclude-comm; 'splice mode bypass' does not help",
  ),
  experiment(
    'stopped',
    'EAGAIN from recv, stopped',
    'a blocking recv returns EAGAIN when its process was stopped and continued (Ctrl-Z and fg, a debugger that attaches, a container that is paused): what has arrived so far is taken for the whole answer',
    "'splice policy --blocking-readers leave', or keep programs that are paused, stopped or traced out: --exclude-comm; 'splice down' before that helps a reader from its next read on, 'splice mode bypass' does not",
  ),
  experiment(
    'sendQueue',
    'SIOCOUTQ',
    'ioctl(SIOCOUTQ) does not count redirected bytes, and MSG_MORE does not hold them back',
    'nothing, unless a program waits for the peer by it; then keep it out: --exclude-comm',
  ),
  experiment(
    'badPage',
    'send from a bad page',
    'send() from memory that is not there returns 0, not EFAULT: a program that tries again until all is sent tries for ever',
    'nothing, unless a program relies on EFAULT; then keep it out: --exclude-comm',
  ),
  experiment(
    'resetWhileBlocked',
    'reset of a blocked send',
    'a send that waits for room fails with EPIPE, and raises SIGPIPE, when the peer resets the connection; with TCP it fails with ECONNRESET and no signal. A program that neither ignores nor handles SIGPIPE ends',
  ),
  experiment(
    'transmitTime',
    'SO_TIMESTAMPING',
    'nothing reports when redirected bytes were sent (SOF_TIMESTAMPING_TX_*): a program that waits for the time waits for ever',
  ),
  experiment('timestamp', 'SO_TIMESTAMP', 'recvmsg gives redirected bytes no time of arrival'),
  experiment(
    'bytesLeft',
    'TCP_INQ',
    'recvmsg does not say how many bytes are left: a program that reads until TCP_INQ says 0 may stop early',
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
  experiment(
    'linkDown',
    'link down, firewall rule',
    'a spliced connection that is open keeps working when its interface goes down or a firewall rule forbids it, until its next message by TCP',
    "'splice mode bypass' before a rule or a link is to stop connections that are open; or remove some: splice-repl -e \"for (const {key} of entries('port=5432')) await del(key).catch(console.error)\"",
  ),
];
