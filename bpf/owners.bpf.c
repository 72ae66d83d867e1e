/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * The policy's look at what exists already: sockets that listened, or began
 * to connect, before it named their process. remember_owner() sees the rest.
 */
#include "policy.h"

static __always_inline bool awaits_connection(const struct sock *sk)
{
	__u8 state = sk->__sk_common.skc_state;

	return sk->sk_protocol == IPPROTO_TCP &&
	       (state == BPF_TCP_LISTEN || state == BPF_TCP_SYN_SENT);
}

/*
 * Several processes may have one listener open, a supervisor and its workers
 * for instance: it is enough that one of them is excluded.
 */
SEC("iter/task_file")
int remember_owners(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct comm comm = {}, *kept;
	struct socket *socket;
	struct sock *sk;

	if (!task || !file)
		return 0;
	socket = bpf_sock_from_file(file);
	if (!socket)
		return 0;
	sk = socket->sk;
	if (!sk || !awaits_connection(sk) || !is_excluded(task, &comm))
		return 0;
	kept = bpf_sk_storage_get(&excluded_sockets, sk, &comm,
				  BPF_SK_STORAGE_GET_F_CREATE);
	if (kept)
		*kept = comm;
	return 0;
}

/* Some helpers are for GPL-compatible programs only. */
char LICENSE[] SEC("license") = "Dual MIT/GPL";
