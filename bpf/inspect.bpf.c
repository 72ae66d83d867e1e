/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * How user space sees a splice: BPF iterators, programs that the kernel runs
 * once for each element while their output is read like a file. They load on
 * any splice, whoever put the entries in, and are gone with their reader.
 */
#include "sock.h"

/* One at a time: user space holds the pin directory's lock. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct drain);
} drains SEC(".maps");

/* ---- bytes in the ingress queue ---- */

#define LONGEST_WALK 65536

struct walk {
	struct list_head *head;
	struct list_head *at;
	__u32 bytes;
};

static long add_message(__u32 index, struct walk *walk)
{
	struct sk_msg *msg;

	if (!walk->at || walk->at == walk->head)
		return 1;
	msg = (void *)walk->at - bpf_core_field_offset(struct sk_msg, list);
	walk->bytes += BPF_CORE_READ(msg, sg.size);
	walk->at = BPF_CORE_READ(msg, list.next);
	return 0;
}

/*
 * The redirected bytes of a socket wait in its psock. Newer kernels keep their sum; on these, sk_rmem_alloc counts them too, so
 * that most sockets need no look at their psock. Elsewhere the messages are
 * added up.
 */
static __always_inline __u32 queued_bytes(const struct sock *sk)
{
	bool has_sum = bpf_core_field_exists(((struct sk_psock *)0)->msg_tot_len);
	struct sk_psock *psock;
	struct walk walk = {};
	struct list_head *head;

	if (has_sum && sk->sk_backlog.rmem_alloc.counter == 0)
		return 0;
	psock = psock_of(sk);
	if (!psock)
		return 0;
	if (has_sum)
		return BPF_CORE_READ(psock, msg_tot_len);
	head = (void *)psock + bpf_core_field_offset(struct sk_psock, ingress_msg);
	walk.head = head;
	walk.at = BPF_CORE_READ(head, next);
	bpf_loop(LONGEST_WALK, add_message, &walk, 0);
	return walk.bytes;
}

/*
 * Who brings a message has the verdict, and waits for the lock of the socket
 * (net/ipv4/tcp_bpf.c, bpf_tcp_ingress).
 */
static __always_inline bool is_awaited(const struct sock *sk)
{
	struct list_head *head = (void *)sk +
				 bpf_core_field_offset(struct sock, sk_lock.wq.head);

	return BPF_CORE_READ(head, next) != head;
}

/* ---- list the entries ---- */

/* Not inlined, so that the object's BTF has the record's layout for the test. */
static __noinline void write_entry(struct seq_file *to,
				   const struct entry_record *record)
{
	bpf_seq_write(to, record, sizeof(*record));
}

static __noinline void write_entry6(struct seq_file *to,
				    const struct entry_record6 *record)
{
	bpf_seq_write(to, record, sizeof(*record));
}

/*
 * When the listing began: the clock takes a twentieth of a pass that asks it
 * for every entry.
 */
static __u64 now;

static __always_inline void take_time(const struct bpf_iter_meta *meta)
{
	if (meta->seq_num == 0)
		now = bpf_ktime_get_ns();
}

/* A socket that came since has no age yet. */
static __always_inline __u64 age(__u64 since)
{
	return since < now ? now - since : 0;
}

static __always_inline void describe_entry(struct sock *sk,
					   const struct endpoint *self,
					   struct entry_facts *facts)
{
	facts->cookie = bpf_get_socket_cookie(sk);
	facts->state = sk->__sk_common.skc_state;
	facts->queued_bytes = queued_bytes(sk);
	facts->is_awaited = is_awaited(sk);

	/* None, when the entry was made by somebody else's tool. */
	if (self && self->cookie == facts->cookie) {
		facts->sent = self->sent;
		facts->age_ns = age(self->registered_ns);
		facts->verdict = self->verdict;
		if (self->verdict && self->verdict_ns)
			facts->verdict_age_ns = age(self->verdict_ns);
	}
}

SEC("iter/sockmap")
int list_entries(struct bpf_iter__sockmap *ctx)
{
	struct entry_record record = {};
	struct SockKey *key = ctx->key;
	struct sock *sk = ctx->sk;

	if (!key || !sk)
		return 0;
	take_time(ctx->meta);
	record.key = *key;
	describe_entry(sk, bpf_map_lookup_elem(&endpoints, &record.key),
		       &record.facts);
	write_entry(ctx->meta->seq, &record);
	return 0;
}

SEC("iter/sockmap")
int list_entries6(struct bpf_iter__sockmap *ctx)
{
	struct entry_record6 record = {};
	struct SockKey6 *key = ctx->key;
	struct sock *sk = ctx->sk;

	if (!key || !sk)
		return 0;
	take_time(ctx->meta);
	record.key = *key;
	describe_entry(sk, bpf_map_lookup_elem(&endpoints6, &record.key),
		       &record.facts);
	write_entry6(ctx->meta->seq, &record);
	return 0;
}

/* ---- find the processes behind them ---- */

static __noinline void write_owner(struct seq_file *to,
				   const struct owner_record *record)
{
	bpf_seq_write(to, record, sizeof(*record));
}

/* What is remembered of a socket, under whichever key it would have. */
static __always_inline struct endpoint *endpoint_of(const struct sock *sk)
{
	struct SockKey6 key6 = key6_of_sock(sk);
	struct SockKey key = key_of_sock(sk);

	if (is_ipv6(sk, &key6))
		return bpf_map_lookup_elem(&endpoints6, &key6);
	return bpf_map_lookup_elem(&endpoints, &key);
}

SEC("iter/task_file")
int find_owners(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct owner_record record = {};
	struct endpoint *end;
	struct socket *socket;
	struct sock *sk;

	if (!task || !file)
		return 0;
	socket = bpf_sock_from_file(file);
	sk = socket ? socket->sk : NULL;
	if (!sk || !is_tcp(sk))
		return 0;
	record.cookie = sk->__sk_common.skc_cookie.counter;
	end = endpoint_of(sk);
	if (!record.cookie || !end || end->cookie != record.cookie)
		return 0;

	record.cgroup_id = BPF_CORE_READ(sk, sk_cgrp_data.cgroup, kn, id);
	record.pid = task->tgid;
	bpf_core_read(record.comm, sizeof(record.comm),
		      &task->group_leader->comm);
	write_owner(ctx->meta->seq, &record);
	return 0;
}

/* ---- drain one entry ---- */

static __always_inline void act_on(struct family maps, const void *key,
				   struct drain *drain)
{
	struct endpoint *end = bpf_map_lookup_elem(maps.endpoints, key);

	if (!end)
		return;
	if (drain->action == DRAIN_BEGIN)
		set_flag(end, ENDPOINT_DRAIN);
	else if (drain->action != DRAIN_COUNT)
		clear_flag(end, ENDPOINT_DRAIN);
	else if (end->flags & ENDPOINT_DRAIN)
		drain->count++;
}

static __always_inline bool is_of_all(const struct drain *drain)
{
	return drain->action == DRAIN_END_ALL || drain->action == DRAIN_COUNT;
}

SEC("iter/sockmap")
int drain_entry(struct bpf_iter__sockmap *ctx)
{
	struct drain *drain = bpf_map_lookup_elem(&drains, &ONLY);
	struct SockKey *at = ctx->key, key;

	if (!drain || !at)
		return 0;
	key = *at;
	if (is_of_all(drain) || same_key(&key, &drain->key))
		act_on(IPV4, &key, drain);
	return 0;
}

SEC("iter/sockmap")
int drain_entry6(struct bpf_iter__sockmap *ctx)
{
	struct drain *drain = bpf_map_lookup_elem(&drains, &ONLY);
	struct SockKey6 *at = ctx->key, key;

	if (!drain || !at)
		return 0;
	key = *at;
	if (is_of_all(drain) || same_key(&key, &drain->key6))
		act_on(IPV6, &key, drain);
	return 0;
}

/* Some helpers are for GPL-compatible programs only. */
char LICENSE[] SEC("license") = "Dual MIT/GPL";
