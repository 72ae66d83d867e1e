/*
 * A reader as epoll(7) allows with EPOLLET, and as nginx is one: a read that
 * gives less than was asked for has emptied the socket, it thinks, and it
 * waits until it is told again. It prints its port, and then, after each wait,
 * how many bytes it has read. It begins to wait when its input has a line;
 * after an "s" it sends no more.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static void check(int result, const char *what)
{
	if (result >= 0)
		return;
	perror(what);
	exit(1);
}

int main(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	struct epoll_event told = { .events = EPOLLIN | EPOLLET };
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0), poll = epoll_create1(0);
	static char bytes[65536];
	long total = 0;
	int reader, first;

	setvbuf(stdout, NULL, _IOLBF, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	check(bind(listener, (struct sockaddr *)&address, sizeof(address)), "bind");
	check(listen(listener, 1), "listen");
	check(getsockname(listener, (struct sockaddr *)&address, &length), "name");
	printf("%d\n", ntohs(address.sin_port));
	check(reader = accept4(listener, NULL, NULL, SOCK_NONBLOCK), "accept");
	check(epoll_ctl(poll, EPOLL_CTL_ADD, reader, &told), "epoll_ctl");
	printf("watching\n");
	check(first = getchar(), "begin");
	if (first == 's')
		check(shutdown(reader, SHUT_WR), "shutdown");
	for (;;) {
		ssize_t got;

		check(epoll_wait(poll, &told, 1, -1), "epoll_wait");
		do {
			got = recv(reader, bytes, sizeof(bytes), 0);
			total += got > 0 ? got : 0;
		} while (got == sizeof(bytes));
		printf("%ld\n", total);
		if (got == 0)
			return 0;
	}
}
