/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * How connections are taken in that were there before the splice. User space
 * looks for them with find_candidates, puts both ends into the sockhash by
 * their descriptors, and has adopt_entries write their records. No bytes are
 * redirected before a record is there, and then under all rules of
 * guarded.bpf.c, so a transfer under way does not notice.
 */
#include "events.h"
#include "options.h"
#include "registration.h"
#include "rules.h"
#include "sock.h"
#include "sweep.h"

/*
 * The first sequence numbers are reckoned back from what was sent and
 * received. The side that connected counts its SYN among the bytes that were
 * acknowledged (net/ipv4/tcp_input.c, tcp_snd_una_update), the side that
 * accepted does not: mirror() makes up for that one.
 */
static __always_inline void reckon(const struct tcp_sock *tcp, __u32 *sent,
				   __u32 *received)
{
	*sent = tcp->snd_una - (__u32)tcp->bytes_acked;
	*received = tcp->rcv_nxt - (__u32)tcp->bytes_received;
}

/* ---- find the sockets that have or had a connection, and no entry ---- */

/* Bytes may wait to be read in any of these states; one that is over has a peer still. */
static __always_inline bool had_connection(const struct sock *sk)
{
	switch (sk->__sk_common.skc_state) {
	case BPF_TCP_CLOSE:
		return sk->__sk_common.skc_dport != 0;
	case BPF_TCP_ESTABLISHED:
	case BPF_TCP_FIN_WAIT1:
	case BPF_TCP_FIN_WAIT2:
	case BPF_TCP_CLOSE_WAIT:
	case BPF_TCP_LAST_ACK:
	case BPF_TCP_CLOSING:
		return true;
	}
	return false;
}

/* Whether a socket has its record, as all entries have but those of a tool at work. */
static __always_inline bool is_known(struct family maps, const void *key,
				     __u64 cookie)
{
	struct endpoint *record = bpf_map_lookup_elem(maps.endpoints, key);

	return record && record->cookie == cookie;
}

/* Not inlined, so that the object's BTF has the record's layout for the test. */
static __noinline void write_candidate(struct seq_file *to,
				       const struct candidate_record *record)
{
	bpf_seq_write(to, record, sizeof(*record));
}

SEC("iter/task_file")
int find_candidates(struct bpf_iter__task_file *ctx)
{
	struct candidate_record record = {};
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct socket *socket;
	struct tcp_sock *tcp;
	struct sock *sk, *address;

	if (!task || !file)
		return 0;
	socket = bpf_sock_from_file(file);
	sk = socket ? socket->sk : NULL;
	if (!sk || !is_tcp(sk) || !had_connection(sk))
		return 0;
	tcp = bpf_skc_to_tcp_sock(sk);
	if (!tcp)
		return 0;

	record.cookie = bpf_get_socket_cookie(sk);
	record.cgroup_id = BPF_CORE_READ(sk, sk_cgrp_data.cgroup, kn, id);
	record.pid = task->tgid;
	record.fd = ctx->fd;
	/* An address, and no pointer: find_readers() takes nothing else. */
	bpf_core_read(&address, sizeof(address), &socket->sk);
	record.is_edge_triggered = readers_of(address).edge_triggered;
	record.is_established = sk->__sk_common.skc_state == BPF_TCP_ESTABLISHED;
	record.wants_tcp = asks_for_tcp(tcp);
	record.is_taken = psock_in((__u64)BPF_CORE_READ(sk, sk_user_data)) != NULL;
	reckon(tcp, &record.first_sent, &record.first_received);
	record.key6 = key6_of_sock(sk);
	record.is_ipv6 = is_ipv6(sk, &record.key6);
	if (!record.is_ipv6)
		record.key = key_of_sock(sk);
	if (record.is_ipv6 ? is_known(IPV6, &record.key6, record.cookie) :
			     is_known(IPV4, &record.key, record.cookie))
		return 0;
	write_candidate(ctx->meta->seq, &record);
	return 0;
}

/* ---- write the records of entries that have none ---- */

static __noinline void write_adoption(struct seq_file *to,
				      const struct adoption_record *record)
{
	bpf_seq_write(to, record, sizeof(*record));
}

/*
 * Whether the two are the ends of one connection. What is missing for the
 * SYN is added only then, and only to numbers that were reckoned.
 */
static __always_inline bool mirror(struct endpoint *mine, struct endpoint *peer)
{
	__u32 to_me = mine->first_received - peer->first_sent;
	__u32 to_peer = peer->first_received - mine->first_sent;

	if (to_peer > 1 || to_me > 1)
		return false;
	if (to_me == 1 && !(peer->flags & ENDPOINT_ADOPTED))
		return false;
	mine->first_sent += to_peer;
	peer->first_sent += to_me;
	return true;
}

/*
 * User space has reserved the key: an empty record stands there, which is
 * nobody's and not READY. So from before the socket is in the sockhash until
 * here no other socket's record can be taken for its own.
 */
static __always_inline enum adoption_result adopt(struct family maps,
						  const void *key,
						  const void *reverse,
						  struct sock *sk, __u64 cookie)
{
	struct endpoint *record = bpf_map_lookup_elem(maps.endpoints, key);
	struct endpoint *peer = bpf_map_lookup_elem(maps.endpoints, reverse);
	struct registration blank = {}, *registered;
	struct tcp_sock *tcp = bpf_skc_to_tcp_sock(sk);
	struct endpoint mine = {};

	if (!tcp)
		return ADOPTION_OTHER_KEY;
	if (!record || record->cookie)
		return ADOPTION_KEY_TAKEN;
	record->sock = (__u64)tcp;
	/* Read back it is an address, and no pointer: the walk takes nothing else. */
	if (!fits_bucket(maps, key, *(volatile __u64 *)&record->sock))
		return ADOPTION_CROWD;
	if (asks_for_tcp(tcp))
		return ADOPTION_OPTIONS;
	reckon(tcp, &mine.first_sent, &mine.first_received);
	if (peer && peer->cookie && is_alive(peer)) {
		if ((peer->flags & ENDPOINT_LEAVING) || !mirror(&mine, peer))
			return ADOPTION_NOT_A_PAIR;
		/* Before anything can be redirected: it is no bystander. */
		set_flag(peer, ENDPOINT_PAIRED);
		set_flag(record, ENDPOINT_PAIRED);
	}
	registered = bpf_sk_storage_get(&registrations, sk, &blank,
					BPF_SK_STORAGE_GET_F_CREATE);
	if (!registered)
		return ADOPTION_CROWD;
	record->cookie = cookie;
	set_registration(registered, maps, key, record);
	record->registered_ns = bpf_ktime_get_ns();
	record->first_sent = mine.first_sent;
	record->first_received = mine.first_received;
	record->handover_seq = tcp->copied_seq;
	record->redirect_seq = tcp->write_seq - 1;
	clear_flag(record, ENDPOINT_RESERVED);
	set_flag(record, ENDPOINT_ADOPTED | ENDPOINT_READY);
	tell_adopted(cookie, maps, key);
	return ADOPTION_DONE;
}

static __always_inline bool is_connected(const struct sock *sk)
{
	unsigned char state = sk->__sk_common.skc_state;

	return state == BPF_TCP_ESTABLISHED || state == BPF_TCP_CLOSE_WAIT;
}

SEC("iter/sockmap")
int adopt_entries(struct bpf_iter__sockmap *ctx)
{
	struct adoption_record record = {};
	struct SockKey *at = ctx->key, key, own, reverse;
	struct sock *sk = ctx->sk;

	if (!at || !sk || !is_connected(sk))
		return 0;
	key = *at;
	record.cookie = bpf_get_socket_cookie(sk);
	if (is_known(IPV4, &key, record.cookie))
		return 0;
	own = key_of_sock(sk);
	reverse = reverse_key(&key);
	if (same_key(&key, &own))
		record.result = adopt(IPV4, &key, &reverse, sk, record.cookie);
	else
		record.result = ADOPTION_OTHER_KEY;
	write_adoption(ctx->meta->seq, &record);
	return 0;
}

SEC("iter/sockmap")
int adopt_entries6(struct bpf_iter__sockmap *ctx)
{
	struct adoption_record record = {};
	struct SockKey6 *at = ctx->key, key, own, reverse;
	struct sock *sk = ctx->sk;

	if (!at || !sk || !is_connected(sk))
		return 0;
	key = *at;
	record.cookie = bpf_get_socket_cookie(sk);
	if (is_known(IPV6, &key, record.cookie))
		return 0;
	own = key6_of_sock(sk);
	reverse = reverse_key6(&key);
	if (same_key(&key, &own))
		record.result = adopt(IPV6, &key, &reverse, sk, record.cookie);
	else
		record.result = ADOPTION_OTHER_KEY;
	write_adoption(ctx->meta->seq, &record);
	return 0;
}

/* ---- forget sockets that are closed, and whose end nobody told: sweep.h ---- */

/* Writes a cookie for each adopted one that lives: it must be looked at again. */
static __always_inline void sweep(struct seq_file *to, struct family maps,
				  const void *key, struct endpoint *record)
{
	__u64 cookie = record->cookie;

	if (cookie && !sweep_record(maps, key, record) &&
	    (record->flags & ENDPOINT_ADOPTED))
		bpf_seq_write(to, &cookie, sizeof(cookie));
}

SEC("iter/bpf_map_elem")
int sweep_endpoints(struct bpf_iter__bpf_map_elem *ctx)
{
	struct SockKey *at = ctx->key, key;

	if (!at)
		return 0;
	key = *at;
	struct endpoint *record = bpf_map_lookup_elem(&endpoints, &key);

	if (record)
		sweep(ctx->meta->seq, IPV4, &key, record);
	return 0;
}

SEC("iter/bpf_map_elem")
int sweep_endpoints6(struct bpf_iter__bpf_map_elem *ctx)
{
	struct SockKey6 *at = ctx->key, key;

	if (!at)
		return 0;
	key = *at;
	struct endpoint *record = bpf_map_lookup_elem(&endpoints6, &key);

	if (record)
		sweep(ctx->meta->seq, IPV6, &key, record);
	return 0;
}

/* ---- find the keys that are reserved: of tools that were killed ---- */

SEC("iter/bpf_map_elem")
int find_reserved(struct bpf_iter__bpf_map_elem *ctx)
{
	struct endpoint *record = ctx->value;
	struct SockKey *at = ctx->key, key;

	if (!at || !record || !(record->flags & ENDPOINT_RESERVED))
		return 0;
	key = *at;
	bpf_seq_write(ctx->meta->seq, &key, sizeof(key));
	return 0;
}

SEC("iter/bpf_map_elem")
int find_reserved6(struct bpf_iter__bpf_map_elem *ctx)
{
	struct endpoint *record = ctx->value;
	struct SockKey6 *at = ctx->key, key;

	if (!at || !record || !(record->flags & ENDPOINT_RESERVED))
		return 0;
	key = *at;
	bpf_seq_write(ctx->meta->seq, &key, sizeof(key));
	return 0;
}

/* Some helpers are for GPL-compatible programs only. */
char LICENSE[] SEC("license") = "Dual MIT/GPL";
