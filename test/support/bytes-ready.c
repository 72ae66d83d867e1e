/*
 * A reader that wants to know with each message how many bytes are ready
 * (TCP_INQ), which TCP alone tells: "early", before the connection, or "late",
 * after some messages.
 *
 *   bytes-ready early|late     -> { messages, untold }
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define MESSAGES 5

static int check(int result, const char *what)
{
	if (result >= 0)
		return result;
	perror(what);
	exit(1);
}

static void want_to_know(int fd)
{
	int one = 1;

	check(setsockopt(fd, IPPROTO_TCP, TCP_INQ, &one, sizeof(one)), "TCP_INQ");
}

/* Sends a message; returns whether the reader was told how many bytes are ready behind it. */
static int is_told(int client, int server)
{
	char byte, control[256];
	struct iovec to = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &to,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *at;

	check(send(client, "x", 1, 0), "send");
	check(recvmsg(server, &message, 0), "recvmsg");
	for (at = CMSG_FIRSTHDR(&message); at; at = CMSG_NXTHDR(&message, at))
		if (at->cmsg_level == IPPROTO_TCP && at->cmsg_type == TCP_CM_INQ)
			return 1;
	return 0;
}

int main(int count, char **words)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
	int is_early = count == 2 && !strcmp(words[1], "early"), untold = 0, server;

	if (is_early)
		want_to_know(listener);
	check(bind(listener, (struct sockaddr *)&address, length), "bind");
	check(listen(listener, 1), "listen");
	check(getsockname(listener, (struct sockaddr *)&address, &length), "name");
	check(connect(client, (struct sockaddr *)&address, length), "connect");
	server = check(accept(listener, NULL, NULL), "accept");
	if (!is_early) {
		for (int message = 0; message < MESSAGES; message++)
			is_told(client, server);
		want_to_know(server);
	}
	for (int message = 0; message < MESSAGES; message++)
		untold += !is_told(client, server);
	printf("{ \"messages\": %d, \"untold\": %d }\n", MESSAGES, untold);
	return 0;
}
