/*
 * Chooses ports so that the keys of its connections share one bucket of a
 * SOCKHASH with so many buckets, as any user can: it hashes without a seed.
 *
 *   crowd BUCKETS CONNECTIONS     -> { connections, port }, of what it listened on
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>

static void check(int result, const char *what)
{
	if (result >= 0)
		return;
	perror(what);
	exit(1);
}

static uint32_t rotate(uint32_t word, int bits)
{
	return word << bits | word >> (32 - bits);
}

/* include/linux/jhash.h, jhash() of four words with the seed 0 */
static uint32_t hash(uint32_t sip, uint32_t dip, uint32_t sport, uint32_t dport)
{
	uint32_t a = 0xdeadbeef + 16, b = a, c = a;

	a += sip, b += dip, c += sport;
	a -= c, a ^= rotate(c, 4), c += b;
	b -= a, b ^= rotate(a, 6), a += c;
	c -= b, c ^= rotate(b, 8), b += a;
	a -= c, a ^= rotate(c, 16), c += b;
	b -= a, b ^= rotate(a, 19), a += c;
	c -= b, c ^= rotate(b, 4), b += a;
	a += dport;
	c ^= b, c -= rotate(b, 14);
	a ^= c, a -= rotate(c, 11);
	b ^= a, b -= rotate(a, 25);
	c ^= b, c -= rotate(b, 16);
	a ^= c, a -= rotate(c, 4);
	b ^= a, b -= rotate(a, 14);
	c ^= b, c -= rotate(b, 24);
	return c;
}

/* Whether there was a connection from just this address and port. */
static int converse(int listener, const struct sockaddr_in *to, uint32_t address, int port)
{
	struct sockaddr_in from = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(address),
		.sin_port = htons(port),
	};
	int client = socket(AF_INET, SOCK_STREAM, 0);

	check(client, "socket");
	if (bind(client, (struct sockaddr *)&from, sizeof(from)))
		return 0;
	check(connect(client, (const struct sockaddr *)to, sizeof(*to)), "connect");
	check(accept(listener, NULL, NULL), "accept");
	return 1;
}

int main(int count, char **words)
{
	uint32_t buckets = atoi(words[1]), wanted = atoi(words[2]), connections = 0;
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(to);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	check(bind(listener, (struct sockaddr *)&to, length), "bind");
	check(listen(listener, 16), "listen");
	check(getsockname(listener, (struct sockaddr *)&to, &length), "name");
	for (uint32_t address = INADDR_LOOPBACK; connections < wanted; address += 256)
		for (int port = 10000; port < 60000 && connections < wanted; port++)
			if (hash(address, INADDR_LOOPBACK, port, ntohs(to.sin_port)) % buckets == 0)
				connections += converse(listener, &to, address, port);
	printf("{ \"connections\": %u, \"port\": %d }\n", connections, ntohs(to.sin_port));
	return 0;
}
