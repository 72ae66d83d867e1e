/*
 * Two processes of one thread each, and a connection between them. For each
 * line of its input one sends a message, and says "read" when the other has
 * it, which answers each ("echo") or none ("sink") and sleeps in recv(2).
 *
 *   blocking-pair echo|sink
 */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ASLEEP_US 20000 /* long enough to fall asleep in a call */

static int check(int result, const char *what)
{
	if (result >= 0)
		return result;
	perror(what);
	exit(1);
}

int main(int count, char **words)
{
	bool echo = count == 2 && !strcmp(words[1], "echo");
	struct sockaddr_in address = { .sin_family = AF_INET };
	int listener = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
	int client = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
	socklen_t length = sizeof(address);
	char message[50] = "";
	int server, told[2];

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	check(bind(listener, (struct sockaddr *)&address, length), "bind");
	check(listen(listener, 1), "listen");
	check(getsockname(listener, (struct sockaddr *)&address, &length), "name");
	check(connect(client, (struct sockaddr *)&address, length), "connect");
	server = check(accept(listener, NULL, NULL), "accept");
	check(pipe(told), "pipe");
	if (check(fork(), "fork") == 0) {
		close(client);
		while (recv(server, message, sizeof(message), 0) > 0) {
			if (echo)
				check(send(server, message, 1, 0), "answer");
			check(write(told[1], "", 1), "tell");
		}
		return 0;
	}
	close(server);
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (getchar() != EOF) {
		usleep(ASLEEP_US);
		check(send(client, message, sizeof(message), 0), "send");
		check(read(told[0], message, 1), "told");
		if (echo)
			check(recv(client, message, 1, MSG_WAITALL), "answer");
		printf("read\n");
	}
	return 0;
}
