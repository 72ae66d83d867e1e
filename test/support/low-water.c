/*
 * A reader that wants to be told of so many bytes only (SO_RCVLOWAT), which
 * TCP alone honours: "early", before the connection, or "late", after some
 * messages.
 *
 *   low-water early|late     -> { messages, early }, told too early
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define MESSAGES 5
#define ENOUGH 1000
#define NOT_YET_MS 20

static void check(int result, const char *what)
{
	if (result >= 0)
		return;
	perror(what);
	exit(1);
}

static void want_enough(int fd)
{
	int enough = ENOUGH;

	check(setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &enough, sizeof(enough)), "SO_RCVLOWAT");
}

int main(int count, char **words)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
	int is_early = count == 2 && !strcmp(words[1], "early"), early = 0;
	struct pollfd server = { .events = POLLIN };
	char byte;

	if (is_early)
		want_enough(listener);
	check(bind(listener, (struct sockaddr *)&address, length), "bind");
	check(listen(listener, 1), "listen");
	check(getsockname(listener, (struct sockaddr *)&address, &length), "name");
	check(connect(client, (struct sockaddr *)&address, length), "connect");
	check(server.fd = accept(listener, NULL, NULL), "accept");
	if (!is_early) {
		for (int message = 0; message < MESSAGES; message++) {
			check(send(client, "x", 1, 0), "send");
			check(recv(server.fd, &byte, 1, 0), "recv");
		}
		want_enough(server.fd);
	}
	for (int message = 0; message < MESSAGES; message++) {
		check(send(client, "x", 1, 0), "send");
		early += poll(&server, 1, NOT_YET_MS) == 1;
	}
	printf("{ \"messages\": %d, \"early\": %d }\n", MESSAGES, early);
	return 0;
}
