/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Keeping a connection seen. To a firewall, and to conntrack, a spliced
 * connection looks idle: it is forgotten, and the next byte by TCP is dropped;
 * and a rule or a dead link that would end it goes unnoticed. So TCP itself is
 * made to send something each minute: a keepalive probe, which costs no
 * message anything. Without an answer for eleven minutes (9 times 75 seconds,
 * by default) the connection ends; TCP repeats a segment for about as long.
 */
#pragma once

#include "kernel.h"

/* include/uapi/asm-generic/socket.h, include/uapi/linux/tcp.h */
#define SO_KEEPALIVE 9
#define TCP_KEEPIDLE 4
#define TCP_KEEPINTVL 5
#define TCP_KEEPCNT 6

#define PROBE_AFTER_SECONDS 60
#define SHORTEST_PATIENCE_SECONDS 600
#define PROBES 15

/*
 * One end's probes are enough: the answer is seen, too. What the application
 * chose itself stays, but for the time before the first probe; and so do this
 * machine's defaults, unless they would give up within minutes.
 */
static __always_inline void keep_seen(struct bpf_sock_ops *ctx)
{
	int on = 0, idle = 0, interval = 0, probes = 0;

	bpf_getsockopt(ctx, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	bpf_getsockopt(ctx, SOL_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	if (idle > PROBE_AFTER_SECONDS) {
		idle = PROBE_AFTER_SECONDS;
		bpf_setsockopt(ctx, SOL_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	}
	if (on)
		return;
	bpf_getsockopt(ctx, SOL_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
	bpf_getsockopt(ctx, SOL_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
	if (interval * probes < SHORTEST_PATIENCE_SECONDS) {
		interval = PROBE_AFTER_SECONDS;
		probes = PROBES;
		bpf_setsockopt(ctx, SOL_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
		bpf_setsockopt(ctx, SOL_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
	}
	on = 1;
	bpf_setsockopt(ctx, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}
