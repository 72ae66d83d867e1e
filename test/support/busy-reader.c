/*
 * A reader that is in tcp_recvmsg and neither holds the lock nor waits where
 * one could see it: it polls the device (SO_BUSY_POLL), which takes a network
 * device that can be polled: a veth with GRO, between two namespaces of its own.
 *
 *   busy-reader READY BEGIN GO     -> { read }, whether it got the message
 *
 * It makes the file READY when there is a connection, enters recv() when there
 * is a file BEGIN, and is sent a message when there is a file GO.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PORT 5000
#define POLL_US 3000000
#define PATIENCE_MS 4500
#define READER "10.99.0.2"

static int check(int result, const char *what)
{
	if (result >= 0)
		return result;
	perror(what);
	exit(1);
}

static void run(const char *command)
{
	if (system(command)) {
		fprintf(stderr, "failed: %s\n", command);
		exit(1);
	}
}

static void wait_for(const char *file)
{
	while (access(file, F_OK))
		usleep(1000);
}

static void set_feature(const char *device, __u32 command, __u32 on)
{
	struct ethtool_value value = { .cmd = command, .data = on };
	struct ifreq request = { .ifr_data = (void *)&value };

	strcpy(request.ifr_name, device);
	check(ioctl(check(socket(AF_INET, SOCK_DGRAM, 0), "socket"), SIOCETHTOOL, &request), "SIOCETHTOOL");
}

static struct sockaddr_in address(void)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_addr.s_addr = inet_addr(READER),
		.sin_port = htons(PORT),
	};
}

static void give(int fd)
{
	check(write(fd, "x", 1), "write");
}

static void take(int fd)
{
	char byte;

	if (read(fd, &byte, 1) != 1)
		exit(1);
}

/* In its own namespace; `from` and `to` are for keeping step with the sender. */
static void be_reader(int from, int to, const char *begin)
{
	int listener, reader, usec = POLL_US;
	struct sockaddr_in own = address();

	check(unshare(CLONE_NEWNET), "unshare");
	give(to); /* it has its namespace */
	take(from); /* the device is in it */
	set_feature("vb", ETHTOOL_SGRO, 1);
	run("ip address add " READER "/24 dev vb && ip link set vb up");
	listener = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
	check(bind(listener, (struct sockaddr *)&own, sizeof(own)), "bind");
	check(listen(listener, 1), "listen");
	give(to);
	reader = check(accept(listener, NULL, NULL), "accept");
	take(reader);
	give(reader);
	check(setsockopt(reader, SOL_SOCKET, SO_BUSY_POLL, &usec, sizeof(usec)), "SO_BUSY_POLL");
	wait_for(begin);
	take(reader);
	give(to);
	exit(0);
}

int main(int count, char **words)
{
	int there[2], back[2], sender;
	struct sockaddr_in peer = address();
	char command[100];
	struct pollfd read;
	pid_t child;

	check(count - 4, "READY BEGIN GO");
	check(pipe(there), "pipe");
	check(pipe(back), "pipe");
	if (!(child = check(fork(), "fork")))
		be_reader(there[0], back[1], words[2]);
	take(back[0]);
	check(unshare(CLONE_NEWNET), "unshare");
	snprintf(command, sizeof(command), "ip link add va type veth peer name vb netns %d", child);
	run(command);
	set_feature("va", ETHTOOL_STSO, 0);
	run("ip address add 10.99.0.1/24 dev va && ip link set va up");
	give(there[1]);
	take(back[0]);
	sender = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
	check(connect(sender, (struct sockaddr *)&peer, sizeof(peer)), "connect");
	give(sender);
	take(sender);
	close(check(open(words[1], O_CREAT | O_WRONLY, 0600), words[1]));
	wait_for(words[3]);
	give(sender);
	read = (struct pollfd){ .fd = back[0], .events = POLLIN };
	printf("{ \"read\": %d }\n", poll(&read, 1, PATIENCE_MS));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return 0;
}
