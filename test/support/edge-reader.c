/*
 * A reader as epoll(7) allows with EPOLLET, and as nginx is one: a read that
 * gives less than was asked for has emptied the socket, it thinks, and it
 * waits until it is told again. It prints its port, and then, after each wait,
 * how many bytes it has read. It begins to wait when its input has a line;
 * after an "s" it sends no more.
 *
 *   edge-reader [epoll|sigio|uring]    who tells it: epoll unless named
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int check(int result, const char *what)
{
	if (result >= 0)
		return result;
	perror(what);
	exit(1);
}

/* ---- epoll ---- */

static int epoll;

static void watch_by_epoll(int reader)
{
	struct epoll_event told = { .events = EPOLLIN | EPOLLET };

	epoll = check(epoll_create1(0), "epoll_create1");
	check(epoll_ctl(epoll, EPOLL_CTL_ADD, reader, &told), "epoll_ctl");
}

static void wait_for_epoll(void)
{
	struct epoll_event told;

	check(epoll_wait(epoll, &told, 1, -1), "epoll_wait");
}

/* ---- a signal, fcntl(2), O_ASYNC ---- */

static sigset_t sigio;

static void watch_by_sigio(int reader)
{
	sigemptyset(&sigio);
	sigaddset(&sigio, SIGIO);
	check(sigprocmask(SIG_BLOCK, &sigio, NULL), "sigprocmask");
	check(fcntl(reader, F_SETOWN, getpid()), "F_SETOWN");
	check(fcntl(reader, F_SETFL, O_ASYNC | O_NONBLOCK), "O_ASYNC");
}

static void wait_for_sigio(void)
{
	check(sigwaitinfo(&sigio, NULL), "sigwaitinfo");
}

/* ---- io_uring: a poll for many times, done when the program looks ---- */

static struct {
	int fd;
	unsigned *head, *tail, mask;
	struct io_uring_cqe *done;
} ring;

static void watch_by_uring(int reader)
{
	struct io_uring_params params = {
		.flags = IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SINGLE_ISSUER,
	};
	struct io_uring_sqe *asked;
	char *rings;

	ring.fd = check(syscall(__NR_io_uring_setup, 64, &params), "io_uring_setup");
	rings = mmap(NULL, params.cq_off.cqes + params.cq_entries * sizeof(*ring.done) +
			   params.sq_off.array + params.sq_entries * sizeof(unsigned),
		     PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd, IORING_OFF_SQ_RING);
	asked = mmap(NULL, params.sq_entries * sizeof(*asked), PROT_READ | PROT_WRITE,
		     MAP_SHARED, ring.fd, IORING_OFF_SQES);
	if (rings == MAP_FAILED || (void *)asked == MAP_FAILED)
		check(-1, "mmap");
	ring.head = (void *)(rings + params.cq_off.head);
	ring.tail = (void *)(rings + params.cq_off.tail);
	ring.mask = *(unsigned *)(rings + params.cq_off.ring_mask);
	ring.done = (void *)(rings + params.cq_off.cqes);
	asked[0] = (struct io_uring_sqe){
		.opcode = IORING_OP_POLL_ADD,
		.fd = reader,
		.len = IORING_POLL_ADD_MULTI,
		.poll32_events = POLLIN,
	};
	((unsigned *)(rings + params.sq_off.array))[0] = 0;
	__atomic_store_n((unsigned *)(rings + params.sq_off.tail), 1, __ATOMIC_RELEASE);
	check(syscall(__NR_io_uring_enter, ring.fd, 1, 0, 0, NULL, 0), "io_uring_enter");
}

static void wait_for_uring(void)
{
	unsigned head = *ring.head;

	while (head == __atomic_load_n(ring.tail, __ATOMIC_ACQUIRE))
		check(syscall(__NR_io_uring_enter, ring.fd, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0),
		      "io_uring_enter");
	check(ring.done[head & ring.mask].res, "poll");
	check(-!(ring.done[head & ring.mask].flags & IORING_CQE_F_MORE), "poll once more");
	__atomic_store_n(ring.head, head + 1, __ATOMIC_RELEASE);
}

static const struct way {
	const char *name;
	void (*watch)(int reader);
	void (*wait)(void);
} ways[] = {
	{ "epoll", watch_by_epoll, wait_for_epoll },
	{ "sigio", watch_by_sigio, wait_for_sigio },
	{ "uring", watch_by_uring, wait_for_uring },
};

int main(int count, char **words)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	const struct way *way = ways;
	static char bytes[65536];
	long total = 0;
	int reader, first;

	while (count > 1 && strcmp(way->name, words[1]))
		if (++way == ways + 3)
			return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	check(bind(listener, (struct sockaddr *)&address, sizeof(address)), "bind");
	check(listen(listener, 1), "listen");
	check(getsockname(listener, (struct sockaddr *)&address, &length), "name");
	printf("%d\n", ntohs(address.sin_port));
	check(reader = accept4(listener, NULL, NULL, SOCK_NONBLOCK), "accept");
	way->watch(reader);
	printf("watching\n");
	check(first = getchar(), "begin");
	if (first == 's')
		check(shutdown(reader, SHUT_WR), "shutdown");
	for (;;) {
		ssize_t got;

		way->wait();
		do {
			got = recv(reader, bytes, sizeof(bytes), 0);
			total += got > 0 ? got : 0;
		} while (got == sizeof(bytes));
		printf("%ld\n", total);
		if (got == 0)
			return 0;
	}
}
