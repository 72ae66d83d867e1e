/*
 * Connections whose keys share a bucket of a SOCKHASH: it hashes without a
 * seed, so an ordinary user can choose addresses and ports for it.
 *
 *   collide BUCKETS COUNT     -> { made, whole, port }, of what it listens on
 *
 * The keys of the connecting ends fall into the bucket of the first one. Each
 * connection carries a message each way. Stays until its input ends.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROTATE(x, k) (((x) << (k)) | ((x) >> (32 - (k))))

/* include/linux/jhash.h, for 16 bytes */
static uint32_t jhash(uint32_t k0, uint32_t k1, uint32_t k2, uint32_t k3)
{
	uint32_t a = 0xdeadbeef + 16, b = a, c = a;

	a += k0, b += k1, c += k2;
	a -= c, a ^= ROTATE(c, 4), c += b;
	b -= a, b ^= ROTATE(a, 6), a += c;
	c -= b, c ^= ROTATE(b, 8), b += a;
	a -= c, a ^= ROTATE(c, 16), c += b;
	b -= a, b ^= ROTATE(a, 19), a += c;
	c -= b, c ^= ROTATE(b, 4), b += a;
	a += k3;
	c ^= b, c -= ROTATE(b, 14);
	a ^= c, a -= ROTATE(c, 11);
	b ^= a, b -= ROTATE(a, 25);
	c ^= b, c -= ROTATE(b, 16);
	a ^= c, a -= ROTATE(c, 4);
	b ^= a, b -= ROTATE(a, 14);
	c ^= b, c -= ROTATE(b, 24);
	return c;
}

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static int passes(int from, int to)
{
	char byte = 'x', got = 0;

	return send(from, &byte, 1, 0) == 1 && recv(to, &got, 1, 0) == 1 && got == byte;
}

static int connect_from(uint32_t address, int port, struct sockaddr_in to)
{
	struct sockaddr_in own = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(address),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (void *)&own, sizeof(own)) || connect(fd, (void *)&to, sizeof(to))) {
		close(fd);
		return -1;
	}
	return fd;
}

int main(int argc, char **argv)
{
	struct rlimit files = { 20000, 20000 };
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1),
	};
	socklen_t length = sizeof(to);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	uint32_t mask = argc > 1 ? atoi(argv[1]) - 1 : 65535, bucket = 0;
	int count = argc > 2 ? atoi(argv[2]) : 100, made = 0, whole = 1;

	setrlimit(RLIMIT_NOFILE, &files);
	if (bind(listener, (void *)&to, sizeof(to)) || listen(listener, 4096) ||
	    getsockname(listener, (void *)&to, &length))
		die("listen");
	for (uint32_t address = INADDR_LOOPBACK; made < count; address += 256) {
		for (int port = 10000; port < 60000 && made < count; port++) {
			uint32_t hash = jhash(address, ntohl(to.sin_addr.s_addr), port,
					      ntohs(to.sin_port));
			int near, far;

			if (made && (hash & mask) != bucket)
				continue;
			near = connect_from(address, port, to);
			if (near < 0)
				continue;
			far = accept(listener, NULL, NULL);
			whole &= passes(near, far) & passes(far, near);
			bucket = hash & mask;
			made++;
		}
	}
	printf("{\"made\": %d, \"whole\": %d, \"port\": %d}\n", made, whole,
	       ntohs(to.sin_port));
	fflush(stdout);
	while (getchar() != EOF)
		;
	return 0;
}
