/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Lesson one: the textbook splice.
 *
 * Two programs, as every tutorial ships them. They are fast, and wrong:
 * `splice lab` shows how they reorder and lose bytes, and guarded.bpf.c has
 * the rules that are missing here. Only the counting is added, so that both
 * can be watched with the same tools, and the switch, so that a splice can
 * be taken down without losing what is still queued.
 */
#include "maps.h"

/* Puts the socket into the map, under a record that only counts. */
static __always_inline void register_socket(struct bpf_sock_ops *ctx,
					    struct SockKey *key)
{
	struct endpoint mine = {}, *record;
	enum kept_out why;

	if (!describe(ctx, &mine))
		return;
	record = claim(IPV4, key, &mine, &why);
	if (!record)
		return;
	if (bpf_sock_hash_update(ctx, &INTERCEPT_MAP, key, BPF_NOEXIST)) {
		bpf_map_delete_elem(&endpoints, key);
		return;
	}
	set_flag(record, ENDPOINT_READY);
	bpf_sock_ops_cb_flags_set(ctx, ctx->bpf_sock_ops_cb_flags |
					       BPF_SOCK_OPS_STATE_CB_FLAG);
}

/* Register every IPv4 socket as soon as its connection is established. */
SEC("sockops")
int handle_sock_ops(struct bpf_sock_ops *ctx)
{
	struct SockKey key = key_of(ctx);

	if (ctx->op == BPF_SOCK_OPS_STATE_CB &&
	    ctx->args[1] == BPF_TCP_CLOSE && own_record(ctx, IPV4, &key))
		bpf_map_delete_elem(&endpoints, &key);
	if (ctx->op != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB &&
	    ctx->op != BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		return 1;
	if (ctx->family != AF_INET || traffic() == TRAFFIC_DRAIN)
		return 1;
	register_socket(ctx, &key);
	return 1;
}

/* At every sendmsg, hand the bytes to the socket under the reverse key. */
SEC("sk_msg")
int redirect_traffic(struct sk_msg_md *msg)
{
	struct SockKey key = key_of(msg), peer = reverse_key(&key);
	bool is_on = traffic() == TRAFFIC_REDIRECT;
	int verdict = SK_PASS;

	/* The switch is asked first: nothing is looked up in a map that is off. */
	if (is_on)
		verdict = bpf_msg_redirect_hash(msg, &INTERCEPT_MAP, &peer,
						BPF_F_INGRESS);

	struct endpoint *self = bpf_map_lookup_elem(&endpoints, &key);

	if (self && !is_on)
		count_pass(self, PASS_BYPASS);

	if (self && is_on && verdict == SK_PASS)
		count_redirect(self, msg->size);
	return verdict;
}

/* Some helpers are for GPL-compatible programs only. */
char LICENSE[] SEC("license") = "Dual MIT/GPL";
