/*
 * As much of io_uring as a reader needs, by its system calls: one request is
 * submitted, and one answer is waited for.
 */
#pragma once

#include <linux/io_uring.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RING_ENTRIES 64

struct ring {
	int fd;
	struct io_uring_params about;
	char *rings;
	struct io_uring_sqe *requests;
};

static int ring_open(struct ring *ring, unsigned int flags)
{
	struct io_uring_params *about = &ring->about;
	size_t size;

	about->flags = flags;
	ring->fd = syscall(SYS_io_uring_setup, RING_ENTRIES, about);
	if (ring->fd < 0)
		return -1;
	size = about->cq_off.cqes + about->cq_entries * sizeof(struct io_uring_cqe);
	ring->rings = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
			   ring->fd, IORING_OFF_SQ_RING);
	ring->requests = mmap(NULL, RING_ENTRIES * sizeof(*ring->requests),
			      PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd,
			      IORING_OFF_SQES);
	return ring->rings == MAP_FAILED || ring->requests == MAP_FAILED ? -1 : 0;
}

static unsigned int *ring_word(struct ring *ring, unsigned int offset)
{
	return (unsigned int *)(ring->rings + offset);
}

static int ring_submit(struct ring *ring, const struct io_uring_sqe *request)
{
	unsigned int *tail = ring_word(ring, ring->about.sq_off.tail);
	unsigned int place = *tail & (RING_ENTRIES - 1);

	ring->requests[place] = *request;
	ring_word(ring, ring->about.sq_off.array)[place] = place;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	return syscall(SYS_io_uring_enter, ring->fd, 1, 0, 0, NULL, 0);
}

static int ring_wait(struct ring *ring, struct io_uring_cqe *answer)
{
	unsigned int *head = ring_word(ring, ring->about.cq_off.head);
	unsigned int *tail = ring_word(ring, ring->about.cq_off.tail);
	struct io_uring_cqe *answers =
		(struct io_uring_cqe *)(ring->rings + ring->about.cq_off.cqes);

	while (*head == __atomic_load_n(tail, __ATOMIC_ACQUIRE))
		if (syscall(SYS_io_uring_enter, ring->fd, 0, 1,
			    IORING_ENTER_GETEVENTS, NULL, 0) < 0)
			return -1;
	*answer = answers[*head & (ring->about.cq_entries - 1)];
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	return 0;
}
