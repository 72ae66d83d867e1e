/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * The rules of a redirect, one function a rule, but for backpressure.h. Each
 * is asked about one message, under the lock of the socket that sends it.
 */
#pragma once

#include "kernel_read.h"
#include "maps.h"
#include "order_of_reads.h"
#include "readers.h"

#define MAY_REDIRECT (-1)

/*
 * Order rule. A reader takes redirected bytes before those that came by TCP.
 * Both ends count in one sequence space, and redirected bytes do not count
 * in it: when the peer's application has read up to what this socket ever
 * wrote to TCP, nothing is under way that a redirect could overtake.
 */
static __always_inline bool all_was_read(const struct tcp_sock *self,
					 __u32 peer_has_read)
{
	return peer_has_read == self->write_seq;
}

/*
 * Handover rule, for a socket that lived before its entry: its reader may be
 * asleep inside tcp_recvmsg, where redirected bytes do not wake it. Once it
 * has read one message that came by TCP, its next read is a new one.
 */
static __always_inline bool was_handed_over(struct endpoint *peer,
					    __u32 peer_has_read)
{
	if (!(peer->flags & ENDPOINT_ADOPTED))
		return true;
	return peer_has_read != peer->handover_seq;
}

/* Notes which thread sends on a socket; several may. */
static __always_inline void note_sender(struct endpoint *self)
{
	__u64 task = bpf_get_current_task();

	if (self->sender == task)
		return;
	if (self->sender)
		set_flag(self, ENDPOINT_SENDERS);
	self->sender = task;
}

static __always_inline bool is_only_thread(__u64 task)
{
	struct signal_struct *process = READ(struct task_struct, task, signal);

	return READ(struct signal_struct, process, nr_threads) == 1;
}

/*
 * Whether the one who sleeps at a socket does so in tcp_bpf_recvmsg. Such a
 * call holds a reference of the psock; but so does a sender. So the reference
 * is only believed to be the sleeper's where nobody else is known to send: it
 * alone ever sent here, or nobody did and its process has no other thread.
 */
static __always_inline bool sleeper_knows_psock(const struct endpoint *end,
						const struct readers *readers)
{
	struct sock *sk = (struct sock *)end->sock;
	struct sk_psock *psock = psock_in((__u64)READ(struct sock, sk, sk_user_data));

	return psock && readers->sleeping == 1 &&
	       !(end->flags & ENDPOINT_SENDERS) &&
	       (end->sender ? end->sender == readers->sleeper :
			      is_only_thread(readers->sleeper)) &&
	       READ(struct sk_psock, psock, refcnt.refs.counter) > 1;
}

/* Whether nothing of this socket went by TCP since it last redirected. */
static __always_inline bool last_was_redirected(const struct endpoint *self,
						const struct tcp_sock *tcp)
{
	return self->redirect_seq == tcp->write_seq;
}

/*
 * Sleeper rule. Bytes by TCP may have led the reader into tcp_recvmsg, and
 * there it stays when it wants more than came (MSG_WAITALL):
 * redirected bytes do not wake it, and later ones by TCP would overtake them.
 * So the first redirect after bytes by TCP waits until nobody is in there.
 *
 * A reader there has the lock, and takes the last byte; it joins the wait
 * queue, and gives the lock back. So the sender asks in this order whether all
 * was read, whether the lock is held, and who waits.
 */
static __always_inline bool nobody_is_in_tcp(const struct endpoint *self,
					     const struct tcp_sock *tcp,
					     const struct endpoint *peer,
					     bool peer_is_locked,
					     const struct readers *readers)
{
	if (last_was_redirected(self, tcp))
		return true;
	if (peer_is_locked)
		return false;
	return !readers->sleeping || sleeper_knows_psock(peer, readers);
}

/*
 * Closing rule. After shutdown(SHUT_WR) a send must fail, and a redirect
 * would deliver it behind the end of the stream.
 */
static __always_inline bool may_send(const struct sk_msg_md *msg)
{
	struct bpf_sock *sk = msg->sk;

	return sk->state == BPF_TCP_ESTABLISHED || sk->state == BPF_TCP_CLOSE_WAIT;
}

/*
 * Layer rule. With kTLS on a socket (TCP_ULP) the verdict comes before the
 * encryption: a redirect would hand plain text to a peer that decrypts.
 */
static __always_inline bool is_layered(const struct tcp_sock *own,
				       const struct tcp_sock *peer)
{
	struct inet_connection_sock *self = (struct inet_connection_sock *)own;
	struct inet_connection_sock *other = (struct inet_connection_sock *)peer;

	return self->icsk_ulp_ops || READ(struct inet_connection_sock, other, icsk_ulp_ops);
}

/*
 * Key rule. The peer was judged by its record, and the helper looked its key up
 * once more: in between the peer may have been reset, and its key be another
 * socket's. Whoever removes a record, or drains it, writes so into it first.
 */
static __always_inline bool keeps_its_key(const struct endpoint *peer, __u64 cookie)
{
	READ_IN_ORDER();
	return peer && *(volatile __u64 *)&peer->cookie == cookie &&
	       !(*(volatile __u32 *)&peer->flags & ENDPOINT_DRAIN);
}

/*
 * And with a verdict program of another sockmap on the peer, received bytes go
 * to the same queue as redirected ones (net/core/skmsg.c). Kernels without
 * psock.msg_tot_len count both in copied_seq then (net/ipv4/tcp_bpf.c,
 * tcp_bpf_recvmsg_parser): the order rule could take unread bytes for read.
 */
static __always_inline bool is_read_by_others(const struct sock *peer)
{
	struct sk_psock *psock = psock_in((__u64)READ(struct sock, peer, sk_user_data));

	return psock && (READ(struct sk_psock, psock, progs.stream_parser) ||
			 READ(struct sk_psock, psock, progs.stream_verdict) ||
			 READ(struct sk_psock, psock, progs.skb_verdict));
}
