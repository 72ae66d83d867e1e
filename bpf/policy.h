/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * The policy: which connections stay out of the map, by their ports and by
 * the names of the processes at their ends. It is asked once, when a
 * connection is established, and user space may change it at any time.
 */
#pragma once

#include "endpoint.h"
#include "kernel.h"

#define MAX_RULES 16384

enum rule_kind {
	RULE_ONLY_PORTS, /* connections without a port that is allowed stay out */
	RULE_PORT,
	RULE_COMM,
	RULE_NO_SLEEPERS, /* connections whose readers sleep in recv() leave the map */
};

/* What is said about a port or a name; of the other rules it means nothing. */
enum rule_effect {
	EFFECT_ALLOW,
	EFFECT_EXCLUDE,
};

/* A process name as the kernel keeps it, zeros behind it. */
struct comm {
	char name[16];
};

struct rule {
	enum rule_kind kind;
	__u32 port;       /* RULE_PORT: in host order */
	struct comm comm; /* RULE_COMM */
};

/* Rule -> enum rule_effect. */
struct rules {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_RULES);
	__type(key, struct rule);
	__type(value, __u32);
};

struct rules rules_a SEC(".maps"), rules_b SEC(".maps");

/*
 * The rules that hold: one of the two above. A new policy is written into
 * the other one and put here in one step, so that it holds as a whole or not
 * at all, whenever the writer is killed.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct rules);
} policy SEC(".maps") = { .values = { &rules_a } };

/*
 * Socket -> the excluded name of its process. It lives and ends with the
 * socket, and one that a listener accepts inherits it. Others have none.
 */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
	__type(key, int);
	__type(value, struct comm);
} excluded_sockets SEC(".maps");

static const __u32 THE_POLICY = 0;

/*
 * Whether the process has a name that is excluded, or is about to be: that
 * of its first thread, which `ps` and `splice entries` show and the workers
 * of io_uring share.
 */
static __always_inline bool is_excluded(struct task_struct *task,
					struct comm *comm)
{
	struct rule rule = { .kind = RULE_COMM };

	BPF_CORE_READ_STR_INTO(&rule.comm.name, task, group_leader, comm);
	*comm = rule.comm;
	return bpf_map_lookup_elem(&rules_a, &rule) ||
	       bpf_map_lookup_elem(&rules_b, &rule);
}

/*
 * A connection is often established in an interrupt, while any process may
 * be running. connect(2) and listen(2) are called by the socket's own one:
 * what these two events find is kept with the socket for later.
 */
static __always_inline void remember_owner(struct bpf_sock_ops *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct bpf_sock *sk = ctx->sk;
	struct comm comm;

	if (sk && is_excluded(task, &comm))
		bpf_sk_storage_get(&excluded_sockets, sk, &comm,
				   BPF_SK_STORAGE_GET_F_CREATE);
}

/* The policy may have changed since the name was kept. */
static __always_inline bool is_owner_excluded(struct bpf_sock_ops *ctx,
					      void *rules)
{
	struct rule rule = { .kind = RULE_COMM };
	struct bpf_sock *sk = ctx->sk;
	struct comm *comm;

	if (!sk)
		return false;
	comm = bpf_sk_storage_get(&excluded_sockets, sk, NULL, 0);
	if (!comm)
		return false;
	rule.comm = *comm;
	return bpf_map_lookup_elem(rules, &rule);
}

/*
 * A port rule is for either end of a connection, so that both ends come to
 * the same answer. Where two rules meet, the one that excludes holds.
 */
static __always_inline bool are_ports_in_scope(void *rules, __u32 local,
					       __u32 remote)
{
	struct rule only = { .kind = RULE_ONLY_PORTS };
	struct rule near = { .kind = RULE_PORT, .port = local };
	struct rule far = { .kind = RULE_PORT, .port = remote };
	__u32 *one = bpf_map_lookup_elem(rules, &near);
	__u32 *other = bpf_map_lookup_elem(rules, &far);

	if ((one && *one == EFFECT_EXCLUDE) ||
	    (other && *other == EFFECT_EXCLUDE))
		return false;
	return one || other || !bpf_map_lookup_elem(rules, &only);
}

/*
 * Whether the policy lets the socket of a SOCK_OPS event have an entry; what it
 * says of one that has is noted in its record.
 */
static __always_inline bool is_in_scope(struct bpf_sock_ops *ctx,
					struct endpoint *mine)
{
	void *rules = bpf_map_lookup_elem(&policy, &THE_POLICY);
	struct rule no_sleepers = { .kind = RULE_NO_SLEEPERS };

	if (!rules)
		return false;
	if (bpf_map_lookup_elem(rules, &no_sleepers))
		mine->flags |= ENDPOINT_NO_SLEEPERS;
	return are_ports_in_scope(rules, ctx->local_port,
				  bpf_ntohl(ctx->remote_port)) &&
	       !is_owner_excluded(ctx, rules);
}
