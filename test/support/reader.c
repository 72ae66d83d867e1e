/*
 * A connection of which one end reads in a way that is named, in a process of
 * its own, and says what it got: every byte has its place, and one that is
 * lost, moved or repeated is seen.
 *
 *   reader WAY
 *
 * It says "ready", and does what the lines of its input say:
 *   send COUNT SIZE   sends messages, and says "sent"
 *   pause             the reader ends its wait, and then does not read
 *   busy              the reader reads the next record, and then does not wait
 *   resume            it goes on
 *   close             ends the stream
 * The reader says "total N" whenever it has read more, "end N" at the end of
 * the stream, and "complaint WHAT" when it sees what TCP would not show it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include "ring.h"

#define ROOM 65536
#define RECORD 4000 /* what readers of records ask for; messages add up to it */
#define SLEEP_US 500
#define IN_VAIN_US 20000 /* between looks of one that is told of bytes that it cannot have */

enum { RESUME, PAUSE, BUSY };

static volatile struct {
	int state;
	long busy_from; /* after so many bytes */
} *shared; /* by both processes */
static int fd; /* of the reader */
static int watch = -1, outer = -1, pipes[2]; /* what some ways need */
static int way_flags;
static bool begun; /* of what is done once */
static long total;
static char bytes[ROOM];
static struct ring ring;

/* ---- what every way needs */

static int check(int result, const char *what)
{
	if (result >= 0)
		return result;
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

static unsigned char byte_at(long place)
{
	return place * 7 + (place >> 8) * 3 + (place >> 16);
}

static void complain(const char *what)
{
	printf("complaint %s\n", what);
	exit(0);
}

static void compare(const char *got, long place, long count)
{
	for (long i = 0; i < count; i++)
		if ((unsigned char)got[i] != byte_at(place + i))
			complain("wrong bytes");
}

/* Bytes that were read, or what a call returned instead. */
static ssize_t took(const char *got, ssize_t count)
{
	if (count < 0 && errno == EAGAIN && way_flags & O_NONBLOCK)
		return count;
	if (count < 0)
		complain(strerrorname_np(errno));
	if (count == 0) {
		printf("end %ld\n", total);
		exit(0);
	}
	if (got)
		compare(got, total, count);
	total += count;
	printf("total %ld\n", total);
	return count;
}

static void stay(bool was_read)
{
	while (shared->state == PAUSE ||
	       (was_read && shared->state == BUSY && total >= shared->busy_from))
		usleep(SLEEP_US);
}

/* ---- ways to wait */

static void wait_in_read(void)
{
}

static void wait_select(void)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(fd, &set);
	check(select(fd + 1, &set, NULL, NULL, NULL), "select");
}

static void wait_poll(void)
{
	struct pollfd set = { .fd = fd, .events = POLLIN };

	check(poll(&set, 1, -1), "poll");
}

/* How epoll is asked; the second word is for an epoll that watches the first. */
static unsigned int asked, asked_outer;

static void arm(int operation)
{
	struct epoll_event told = { .events = asked };

	check(epoll_ctl(watch, operation, fd, &told), "epoll_ctl");
}

static void wait_epoll(void)
{
	struct epoll_event told;

	if (watch < 0) {
		watch = check(epoll_create1(0), "epoll_create1");
		arm(EPOLL_CTL_ADD);
		if (asked_outer) {
			told.events = asked_outer;
			outer = check(epoll_create1(0), "epoll_create1");
			check(epoll_ctl(outer, EPOLL_CTL_ADD, watch, &told), "outer");
		}
	} else if (asked & EPOLLONESHOT) {
		arm(EPOLL_CTL_MOD);
	}
	if (outer >= 0)
		check(epoll_wait(outer, &told, 1, -1), "epoll_wait outer");
	check(epoll_wait(watch, &told, 1, outer >= 0 ? 0 : -1), "epoll_wait");
}

static int signal_number = SIGIO;

static void wait_signal(void)
{
	sigset_t set;
	siginfo_t told;

	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	sigaddset(&set, SIGRTMIN);
	if (watch < 0) {
		watch = 0;
		sigprocmask(SIG_BLOCK, &set, NULL);
		check(fcntl(fd, F_SETOWN, getpid()), "F_SETOWN");
		if (signal_number != SIGIO)
			check(fcntl(fd, F_SETSIG, signal_number), "F_SETSIG");
		check(fcntl(fd, F_SETFL, O_NONBLOCK | O_ASYNC), "O_ASYNC");
		return; /* what came before is told by nobody */
	}
	check(sigwaitinfo(&set, &told), "sigwaitinfo");
}

static unsigned int ring_flags, poll_flags;
static bool polling;

static void wait_ring_poll(void)
{
	struct io_uring_sqe request = { .opcode = IORING_OP_POLL_ADD, .fd = fd,
					.poll32_events = POLLIN, .len = poll_flags };
	struct io_uring_cqe answer;

	if (ring.fd == 0)
		check(ring_open(&ring, ring_flags), "io_uring_setup");
	if (!polling)
		check(ring_submit(&ring, &request), "io_uring_enter");
	check(ring_wait(&ring, &answer), "io_uring_enter");
	polling = answer.flags & IORING_CQE_F_MORE;
}

/* ---- ways to read */

static void read_once(void)
{
	took(bytes, recv(fd, bytes, ROOM, 0));
}

/* epoll(7): a read that gives less than was asked for has emptied the socket. */
static void read_until_short(void)
{
	while (took(bytes, recv(fd, bytes, ROOM, 0)) == ROOM)
		;
}

static void read_until_error(void)
{
	while (took(bytes, recv(fd, bytes, ROOM, 0)) >= 0)
		;
}

static void read_readv(void)
{
	struct iovec parts[] = { { bytes, 100 }, { bytes + 100, ROOM - 100 } };

	took(bytes, readv(fd, parts, 2));
}

static void read_recvmmsg(void)
{
	struct iovec parts[4];
	struct mmsghdr messages[4] = {};
	int count;

	for (int i = 0; i < 4; i++) {
		parts[i] = (struct iovec){ bytes + i * 1000, 1000 };
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	count = recvmmsg(fd, messages, 4, MSG_WAITFORONE, NULL);
	if (count <= 0)
		took(NULL, count);
	for (int i = 0; i < count; i++)
		took(bytes + i * 1000, messages[i].msg_len);
}

/* Whole records, or the end. */
static void read_waitall(void)
{
	ssize_t got = recv(fd, bytes, RECORD, MSG_WAITALL);

	if (got > 0 && got < RECORD)
		complain("short");
	took(bytes, got);
}

static void read_discard(void)
{
	took(NULL, recv(fd, NULL, ROOM, MSG_TRUNC));
}

static void read_peek(void)
{
	ssize_t got = recv(fd, bytes, ROOM, MSG_PEEK);

	if (got > 0)
		compare(bytes, total, got);
	took(bytes, recv(fd, bytes, got > 0 ? got : ROOM, 0));
}

static void read_peeked_records(void)
{
	ssize_t got = recv(fd, bytes, ROOM, MSG_PEEK);

	if (got > 0 && got < RECORD)
		usleep(SLEEP_US);
	else
		took(bytes, recv(fd, bytes, got > 0 ? got - got % RECORD : ROOM, 0));
}

static void read_peek_offset(void)
{
	ssize_t first, second;

	first = recv(fd, bytes, 500, MSG_PEEK);
	if (first <= 0) {
		took(bytes, recv(fd, bytes, ROOM, 0));
		return;
	}
	second = recv(fd, bytes + first, 500, MSG_PEEK);
	compare(bytes, total, first + (second > 0 ? second : 0));
	took(bytes, recv(fd, bytes, first + (second > 0 ? second : 0), 0));
}

/* As many as ioctl says; none means that there are none. */
static void read_counted(void)
{
	int waiting = 0;

	check(ioctl(fd, FIONREAD, &waiting), "FIONREAD");
	if (waiting == 0 && recv(fd, bytes, 1, MSG_PEEK) != 0) {
		usleep(IN_VAIN_US);
		return;
	}
	while (waiting > 0)
		waiting -= took(bytes, recv(fd, bytes, waiting < ROOM ? waiting : ROOM, 0));
	if (waiting == 0 && recv(fd, bytes, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
		took(bytes, 0);
}

/* Until TCP_INQ says that nothing is left. */
static void read_inq(void)
{
	char control[256];
	struct iovec part = { bytes, 1000 };
	int left;

	do {
		struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1,
					  .msg_control = control,
					  .msg_controllen = sizeof(control) };
		struct cmsghdr *said;
		ssize_t got = recvmsg(fd, &message, 0);

		if (got > 0) {
			said = CMSG_FIRSTHDR(&message);
			if (!said || said->cmsg_type != TCP_CM_INQ)
				complain("no TCP_INQ");
			memcpy(&left, CMSG_DATA(said), sizeof(left));
		}
		if (took(bytes, got) < 0)
			return;
	} while (left > 0);
}

static void drain_pipe(ssize_t moved)
{
	if (moved <= 0) {
		if (moved < 0 && errno == EAGAIN)
			usleep(IN_VAIN_US);
		took(bytes, moved);
		return;
	}
	took(bytes, read(pipes[0], bytes, moved));
}

static void open_pipe(void)
{
	if (pipes[1] == 0)
		check(pipe(pipes), "pipe");
}

static void read_splice(void)
{
	open_pipe();
	drain_pipe(splice(fd, NULL, pipes[1], NULL, ROOM, 0));
}

static void read_ring_splice(void)
{
	struct io_uring_sqe request = { .opcode = IORING_OP_SPLICE, .fd = -1,
					.splice_fd_in = fd, .len = ROOM,
					.off = -1, .splice_off_in = -1 };
	struct io_uring_cqe answer;

	open_pipe();
	request.fd = pipes[1];
	if (ring.fd == 0)
		check(ring_open(&ring, 0), "io_uring_setup");
	check(ring_submit(&ring, &request), "io_uring_enter");
	check(ring_wait(&ring, &answer), "io_uring_enter");
	errno = -answer.res;
	drain_pipe(answer.res < 0 ? -1 : answer.res);
}

static void read_sendfile(void)
{
	open_pipe();
	drain_pipe(sendfile(pipes[1], fd, NULL, ROOM));
}

static void ring_result(const char *got, int result)
{
	errno = -result;
	took(got, result < 0 ? -1 : result);
}

static void read_ring(void)
{
	struct io_uring_sqe request = { .opcode = IORING_OP_RECV, .fd = fd,
					.addr = (unsigned long)bytes, .len = ROOM };
	struct io_uring_cqe answer;

	if (ring.fd == 0)
		check(ring_open(&ring, ring_flags), "io_uring_setup");
	check(ring_submit(&ring, &request), "io_uring_enter");
	check(ring_wait(&ring, &answer), "io_uring_enter");
	ring_result(bytes, answer.res);
}

#define BUFFERS 8
#define BUFFER (ROOM / BUFFERS)
#define OURS 1 /* marks the answers to what gives buffers back */

static void provide(int first, int count)
{
	struct io_uring_sqe request = { .opcode = IORING_OP_PROVIDE_BUFFERS,
					.fd = count, .off = first,
					.addr = (unsigned long)bytes + first * BUFFER,
					.len = BUFFER, .user_data = OURS };

	check(ring_submit(&ring, &request), "provide");
}

static void read_ring_multishot(void)
{
	struct io_uring_sqe request = { .opcode = IORING_OP_RECV, .fd = fd,
					.ioprio = IORING_RECV_MULTISHOT,
					.flags = IOSQE_BUFFER_SELECT };
	struct io_uring_cqe answer;

	if (ring.fd == 0) {
		check(ring_open(&ring, ring_flags), "io_uring_setup");
		provide(0, BUFFERS);
	}
	if (!polling)
		check(ring_submit(&ring, &request), "io_uring_enter");
	polling = true;
	check(ring_wait(&ring, &answer), "io_uring_enter");
	if (answer.user_data == OURS)
		return;
	polling = answer.flags & IORING_CQE_F_MORE;
	if (answer.res == -ENOBUFS)
		return;
	ring_result(bytes + (answer.flags >> IORING_CQE_BUFFER_SHIFT) * BUFFER, answer.res);
	provide(answer.flags >> IORING_CQE_BUFFER_SHIFT, 1);
}

static void nothing(int number)
{
	(void)number;
}

/* A signal that restarts calls: a read goes on as if there had been none. */
static void read_under_signals(void)
{
	struct itimerval often = { { 0, 20000 }, { 0, 20000 } };
	struct sigaction restarts = { .sa_handler = nothing, .sa_flags = SA_RESTART };

	if (!begun) {
		begun = true;
		sigaction(SIGALRM, &restarts, NULL);
		setitimer(ITIMER_REAL, &often, NULL);
	}
	read_once();
}

/* ---- the ways, by their names */

struct way {
	const char *name;
	void (*wait)(void);
	void (*read)(void);
	int flags;
	unsigned int asked, asked_outer; /* of epoll */
	unsigned int ring_flags, poll_flags; /* of io_uring */
	int level, option, value; /* of the socket */
};

#define BLOCKING 0
#define DEFER (IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SINGLE_ISSUER)
#define EPOLL(words, read) wait_epoll, read, O_NONBLOCK, words, 0, 0, 0

static const struct way ways[] = {
	{ "recv", wait_in_read, read_once, BLOCKING },
	{ "recv, signals", wait_in_read, read_under_signals, BLOCKING },
	{ "recv, MSG_WAITALL", wait_in_read, read_waitall, BLOCKING },
	{ "recv, MSG_TRUNC, no buffer", wait_in_read, read_discard, BLOCKING },
	{ "recvmmsg", wait_in_read, read_recvmmsg, BLOCKING },
	{ "readv", wait_in_read, read_readv, BLOCKING },
	{ "splice", wait_in_read, read_splice, BLOCKING },
	{ "sendfile", wait_in_read, read_sendfile, BLOCKING },
	{ "select", wait_select, read_once, O_NONBLOCK },
	{ "poll", wait_poll, read_once, O_NONBLOCK },
	{ "poll, blocking socket", wait_poll, read_once, BLOCKING },
	{ "poll, MSG_PEEK", wait_poll, read_peek, O_NONBLOCK },
	{ "poll, MSG_PEEK for a record", wait_poll, read_peeked_records, O_NONBLOCK },
	{ "poll, SO_PEEK_OFF", wait_poll, read_peek_offset, O_NONBLOCK,
	  .level = SOL_SOCKET, .option = SO_PEEK_OFF, .value = 0 },
	{ "poll, SO_RCVLOWAT", wait_poll, read_once, O_NONBLOCK,
	  .level = SOL_SOCKET, .option = SO_RCVLOWAT, .value = RECORD },
	{ "poll, FIONREAD", wait_poll, read_counted, O_NONBLOCK },
	{ "poll, TCP_INQ", wait_poll, read_inq, O_NONBLOCK,
	  .level = IPPROTO_TCP, .option = TCP_INQ, .value = 1 },
	{ "poll, splice", wait_poll, read_splice, O_NONBLOCK },
	{ "epoll", EPOLL(EPOLLIN, read_once) },
	{ "epoll, EPOLLET", EPOLL(EPOLLIN | EPOLLET, read_until_short) },
	{ "epoll, EPOLLET until EAGAIN", EPOLL(EPOLLIN | EPOLLET, read_until_error) },
	{ "epoll, EPOLLRDNORM EPOLLET", EPOLL(EPOLLRDNORM | EPOLLET, read_until_short) },
	{ "epoll, EPOLLET EPOLLRDHUP", EPOLL(EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, read_until_short) },
	{ "epoll, EPOLLONESHOT", EPOLL(EPOLLIN | EPOLLONESHOT, read_once) },
	{ "epoll, EPOLLET EPOLLONESHOT", EPOLL(EPOLLIN | EPOLLET | EPOLLONESHOT, read_until_short) },
	{ "epoll, EPOLLEXCLUSIVE", EPOLL(EPOLLIN | EPOLLEXCLUSIVE, read_once) },
	{ "epoll, EPOLLET EPOLLEXCLUSIVE", EPOLL(EPOLLIN | EPOLLET | EPOLLEXCLUSIVE, read_until_short) },
	{ "epoll in epoll", wait_epoll, read_once, O_NONBLOCK, EPOLLIN, EPOLLIN },
	{ "epoll in epoll, outer EPOLLET", wait_epoll, read_until_short, O_NONBLOCK, EPOLLIN, EPOLLIN | EPOLLET },
	{ "epoll in epoll, inner EPOLLET", wait_epoll, read_until_short, O_NONBLOCK, EPOLLIN | EPOLLET, EPOLLIN },
	{ "io_uring poll", wait_ring_poll, read_once, O_NONBLOCK },
	{ "io_uring multishot poll", wait_ring_poll, read_until_short, O_NONBLOCK, .poll_flags = IORING_POLL_ADD_MULTI },
	{ "io_uring multishot poll, DEFER_TASKRUN", wait_ring_poll, read_until_short, O_NONBLOCK,
	  .ring_flags = DEFER, .poll_flags = IORING_POLL_ADD_MULTI },
	{ "io_uring recv", wait_in_read, read_ring, BLOCKING },
	{ "io_uring recv, DEFER_TASKRUN", wait_in_read, read_ring, BLOCKING, .ring_flags = DEFER },
	{ "io_uring multishot recv", wait_in_read, read_ring_multishot, BLOCKING },
	{ "io_uring multishot recv, DEFER_TASKRUN", wait_in_read, read_ring_multishot, BLOCKING, .ring_flags = DEFER },
	{ "io_uring splice", wait_in_read, read_ring_splice, BLOCKING },
	{ "SIGIO", wait_signal, read_until_short, O_NONBLOCK },
	{ "F_SETSIG", wait_signal, read_until_short, O_NONBLOCK },
};

static void run_reader(const struct way *way)
{
	way_flags = way->flags;
	asked = way->asked;
	asked_outer = way->asked_outer;
	ring_flags = way->ring_flags;
	poll_flags = way->poll_flags;
	if (!strcmp(way->name, "F_SETSIG"))
		signal_number = SIGRTMIN;
	check(fcntl(fd, F_SETFL, way->flags), "F_SETFL");
	if (way->level)
		check(setsockopt(fd, way->level, way->option, &way->value,
				 sizeof(way->value)), "setsockopt");
	printf("ready\n");
	for (;;) {
		stay(true);
		way->wait();
		stay(false);
		way->read();
	}
}

/* ---- the sender */

static long place; /* of what is sent next */

static void send_messages(int to, long count, long size)
{
	static char message[1 << 20];

	for (long sent = 0; sent < count; sent++) {
		for (long i = 0; i < size; i++)
			message[i] = byte_at(place + i);
		for (long done = 0; done < size;)
			done += check(send(to, message + done, size - done, MSG_NOSIGNAL), "send");
		place += size;
	}
	printf("sent\n");
}

static void run_sender(int to)
{
	char line[100];
	long count, size;

	while (fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "send %ld %ld", &count, &size) == 2)
			send_messages(to, count, size);
		else if (!strcmp(line, "close\n"))
			check(shutdown(to, SHUT_WR), "shutdown");
		else if (!strcmp(line, "busy\n"))
			shared->busy_from = place + RECORD, shared->state = BUSY;
		else
			shared->state = !strcmp(line, "pause\n") ? PAUSE : RESUME;
	}
}

int main(int count, char **words)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof(address);
	int listener, client, one = 1;
	const struct way *way = NULL;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (count == 1)
			printf("%s\n", ways[i].name);
		else if (!strcmp(words[1], ways[i].name))
			way = &ways[i];
	}
	if (!way)
		return count == 1 ? 0 : 2;
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
	client = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
	check(bind(listener, (struct sockaddr *)&address, length), "bind");
	check(listen(listener, 1), "listen");
	check(getsockname(listener, (struct sockaddr *)&address, &length), "name");
	check(connect(client, (struct sockaddr *)&address, length), "connect");
	check(setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)), "nodelay");
	fd = check(accept(listener, NULL, NULL), "accept");
	if (check(fork(), "fork") == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(client);
		run_reader(way);
	}
	close(fd);
	run_sender(client);
	return 0;
}
