/*
 * A connection with itself that is redirected, and then sets an option:
 * what setsockopt(2) answers, and whether a message each way arrives whole.
 *
 *   socket-options LEVEL OPTION VALUE|tls|none [before]
 *
 * With "before" the listener has the option, and the connection inherits it.
 * Prints { port, error, whole } and stays until its input ends.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static int set(int fd, char **argv)
{
	int value = atoi(argv[3]), level = atoi(argv[1]), option = atoi(argv[2]);

	if (!strcmp(argv[3], "none"))
		return setsockopt(fd, level, option, "", 0) ? errno : 0;
	if (!strcmp(argv[3], "tls"))
		return setsockopt(fd, level, option, "tls", 4) ? errno : 0;
	return setsockopt(fd, level, option, &value, sizeof(value)) ? errno : 0;
}

static int passes(int from, int to)
{
	char sent[2000], got[2000];

	memset(sent, from, sizeof(sent));
	return send(from, sent, sizeof(sent), 0) == sizeof(sent) &&
	       recv(to, got, sizeof(got), MSG_WAITALL) == sizeof(got) &&
	       !memcmp(sent, got, sizeof(sent));
}

int main(int argc, char **argv)
{
	struct sockaddr_in name = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t length = sizeof(name);
	int listener = socket(AF_INET, SOCK_STREAM, 0), near = socket(AF_INET, SOCK_STREAM, 0);
	int far, error = 0, whole = 1, before = argc > 4;

	if (argc < 4)
		return 2;
	if (bind(listener, (void *)&name, sizeof(name)) || listen(listener, 1) ||
	    getsockname(listener, (void *)&name, &length))
		die("listen");
	if (before)
		error = set(listener, argv);
	if (connect(near, (void *)&name, sizeof(name)))
		die("connect");
	far = accept(listener, NULL, NULL);
	if (far < 0)
		die("accept");
	whole &= passes(near, far) & passes(far, near);
	if (!before)
		error = set(far, argv);
	for (int i = 0; i < 5; i++)
		whole &= passes(near, far) & passes(far, near);
	if (getsockname(near, (void *)&name, &length))
		die("getsockname");
	printf("{\"port\": %d, \"error\": %d, \"whole\": %d}\n", ntohs(name.sin_port), error, whole);
	fflush(stdout);
	while (getchar() != EOF)
		;
	return 0;
}
