/*
 * A neighbour that wants to keep others waiting. Prints a line when it is ready; ends with its parent, or
 * when it is killed.
 *
 *   lingering N   N connections to itself with unsent data and SO_LINGER of 5 minutes at their clients. Its
 *                 clients' holder ends when one was taken into a map: the adopter's duplicates are the last.
 *   locked        a connection to itself whose client sends from memory that never comes: the kernel holds the
 *                 lock of its socket. Prints client's port, client's descriptor, server's port.
 *   crowding N    N connections to itself whose clients' keys share a bucket of a SOCKHASH with 2048 of them
 *   cmdline GIB   a command line of so many GiB, which costs nothing: it is one page of zeros again and again
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST 1024
#define WAIT_SECONDS 600

static int listener, clients[MOST], servers[MOST];
static struct sockaddr_in address = { .sin_family = AF_INET };

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int port_of(int fd)
{
	struct sockaddr_in own;
	socklen_t size = sizeof(own);

	getsockname(fd, (void *)&own, &size);
	return ntohs(own.sin_port);
}

static void open_pairs(int count, int receive_buffer)
{
	socklen_t size = sizeof(address);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (receive_buffer > 0)
		setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
	if (bind(listener, (void *)&address, size) || listen(listener, count))
		fail("listen");
	getsockname(listener, (void *)&address, &size);
	for (int i = 0; i < count; i++) {
		clients[i] = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(clients[i], (void *)&address, size))
			fail("connect");
		servers[i] = accept(listener, NULL, NULL);
	}
}

static void say_ready(void)
{
	printf("ready %d\n", getpid());
	fflush(stdout);
}

/* The adopter has been here when a reader of a socket in a map is asked how much there is to read. */
static int is_taken(int server)
{
	int unread = 1;

	ioctl(server, FIONREAD, &unread);
	return unread == 0;
}

static void lingering(int count)
{
	static char much[1 << 16];
	struct linger on = { .l_onoff = 1, .l_linger = 300 };
	pid_t holder;

	open_pairs(count, 4096);
	for (int i = 0; i < count; i++) {
		while (send(clients[i], much, sizeof(much), MSG_DONTWAIT) > 0)
			;
		setsockopt(clients[i], SOL_SOCKET, SO_LINGER, &on, sizeof(on));
	}
	holder = fork();
	if (holder == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (int i = 0;; i = (i + 1) % count)
			if (is_taken(servers[i]))
				_exit(0);
	}
	for (int i = 0; i < count; i++)
		close(clients[i]);
	say_ready();
	waitpid(holder, NULL, 0);
	sleep(WAIT_SECONDS);
}

static unsigned int rotated(unsigned int word, int by)
{
	return word << by | word >> (32 - by);
}

/* include/linux/jhash.h, of a SockKey: a SOCKHASH hashes with the seed 0. */
static unsigned int hash(unsigned int sip, unsigned int dip, unsigned int sport, unsigned int dport)
{
	unsigned int a = 0xdeadbeef + 16 + sip, b = 0xdeadbeef + 16 + dip, c = 0xdeadbeef + 16 + sport;

	a -= c; a ^= rotated(c, 4); c += b;
	b -= a; b ^= rotated(a, 6); a += c;
	c -= b; c ^= rotated(b, 8); b += a;
	a -= c; a ^= rotated(c, 16); c += b;
	b -= a; b ^= rotated(a, 19); a += c;
	c -= b; c ^= rotated(b, 4); b += a;
	a += dport;
	c ^= b; c -= rotated(b, 14);
	a ^= c; a -= rotated(c, 11);
	b ^= a; b -= rotated(a, 25);
	c ^= b; c -= rotated(b, 16);
	a ^= c; a -= rotated(c, 4);
	b ^= a; b -= rotated(a, 14);
	c ^= b; c -= rotated(b, 24);
	return c;
}

/* A connection from an address of the loopback network's and a port. */
static int connect_from(unsigned int own, int port)
{
	struct sockaddr_in from = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(own) };
	int client = socket(AF_INET, SOCK_STREAM, 0);

	if (client < 0)
		fail("socket");
	if (bind(client, (void *)&from, sizeof(from)) || connect(client, (void *)&address, sizeof(address))) {
		close(client);
		return 0;
	}
	if (accept(listener, NULL, NULL) < 0)
		fail("accept");
	return 1;
}

static void crowding(int count)
{
	struct rlimit files = { 4096, 4096 };
	unsigned int target = ntohl(inet_addr("127.0.0.1"));
	int port;

	setrlimit(RLIMIT_NOFILE, &files);
	open_pairs(1, 0);
	port = ntohs(address.sin_port);
	for (unsigned int own = ntohl(inet_addr("127.1.0.1")); count > 0; own += 256)
		for (int sport = 10000; sport < 60000 && count > 0; sport++)
			if ((hash(own, target, sport, port) & 2047) == 1)
				count -= connect_from(own, sport);
	say_ready();
	sleep(WAIT_SECONDS);
}

static void *send_nothing(void *page)
{
	send(clients[0], page, 4096, 0);
	return NULL;
}

static void locked(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int faults = syscall(SYS_userfaultfd, O_CLOEXEC);
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_t sender;

	if (faults < 0 || ioctl(faults, UFFDIO_API, &api))
		fail("userfaultfd");
	range.range.start = (unsigned long)page;
	range.range.len = 4096;
	if (ioctl(faults, UFFDIO_REGISTER, &range))
		fail("register");
	/* An ordinary user's memory could be of a file system of his own. */
	if (setresuid(65534, 65534, 65534))
		fail("setresuid");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	open_pairs(1, 0);
	printf("pair %d %d %d\n", port_of(clients[0]), clients[0], port_of(servers[0]));
	fflush(stdout);
	getchar();
	pthread_create(&sender, NULL, send_nothing, page);
	usleep(200000);
	say_ready();
	sleep(WAIT_SECONDS);
}

/* proc_pid_stat(5), from its third field on. */
static void read_own_stat(unsigned long fields[60])
{
	char text[4096] = "";
	FILE *file = fopen("/proc/self/stat", "r");
	int at = 3;

	if (!file || fread(text, 1, sizeof(text) - 1, file) == 0)
		fail("stat");
	for (char *field = strtok(strrchr(text, ')') + 2, " "); field && at < 60; field = strtok(NULL, " "))
		fields[at++] = strtoul(field, NULL, 10);
	fclose(file);
}

static void cmdline(unsigned long gib)
{
	unsigned long f[60] = { 0 }, size = gib << 30;
	char *arguments = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (arguments == MAP_FAILED)
		fail("mmap");
	memset(arguments, 'A', 8192);
	arguments[size - 1] = 0;
	read_own_stat(f);
	struct prctl_mm_map map = {
		.start_code = f[26], .end_code = f[27], .start_stack = f[28], .start_data = f[45], .end_data = f[46],
		.start_brk = f[47], .brk = (unsigned long)sbrk(0), .env_start = f[50], .env_end = f[51], .exe_fd = -1,
		.arg_start = (unsigned long)arguments, .arg_end = (unsigned long)arguments + size,
	};
	if (prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0))
		fail("prctl");
	say_ready();
	sleep(WAIT_SECONDS);
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";
	int count = argc > 2 ? atoi(argv[2]) : 1;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (strcmp(how, "lingering") == 0)
		lingering(count > MOST ? MOST : count);
	else if (strcmp(how, "locked") == 0)
		locked();
	else if (strcmp(how, "crowding") == 0)
		crowding(count);
	else if (strcmp(how, "cmdline") == 0)
		cmdline(count);
	return 1;
}
