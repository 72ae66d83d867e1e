/*
 * A reader that wants more than comes (MSG_WAITALL) sleeps in tcp_recvmsg,
 * where a redirect does not wake it and later bytes by TCP would overtake one.
 * Its small receive buffer has messages go to and fro between TCP and
 * redirects, thousands of times a second. With "duplex" another thread sends on
 * the reader's socket meanwhile. Each byte is checked at its place.
 *
 *   waitall-race SECONDS simplex|duplex
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MESSAGES 8000
#define RECEIVE_BUFFER 20000
#define SEGMENT 1400 /* many fit into that buffer: else TCP itself comes to a halt */
#define PATIENCE_S 10

static int sender, reader;
static atomic_ulong received, wrong;
static atomic_bool is_over;

static unsigned long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000UL + now.tv_nsec;
}

static void run_on(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
}

/* What the stream has at a place. */
static unsigned char byte_at(unsigned long place)
{
	return (place * 0x9E3779B97F4A7C15UL) >> 56;
}

static void *read_all(void *unused)
{
	static unsigned char bytes[65536];
	unsigned int seed = 7;

	run_on(1);
	for (;;) {
		size_t wanted = 1000 + rand_r(&seed) % 16000;
		ssize_t got = recv(reader, bytes, wanted, MSG_WAITALL);

		if (got < 0 && errno == EAGAIN)
			continue;
		if (got <= 0)
			return NULL;
		for (ssize_t i = 0; i < got; i++) {
			if (bytes[i] != byte_at(received + i)) {
				wrong++;
				return NULL;
			}
		}
		received += got;
	}
}

static void *send_back(void *unused)
{
	char bytes[64] = "";

	while (!is_over && send(reader, bytes, sizeof(bytes), MSG_NOSIGNAL) > 0)
		;
	return NULL;
}

static void *read_back(void *unused)
{
	static char bytes[65536];
	ssize_t got;

	do
		got = recv(sender, bytes, sizeof(bytes), 0);
	while (got > 0 || (got < 0 && errno == EAGAIN));
	return NULL;
}

/* One connection; returns whether it went to its end. */
static bool converse(unsigned int *seed)
{
	static unsigned char bytes[65536];
	unsigned long sent = 0;
	struct timespec until;
	pthread_t thread;
	bool ended = true;

	pthread_create(&thread, NULL, read_all, NULL);
	for (int message = 0; message < MESSAGES && ended && !wrong; message++) {
		size_t length = 500 + rand_r(seed) % 8000;

		for (size_t i = 0; i < length; i++)
			bytes[i] = byte_at(sent + i);
		ended = send(sender, bytes, length, MSG_NOSIGNAL) == (ssize_t)length;
		sent += length;
		if (message % 3 == 0)
			for (unsigned long end = now_ns() + rand_r(seed) % 30000; now_ns() < end;)
				;
	}
	shutdown(sender, SHUT_WR);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE_S;
	if (pthread_timedjoin_np(thread, NULL, &until)) {
		shutdown(reader, SHUT_RDWR);
		pthread_join(thread, NULL);
		return false;
	}
	return ended && (wrong || received == sent);
}

int main(int count, char **words)
{
	bool duplex = count == 3 && !strcmp(words[2], "duplex");
	unsigned long connections = 0, stalls = 0, end;
	struct sockaddr_in address = { .sin_family = AF_INET };
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	int size = RECEIVE_BUFFER, segment = SEGMENT, one = 1;
	socklen_t length = sizeof(address);
	struct timeval patience = { .tv_sec = PATIENCE_S };
	unsigned int seed = 3;

	end = now_ns() + strtoul(words[1], NULL, 10) * 1000000000UL;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 1) ||
	    getsockname(listener, (struct sockaddr *)&address, &length)) {
		perror("listen");
		return 1;
	}
	run_on(0);
	while (now_ns() < end && !wrong && !stalls) {
		pthread_t back, drain;

		sender = socket(AF_INET, SOCK_STREAM, 0);
		setsockopt(sender, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof(segment));
		if (connect(sender, (struct sockaddr *)&address, sizeof(address))) {
			perror("connect");
			return 1;
		}
		reader = accept(listener, NULL, NULL);
		setsockopt(sender, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		setsockopt(sender, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
		received = 0;
		is_over = false;
		if (duplex) {
			pthread_create(&back, NULL, send_back, NULL);
			pthread_create(&drain, NULL, read_back, NULL);
		}
		stalls += !converse(&seed);
		connections++;
		is_over = true;
		if (duplex) {
			pthread_join(back, NULL);
			shutdown(reader, SHUT_RDWR);
			pthread_join(drain, NULL);
		}
		close(sender);
		close(reader);
	}
	printf("{\"connections\": %lu, \"wrong\": %lu, \"stalls\": %lu}\n", connections, (unsigned long)wrong, stalls);
	return 0;
}
