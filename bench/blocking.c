/*
 * A ping-pong of 64 bytes between two processes, of which each waits in a
 * blocking recv(2) ("block") or in epoll_wait(2) ("epoll"); for blocking.ts.
 * It says "ready" when connected, begins when its input has a line, and prints
 * the microseconds of a message there and back: the median, and the mean.
 *
 *   blocking block|epoll block|epoll SECONDS
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#define SIZE 64
#define MOST 4000000

static float times[MOST];

static int check(int result, const char *what)
{
	if (result >= 0)
		return result;
	perror(what);
	exit(1);
}

static bool get(int fd, int poll, char *bytes)
{
	for (int have = 0; have < SIZE;) {
		struct epoll_event told;
		ssize_t got;

		if (poll >= 0)
			check(epoll_wait(poll, &told, 1, -1), "epoll_wait");
		got = check(recv(fd, bytes + have, SIZE - have, 0), "recv");
		if (got == 0)
			return false;
		have += got;
	}
	return true;
}

static int watch(int fd, const char *way)
{
	struct epoll_event told = { .events = EPOLLIN };
	int poll;

	if (!strcmp(way, "block"))
		return -1;
	poll = check(epoll_create1(0), "epoll_create1");
	check(epoll_ctl(poll, EPOLL_CTL_ADD, fd, &told), "epoll_ctl");
	return poll;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

static int ascending(const void *one, const void *other)
{
	float a = *(const float *)one, b = *(const float *)other;

	return (a > b) - (a < b);
}

int main(int count, char **words)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof(address);
	char bytes[SIZE] = "";
	int listener, client, server, poll, one = 1;
	double begin, last;
	long done = 0;

	if (count != 4)
		return 2;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
	client = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
	check(bind(listener, (struct sockaddr *)&address, length), "bind");
	check(listen(listener, 1), "listen");
	check(getsockname(listener, (struct sockaddr *)&address, &length), "name");
	check(connect(client, (struct sockaddr *)&address, length), "connect");
	server = check(accept(listener, NULL, NULL), "accept");
	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (check(fork(), "fork") == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(client);
		poll = watch(server, words[2]);
		while (get(server, poll, bytes))
			check(send(server, bytes, SIZE, 0), "answer");
		return 0;
	}
	close(server);
	poll = watch(client, words[1]);
	printf("ready\n");
	fflush(stdout);
	getchar();
	begin = last = now();
	while (done < MOST && last - begin < atof(words[3]) * 1e6) {
		check(send(client, bytes, SIZE, 0), "send");
		if (!get(client, poll, bytes))
			return 1;
		times[done++] = now() - last;
		last = now();
	}
	qsort(times, done, sizeof(times[0]), ascending);
	printf("%.2f %.2f\n", times[done / 2], (last - begin) / done);
	return 0;
}
