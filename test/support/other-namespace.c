/*
 * A socket in another network namespace with the addresses and ports of an end
 * that has closed. Here it has the sequence numbers of the other end's next
 * byte, too, as if by chance (TCP_REPAIR): the order rule alone does not tell
 * it from that end. What the other end sends must not reach it.
 *
 *   other-namespace     -> { crossed }, how many bytes
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENT_PORT 40000
#define SERVER_PORT 40001
#define UNDER_WAY_US 100000

static int check(int result, const char *what)
{
	if (result >= 0)
		return result;
	perror(what);
	exit(1);
}

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons(port),
	};
}

static void enter_new_namespace(void)
{
	struct ifreq up = { .ifr_name = "lo", .ifr_flags = IFF_UP };

	check(unshare(CLONE_NEWNET), "unshare");
	check(ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCSIFFLAGS, &up), "lo up");
}

static int bound_to(int port)
{
	struct sockaddr_in own = loopback(port);
	int fd = check(socket(AF_INET, SOCK_STREAM, 0), "socket"), one = 1;

	check(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)), "SO_REUSEADDR");
	check(bind(fd, (struct sockaddr *)&own, sizeof(own)), "bind");
	return fd;
}

static void connect_to(int fd, int port)
{
	struct sockaddr_in peer = loopback(port);

	check(connect(fd, (struct sockaddr *)&peer, sizeof(peer)), "connect");
}

static void repair(int fd, int how)
{
	check(setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &how, sizeof(how)), "TCP_REPAIR");
}

static void choose_queue(int fd, int queue)
{
	check(setsockopt(fd, IPPROTO_TCP, TCP_REPAIR_QUEUE, &queue, sizeof(queue)), "TCP_REPAIR_QUEUE");
}

/* The sequence number of the next byte that it sends. */
static unsigned int next_of(int fd)
{
	unsigned int next;
	socklen_t length = sizeof(next);

	repair(fd, TCP_REPAIR_ON);
	choose_queue(fd, TCP_SEND_QUEUE);
	check(getsockopt(fd, IPPROTO_TCP, TCP_QUEUE_SEQ, &next, &length), "TCP_QUEUE_SEQ");
	repair(fd, TCP_REPAIR_OFF_NO_WP);
	return next;
}

int main(void)
{
	int listener, client, server, other;
	unsigned int next;
	char bytes[64];
	ssize_t crossed;

	enter_new_namespace();
	listener = bound_to(SERVER_PORT);
	check(listen(listener, 1), "listen");
	client = bound_to(CLIENT_PORT);
	connect_to(client, SERVER_PORT);
	server = check(accept(listener, NULL, NULL), "accept");
	check(send(client, "hello", 5, 0), "send");
	check(recv(server, bytes, sizeof(bytes), 0), "recv");
	close(client);
	usleep(UNDER_WAY_US); /* its end is acknowledged late */
	next = next_of(server);

	enter_new_namespace();
	other = bound_to(CLIENT_PORT);
	repair(other, TCP_REPAIR_ON);
	choose_queue(other, TCP_RECV_QUEUE);
	check(setsockopt(other, IPPROTO_TCP, TCP_QUEUE_SEQ, &next, sizeof(next)), "TCP_QUEUE_SEQ");
	connect_to(other, SERVER_PORT);
	repair(other, TCP_REPAIR_OFF_NO_WP);

	check(send(server, "a secret", 8, MSG_NOSIGNAL), "send");
	usleep(UNDER_WAY_US);
	crossed = recv(other, bytes, sizeof(bytes), MSG_DONTWAIT);
	printf("{ \"crossed\": %zd }\n", crossed > 0 ? crossed : 0);
	return 0;
}
