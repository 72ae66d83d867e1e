/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * The policy: which connections stay out of the map, by their ports and by
 * the names of the processes at their ends. It is asked once, when a
 * connection is established, and user space may change it at any time.
 */
#pragma once

#include "kernel.h"
#include "sock_key.h"

#define MAX_PORTS 65536
/* Twice what a policy may name: the old names go when the new ones are in. */
#define MAX_COMMS 2048

/* What is said about a port. */
enum port_rule {
	PORT_ALLOW,
	PORT_EXCLUDE,
};

struct policy {
	__u32 only_allowed_ports; /* connections without such a port stay out */
	__u32 excludes_comms;     /* policy_comms is not empty */
};

/* A process name as the kernel keeps it, zeros behind it. */
struct comm {
	char name[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct policy);
} policy SEC(".maps");

/* Port, in host order -> enum port_rule. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_PORTS);
	__type(key, __u32);
	__type(value, __u32);
} policy_ports SEC(".maps");

/* The names that are excluded; the value means nothing. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_COMMS);
	__type(key, struct comm);
	__type(value, __u32);
} policy_comms SEC(".maps");

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
 * The name of the process, which is that of its first thread: `ps` and
 * `splice entries` show it, and the workers of io_uring share it.
 */
static __always_inline bool is_excluded(struct task_struct *task,
					struct comm *comm)
{
	BPF_CORE_READ_STR_INTO(&comm->name, task, group_leader, comm);
	return bpf_map_lookup_elem(&policy_comms, comm);
}

/*
 * A connection is often established in an interrupt, while any process may
 * be running. connect(2) and listen(2) are called by the socket's own one:
 * what these two events find is kept with the socket for later.
 */
static __always_inline void remember_owner(struct bpf_sock_ops *ctx)
{
	struct policy *now = bpf_map_lookup_elem(&policy, &THE_POLICY);
	struct task_struct *task = (void *)bpf_get_current_task();
	struct bpf_sock *sk = ctx->sk;
	struct comm comm = {};

	if (now && now->excludes_comms && sk && is_excluded(task, &comm))
		bpf_sk_storage_get(&excluded_sockets, sk, &comm,
				   BPF_SK_STORAGE_GET_F_CREATE);
}

/* The policy may have changed since the name was kept. */
static __always_inline bool is_owner_excluded(struct bpf_sock_ops *ctx)
{
	struct bpf_sock *sk = ctx->sk;
	struct comm *comm;

	if (!sk)
		return false;
	comm = bpf_sk_storage_get(&excluded_sockets, sk, NULL, 0);
	return comm && bpf_map_lookup_elem(&policy_comms, comm);
}

/*
 * A port rule is for either end of a connection, so that both ends come to
 * the same answer. Where two rules meet, the one that excludes holds.
 */
static __always_inline bool are_ports_in_scope(const struct policy *now,
					       __u32 local, __u32 remote)
{
	__u32 *one = bpf_map_lookup_elem(&policy_ports, &local);
	__u32 *other = bpf_map_lookup_elem(&policy_ports, &remote);

	if ((one && *one == PORT_EXCLUDE) || (other && *other == PORT_EXCLUDE))
		return false;
	return !now->only_allowed_ports || one || other;
}

/* Whether the policy lets the socket of a SOCK_OPS event have an entry. */
static __always_inline bool is_in_scope(struct bpf_sock_ops *ctx)
{
	struct policy *now = bpf_map_lookup_elem(&policy, &THE_POLICY);

	if (!now)
		return false;
	return are_ports_in_scope(now, ctx->local_port,
				  bpf_ntohl(ctx->remote_port)) &&
	       !(now->excludes_comms && is_owner_excluded(ctx));
}
