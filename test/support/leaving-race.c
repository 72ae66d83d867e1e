/*
 * Connection after connection, for so many seconds: one end sends more than
 * an edge-triggered reader may get without an answer (bpf/leave.h), and the
 * reader answers for the first time just when the message is sent with which
 * the connection leaves the map. Prints how many there were, how many sends
 * failed, and how many answers never came.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SIZE 16384
#define MESSAGES 5
#define LONGEST_WAIT_NS 6000

static int sender, reader;
static atomic_int has_read, failed;

static long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000L + now.tv_nsec;
}

static void wait_ns(long ns)
{
	for (long end = now_ns() + ns; now_ns() < end;)
		;
}

static void send_all(int to, const char *bytes, int size)
{
	if (send(to, bytes, size, MSG_NOSIGNAL) != size)
		atomic_fetch_add(&failed, 1);
}

static void *read_and_answer(void *wait)
{
	static char bytes[65536];

	for (long total = 0; total < (long)SIZE * MESSAGES;) {
		ssize_t got = recv(reader, bytes, sizeof(bytes), MSG_DONTWAIT);

		total += got > 0 ? got : 0;
	}
	atomic_store(&has_read, 1);
	wait_ns((long)wait);
	send_all(reader, "x", 1);
	return NULL;
}

/* Whether the answer came. */
static int one_connection(int listener, const struct sockaddr_in *address)
{
	struct epoll_event told = { .events = EPOLLIN | EPOLLET };
	static char bytes[SIZE];
	int watch = epoll_create1(0), came;
	struct pollfd answer;
	pthread_t thread;

	sender = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(sender, (const void *)address, sizeof(*address)))
		exit(1);
	reader = accept(listener, NULL, NULL);
	epoll_ctl(watch, EPOLL_CTL_ADD, reader, &told);
	atomic_store(&has_read, 0);
	pthread_create(&thread, NULL, read_and_answer, (void *)(rand() % (long)LONGEST_WAIT_NS));
	for (int message = 0; message < MESSAGES; message++)
		send_all(sender, bytes, SIZE);
	while (!atomic_load(&has_read))
		;
	wait_ns(rand() % LONGEST_WAIT_NS);
	send_all(sender, bytes, 100);
	pthread_join(thread, NULL);
	answer = (struct pollfd){ .fd = sender, .events = POLLIN };
	came = poll(&answer, 1, 3000) == 1 && recv(sender, bytes, 1, MSG_DONTWAIT) == 1;
	close(sender);
	close(reader);
	close(watch);
	return came;
}

int main(int count, char **arguments)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0), rounds = 0, lost = 0;
	long end = now_ns() + atol(arguments[1]) * 1000000000L;

	bind(listener, (struct sockaddr *)&address, length);
	listen(listener, 5);
	getsockname(listener, (struct sockaddr *)&address, &length);
	for (; now_ns() < end; rounds++)
		lost += !one_connection(listener, &address);
	printf("{ \"rounds\": %d, \"failed\": %d, \"lost\": %d }\n", rounds, failed, lost);
	return 0;
}
