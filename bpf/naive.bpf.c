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

/* Register every IPv4 socket as soon as its connection is established. */
SEC("sockops")
int handle_sock_ops(struct bpf_sock_ops *ctx)
{
	struct SockKey key = key_of(ctx);
	struct endpoint mine = {};

	forget_closed(ctx, IPV4, &key);
	if (ctx->op != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB &&
	    ctx->op != BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		return 1;
	if (ctx->family != AF_INET || traffic() == TRAFFIC_DRAIN)
		return 1;
	if (describe(ctx, &mine))
		enter(ctx, IPV4, &key, &mine);
	return 1;
}

/* At every sendmsg, hand the bytes to the socket under the reverse key. */
SEC("sk_msg")
int redirect_traffic(struct sk_msg_md *msg)
{
	struct SockKey key = key_of(msg), peer = reverse_key(&key);
	struct endpoint *self = bpf_map_lookup_elem(&endpoints, &key);

	if (traffic() != TRAFFIC_REDIRECT) {
		if (self)
			count_pass(self, PASS_BYPASS);
		return SK_PASS;
	}

	int verdict = bpf_msg_redirect_hash(msg, &INTERCEPT_MAP, &peer,
					    BPF_F_INGRESS);

	if (self && verdict == SK_PASS)
		count_redirect(self, msg->size);
	return verdict;
}

/* Some helpers are for GPL-compatible programs only. */
char LICENSE[] SEC("license") = "Dual MIT/GPL";
