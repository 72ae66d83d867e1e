/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Backpressure rule. TCP's window does not hold redirected bytes back. When
 * the peer's queue is full the message goes by TCP, whose window then blocks
 * the sender; the order rule brings the flow back once the reader caught up.
 */
#pragma once

#include "maps.h"

/*
 * The kernel counts the bytes that wait in the queue, and not what each
 * message takes besides: a struct sk_msg, rounded up by the allocator. For
 * messages of one byte that is a thousand times the bytes.
 */
static __always_inline __u64 bytes_besides(void)
{
	__u32 size = bpf_core_type_size(struct sk_msg);

	return size <= 512 ? 512 : size <= 1024 ? 1024 : 2048;
}

/* Whether the peer has read all that was redirected to it. */
static __always_inline bool queue_is_empty(const struct sock *peer)
{
	struct sk_psock *psock = psock_in((__u64)READ(struct sock, peer, sk_user_data));
	struct list_head *head;

	if (!psock)
		return true;
	head = (void *)psock + bpf_core_field_offset(struct sk_psock, ingress_msg);
	return READ(struct list_head, head, next) == head;
}

/*
 * Nor is a message on its way into the queue: who brings one has the verdict,
 * and waits for the socket's lock (net/ipv4/tcp_bpf.c, bpf_tcp_ingress).
 */
static __always_inline bool has_nothing_to_read(const struct sock *sk)
{
	struct list_head *head = (void *)sk +
				 bpf_core_field_offset(struct sock, sk_lock.wq.head);

	return queue_is_empty(sk) && READ(struct list_head, head, next) == head;
}

/*
 * sk_rmem_alloc has the bytes in the queue since 6.12.8, and in later releases
 * of older series. A kernel with this younger field surely counts them; of
 * others user space finds it out, and leaves 0 when it cannot.
 */
const volatile __u64 kernel_counts_queue SEC(".rodata.queue") = 0;

static __always_inline bool queue_is_counted(void)
{
	return bpf_core_field_exists(((struct sk_psock *)0)->msg_tot_len) ||
	       kernel_counts_queue;
}

/*
 * What waits at most: what was redirected since the mark `read`. The queue is
 * first in, first out: when no more bytes wait than were sent since a mark,
 * all before that one is read. There are two, so that one is always behind.
 * Where bytes are not counted, all counts until the queue is seen empty.
 */
static __always_inline struct mark waiting(struct endpoint *self,
					   const struct sock *peer,
					   __u32 queued)
{
	struct mark now = {
		.messages = self->sent.redirects,
		.bytes = self->sent.redirect_bytes,
	};

	if (queued == 0 && (queue_is_counted() || queue_is_empty(peer))) {
		self->read = now;
		self->next = now;
	} else if (queue_is_counted() &&
		   queued <= now.bytes - self->next.bytes) {
		self->read = self->next;
		self->next = now;
	}
	return (struct mark){
		.messages = now.messages - self->read.messages,
		.bytes = now.bytes - self->read.bytes,
	};
}

/*
 * SO_RCVBUF where the application set it; the kernel has doubled it, for what
 * messages take besides.
 */
static __always_inline __u64 queue_limit(const struct sock *peer)
{
	struct settings *now = bpf_map_lookup_elem(&settings, &ONLY);

	if (BPF_CORE_READ_BITFIELD_PROBED(peer, sk_userlocks) & SOCK_RCVBUF_LOCK)
		return READ(struct sock, peer, sk_rcvbuf);
	return now ? now->queue_limit : 0;
}

/*
 * When all of TCP is short of memory, queueing fails the send with ENOMEM.
 * TCP gets along with less, and makes the sender wait. An empty queue always
 * gets its first message (net/core/sock.c, __sk_mem_raise_allocated).
 */
static __always_inline bool is_memory_short(const struct sock *peer)
{
	unsigned long *pressure, is_short = 0;

	pressure = BPF_CORE_READ(peer, __sk_common.skc_prot, memory_pressure);
	bpf_core_read(&is_short, sizeof(is_short), pressure);
	return is_short != 0;
}

/* Whether a message of `self` fits into the peer's queue with what it takes. */
static __always_inline bool has_room(struct endpoint *self,
				     const struct sock *peer, __u32 bytes)
{
	__u32 counted = READ(struct sock, peer, sk_backlog.rmem_alloc.counter);
	struct mark most = waiting(self, peer, counted);
	__u64 queued = counted ? counted : most.bytes;

	queued += most.messages * bytes_besides();
	/* Most messages are small and find an empty queue: no limit is less. */
	if (queued == 0 && bytes + bytes_besides() <= SOCK_MIN_RCVBUF)
		return true;
	if (queued + bytes + bytes_besides() > queue_limit(peer))
		return false;
	return queued == 0 || !is_memory_short(peer);
}
