/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * How user space sees a splice: BPF iterators, programs that the kernel runs
 * once for each element while their output is read like a file. They load on
 * any splice, whoever put the entries in, and are gone with their reader.
 */
#include "maps.h"

/* One edit at a time: user space holds the pin directory's lock. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct edit);
} edits SEC(".maps");

static __always_inline struct SockKey key_of_sock(const struct sock *sk)
{
	return (struct SockKey){
		.sip = bpf_ntohl(sk->__sk_common.skc_rcv_saddr),
		.dip = bpf_ntohl(sk->__sk_common.skc_daddr),
		.sport = sk->__sk_common.skc_num,
		.dport = bpf_ntohs(sk->__sk_common.skc_dport),
	};
}

static __always_inline struct SockKey6 key6_of_sock(const struct sock *sk)
{
	struct SockKey6 key = {
		.sport = sk->__sk_common.skc_num,
		.dport = bpf_ntohs(sk->__sk_common.skc_dport),
	};

	bpf_core_read(key.sip, sizeof(key.sip),
		      &sk->__sk_common.skc_v6_rcv_saddr);
	bpf_core_read(key.dip, sizeof(key.dip), &sk->__sk_common.skc_v6_daddr);
	return key;
}

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
 * A socket in a sockmap has a psock, and its redirected bytes wait there.
 * Newer kernels keep their sum; on these, sk_rmem_alloc counts them too, so
 * that most sockets need no look at their psock. Elsewhere the messages are
 * added up.
 */
static __always_inline __u32 queued_bytes(const struct sock *sk)
{
	bool has_sum = bpf_core_field_exists(((struct sk_psock *)0)->msg_tot_len);
	struct sk_psock *psock;
	struct walk walk = {};
	struct list_head *head;
	__u64 user_data;

	if (has_sum && sk->sk_backlog.rmem_alloc.counter == 0)
		return 0;
	user_data = (__u64)sk->sk_user_data;
	psock = (void *)(user_data & ~SK_USER_DATA_FLAGS);
	if (!psock || !(user_data & SK_USER_DATA_PSOCK))
		return 0;
	if (has_sum)
		return BPF_CORE_READ(psock, msg_tot_len);
	head = (void *)psock + bpf_core_field_offset(struct sk_psock, ingress_msg);
	walk.head = head;
	walk.at = BPF_CORE_READ(head, next);
	bpf_loop(LONGEST_WALK, add_message, &walk, 0);
	return walk.bytes;
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

static __always_inline void describe_entry(const struct sock *sk,
					   const struct endpoint *self,
					   struct entry_facts *facts)
{
	facts->cookie = sk->__sk_common.skc_cookie.counter;
	facts->state = sk->__sk_common.skc_state;
	facts->queued_bytes = queued_bytes(sk);

	/* None, when the entry was made by somebody else's tool. */
	if (self && self->cookie == facts->cookie) {
		facts->sent = self->sent;
		facts->age_ns = bpf_ktime_get_ns() - self->registered_ns;
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
	unsigned short family = sk->__sk_common.skc_family;

	if (family == AF_INET6 && !is_mapped_ipv4(key6.dip))
		return bpf_map_lookup_elem(&endpoints6, &key6);
	if (family == AF_INET || family == AF_INET6)
		return bpf_map_lookup_elem(&endpoints, &key);
	return NULL;
}

SEC("iter/task_file")
int find_owners(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct owner_record record = {};
	struct endpoint *end;
	struct socket *socket;

	if (!task || !file)
		return 0;
	socket = bpf_sock_from_file(file);
	if (!socket || !socket->sk)
		return 0;
	record.cookie = socket->sk->__sk_common.skc_cookie.counter;
	end = endpoint_of(socket->sk);
	if (!record.cookie || !end || end->cookie != record.cookie)
		return 0;

	record.pid = task->tgid;
	bpf_core_read(record.comm, sizeof(record.comm),
		      &task->group_leader->comm);
	write_owner(ctx->meta->seq, &record);
	return 0;
}

/* ---- edit one entry ---- */

/*
 * An adopted socket's first sequence numbers are reckoned back from what it
 * sent and received. The side that connected counts its SYN among the bytes
 * acknowledged (tcp_snd_una_update), the side that accepted does not: next
 * to a peer whose numbers are known, that one is made up for.
 */
static __always_inline bool mirror(struct endpoint *mine, struct endpoint *peer)
{
	if (mine->first_sent + 1 == peer->first_received)
		mine->first_sent++;
	if (peer->first_sent + 1 == mine->first_received)
		peer->first_sent++;
	return mine->first_sent == peer->first_received &&
	       mine->first_received == peer->first_sent;
}

static __always_inline enum edit_result adopt(struct family maps,
					      const void *key,
					      const void *reverse,
					      struct sock *sk)
{
	struct tcp_sock *tcp = bpf_skc_to_tcp_sock(sk);
	struct endpoint *peer = bpf_map_lookup_elem(maps.endpoints, reverse);
	struct endpoint mine = {};

	if (!tcp)
		return EDIT_OTHER_KEY;
	mine.sock = (__u64)tcp;
	mine.cookie = sk->__sk_common.skc_cookie.counter;
	mine.registered_ns = bpf_ktime_get_ns();
	mine.first_sent = tcp->snd_una - (__u32)tcp->bytes_acked;
	mine.first_received = tcp->rcv_nxt - (__u32)tcp->bytes_received;
	mine.handover_seq = tcp->copied_seq;
	mine.flags = ENDPOINT_READY | ENDPOINT_ADOPTED;

	if (peer && is_alive(peer) && !mirror(&mine, peer))
		return EDIT_NOT_A_PAIR;
	return claim(maps, key, &mine) ? EDIT_DONE : EDIT_KEY_TAKEN;
}

static __always_inline enum edit_result set_drain(struct family maps,
						  const void *key,
						  enum edit_action action)
{
	struct endpoint *end = bpf_map_lookup_elem(maps.endpoints, key);

	if (!end)
		return EDIT_NOT_FOUND;
	if (action == EDIT_DRAIN)
		set_flag(end, ENDPOINT_DRAIN);
	else
		clear_flag(end, ENDPOINT_DRAIN);
	return EDIT_DONE;
}

static __always_inline bool same_words(const __u32 *a, const __u32 *b,
				       int count)
{
	for (int i = 0; i < count; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

#define same_key(a, b) \
	same_words((const __u32 *)(a), (const __u32 *)(b), sizeof(*(a)) / 4)

SEC("iter/sockmap")
int edit_entry(struct bpf_iter__sockmap *ctx)
{
	struct edit *edit = bpf_map_lookup_elem(&edits, &ONLY);
	struct SockKey *at = ctx->key, key, own, reverse;
	struct sock *sk = ctx->sk;

	if (!edit || !at || !sk)
		return 0;
	key = *at;
	if (!same_key(&key, &edit->key))
		return 0;
	own = key_of_sock(sk);
	reverse = reverse_key(&key);
	if (edit->action != EDIT_ADOPT)
		edit->result = set_drain(IPV4, &key, edit->action);
	else if (same_key(&key, &own))
		edit->result = adopt(IPV4, &key, &reverse, sk);
	else
		edit->result = EDIT_OTHER_KEY;
	return 0;
}

SEC("iter/sockmap")
int edit_entry6(struct bpf_iter__sockmap *ctx)
{
	struct edit *edit = bpf_map_lookup_elem(&edits, &ONLY);
	struct SockKey6 *at = ctx->key, key, own, reverse;
	struct sock *sk = ctx->sk;

	if (!edit || !at || !sk)
		return 0;
	key = *at;
	if (!same_key(&key, &edit->key6))
		return 0;
	own = key6_of_sock(sk);
	reverse = reverse_key6(&key);
	if (edit->action != EDIT_ADOPT)
		edit->result = set_drain(IPV6, &key, edit->action);
	else if (same_key(&key, &own))
		edit->result = adopt(IPV6, &key, &reverse, sk);
	else
		edit->result = EDIT_OTHER_KEY;
	return 0;
}

/* Some helpers are for GPL-compatible programs only. */
char LICENSE[] SEC("license") = "Dual MIT/GPL";
