/*
 * One socket, two connections: it leaves bytes of its first peer unread, is
 * disconnected, connect(AF_UNSPEC), and connects to a second peer or listens.
 * What it reads then must be of the second one alone.
 *
 *   used-again SECONDS connect|listen|reset|read     -> { rounds, wrong, stalls }
 *
 * Meanwhile the first peer goes on sending, in a thread of its own; "reset": it
 * has reset the connection before; "read": it is quiet, and the disconnected
 * socket is read, too.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 3000

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static struct sockaddr_in name_of(int fd)
{
	struct sockaddr_in name;
	socklen_t length = sizeof(name);

	if (getsockname(fd, (void *)&name, &length))
		die("getsockname");
	return name;
}

static int listener(void)
{
	struct sockaddr_in name = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (void *)&name, sizeof(name)) || listen(fd, 16))
		die("listen");
	return fd;
}

static int accept_from(int fd)
{
	int accepted = accept(fd, NULL, NULL);

	if (accepted < 0)
		die("accept");
	return accepted;
}

/* A splice says EAGAIN while a message of the former peer is under way. */
static void connect_to(int fd, struct sockaddr_in name)
{
	for (int tries = 0; connect(fd, (void *)&name, sizeof(name)); tries++) {
		if (errno != EAGAIN || tries == PATIENCE_MS)
			die("connect");
		usleep(1000);
	}
}

/* Whether `to` reads just the text that `from` sends; -1 when it reads nothing. */
static int passes(int from, int to, const char *text)
{
	struct pollfd set = { .fd = to, .events = POLLIN };
	size_t length = strlen(text), got = 0;
	char read[64];

	if (send(from, text, length, MSG_NOSIGNAL) != (ssize_t)length)
		return 0;
	while (got < length) {
		ssize_t part;

		if (poll(&set, 1, PATIENCE_MS) != 1)
			return -1;
		part = recv(to, read + got, sizeof(read) - got, MSG_DONTWAIT);
		if (part < 0 && errno == EAGAIN)
			continue;
		if (part <= 0)
			return 0;
		got += part;
	}
	return got == length && !memcmp(read, text, length);
}

static void *send_until_it_fails(void *fd)
{
	while (send(*(int *)fd, "EVIL BYTES", 10, MSG_NOSIGNAL | MSG_DONTWAIT) > 0 || errno == EAGAIN)
		;
	return NULL;
}

static void *send_nothing(void *fd)
{
	return NULL;
}

static int round_trip(const char *way)
{
	struct sockaddr nowhere = { .sa_family = AF_UNSPEC };
	int evil = listener(), good = listener(), own = socket(AF_INET, SOCK_STREAM, 0);
	int first, second, other = -1, result, was_read;
	pthread_t sender;
	char bytes[64];

	connect_to(own, name_of(evil));
	first = accept_from(evil);
	if (passes(own, first, "hello") != 1 || passes(first, own, "hello") != 1)
		return -1;
	if (!strcmp(way, "reset") || !strcmp(way, "read"))
		if (send(first, "EVIL BYTES", 10, MSG_NOSIGNAL) != 10)
			die("send");
	if (!strcmp(way, "reset") && connect(first, &nowhere, sizeof(nowhere)))
		die("reset");
	pthread_create(&sender, NULL,
		       strcmp(way, "read") && strcmp(way, "still") ? send_until_it_fails : send_nothing,
		       &first);
	usleep(200);
	if (connect(own, &nowhere, sizeof(nowhere)))
		die("disconnect");
	was_read = !strcmp(way, "read") && recv(own, bytes, sizeof(bytes), MSG_DONTWAIT) > 0;
	if (!strcmp(way, "listen")) {
		if (listen(own, 16))
			die("listen again");
		other = socket(AF_INET, SOCK_STREAM, 0);
		connect_to(other, name_of(own));
		second = accept_from(own);
		result = passes(other, second, "a question");
	} else {
		connect_to(own, name_of(good));
		second = accept_from(good);
		result = passes(second, own, "an answer");
	}
	pthread_join(sender, NULL);
	if (result == 1 && other < 0)
		result = passes(own, second, "a question");
	close(first);
	close(second);
	close(other);
	close(own);
	close(evil);
	close(good);
	return was_read ? 0 : result;
}

int main(int argc, char **argv)
{
	time_t end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 1);
	int rounds = 0, wrong = 0, stalls = 0;

	do {
		int result = round_trip(argc > 2 ? argv[2] : "connect");

		rounds++;
		wrong += result == 0;
		stalls += result < 0;
	} while (time(NULL) < end);
	printf("{\"rounds\": %d, \"wrong\": %d, \"stalls\": %d}\n", rounds, wrong, stalls);
	return 0;
}
