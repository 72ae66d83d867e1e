/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Who waits for bytes at a socket: what its wait queue tells. Who sleeps in
 * recv(), and who is told by an edge, must be treated with care: rules.h, leave.h.
 */
#pragma once

#include "kernel_read.h"

/* How the application behind a socket learns that there are bytes to read. */
struct readers {
	int sleeping;        /* how many sleep in a call like recv() */
	__u64 sleeper;       /* one of them: its task */
	bool edge_triggered; /* somebody is told once, when bytes come in */
};

#define LONGEST_WAIT_QUEUE 16
#define LOOKS_AT_QUEUE 2
#define EPOLL_INPUT 0x41 /* EPOLLIN, EPOLLRDNORM */
#define EPOLL_EDGE (1U << 31)

/*
 * Where the functions are that wake who waits at a socket, by which one can
 * tell them apart. User space looks them up in /proc/kallsyms; 0 is unknown.
 */
struct wake_functions {
	__u64 sleeper; /* woken_wake_function: in recv() or send() */
	__u64 epoll;   /* ep_poll_callback */
	__u64 poll;    /* pollwake: in poll() or select(), which look again */
};

const volatile struct wake_functions WAKE SEC(".rodata.symbols") = {};

/* Whether an epoll is itself watched: by another one, which may be told once. */
static __always_inline bool is_watched(struct eventpoll *epoll)
{
	struct list_head *head = (void *)epoll +
				 bpf_core_field_offset(struct eventpoll, poll_wait.head);

	return READ(struct list_head, head, next) != head;
}

static __always_inline bool is_edge_triggered(struct wait_queue_entry *entry)
{
	void *start = (void *)entry - bpf_core_field_offset(struct eppoll_entry, wait);
	struct epitem *item = READ(struct eppoll_entry, start, base);
	__u32 events = READ(struct epitem, item, event.events);

	return (events & EPOLL_INPUT) &&
	       ((events & EPOLL_EDGE) ||
		is_watched(READ(struct epitem, item, ep)));
}

/*
 * One that waits at the socket. Whoever is of no known kind may be told once
 * only: io_uring's poll is. Where a kind itself is not known, anyone else may
 * be of it.
 */
static __always_inline void add_reader(struct readers *found,
				       struct wait_queue_entry *entry)
{
	__u64 wake = (__u64)READ(struct wait_queue_entry, entry, func);

	if (WAKE.poll && wake == WAKE.poll)
		return;
	if (WAKE.epoll && wake == WAKE.epoll) {
		if (is_edge_triggered(entry))
			found->edge_triggered = true;
		return;
	}
	if (!WAKE.sleeper || wake == WAKE.sleeper) {
		found->sleeping++;
		found->sleeper = (__u64)READ(struct wait_queue_entry, entry, private);
	}
	if (!WAKE.sleeper || wake != WAKE.sleeper)
		found->edge_triggered = true;
}

/* Whether the walk came to the end of the queue. */
static __always_inline bool walk_queue(struct socket_wq *queue,
				       struct readers *found)
{
	struct list_head *head, *at;

	*found = (struct readers){
		.edge_triggered = READ(struct socket_wq, queue, fasync_list) != NULL,
	};
	head = (void *)queue + bpf_core_field_offset(struct socket_wq, wait.head);
	at = READ(struct list_head, head, next);
	for (int i = 0; i < LONGEST_WAIT_QUEUE; i++) {
		if (at == head)
			return true;
		add_reader(found, (void *)at - bpf_core_field_offset(
						       struct wait_queue_entry, entry));
		at = READ(struct list_head, at, next);
	}
	return false;
}

/*
 * Who waits for bytes at a socket. Nobody does before it was accepted. Others
 * come and go meanwhile (select(2)), and may lead the walk astray: it is tried
 * again, and of a queue without an end anything is assumed.
 * (Neither static nor inlined: the verifier goes through it once, by itself.)
 */
__noinline int find_readers(__u64 address, struct readers *found)
{
	struct sock *sk = (struct sock *)address;
	struct socket_wq *queue;

	if (!found)
		return 0;
	*found = (struct readers){};
	queue = READ(struct sock, sk, sk_wq);
	if (!queue)
		return 0;
	for (int look = 0; look < LOOKS_AT_QUEUE; look++)
		if (walk_queue(queue, found))
			return 0;
	*found = (struct readers){
		.sleeping = LONGEST_WAIT_QUEUE,
		.edge_triggered = true,
	};
	return 0;
}

static __always_inline struct readers readers_of(const struct sock *sk)
{
	struct readers found = {};

	find_readers((__u64)sk, &found);
	return found;
}
