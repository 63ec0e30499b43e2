// SPDX-License-Identifier: MIT
//
// Bytes in flight to one end of a connection.
#ifndef SPSI_SIM_PIPE_H
#define SPSI_SIM_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/platform.h"
#include "sim.h"
#include "timers.h"

// The bytes of one write, or a part of them.
typedef struct spsi_sim_segment {
    uint64_t end; // the position after its last byte
    uint64_t due_us;
} spsi_sim_segment;

// Positions count bytes since the connection was established.
typedef struct spsi_sim_pipe {
    uint8_t *bytes; // a ring, from `read` to `sent`
    size_t capacity;
    uint64_t read;
    uint64_t arrived;   // in the receive buffer, or read already
    uint64_t delivered; // by the network; `arrived` follows if the receive buffer has room
    uint64_t sent;
    uint64_t acked; // acknowledged to the sender
    uint64_t next_acked;
    spsi_sim_segment *segments; // a ring of those not delivered yet
    size_t segment_capacity, first_segment, segment_count;
    bool has_fin;         // the peer has sent its FIN
    bool has_fin_arrived; // behind all bytes
    bool is_reset;        // a reset is in flight
    bool is_held;         // the link is cut: nothing is delivered
    uint64_t fin_us, reset_us;
    uint64_t last_us;     // when everything sent so far has arrived
    uint64_t free_us;     // when the link has room for more
    uint64_t progress_us; // of the last acknowledgement, or of the first send after it
    uint32_t send_buffer, receive_buffer;
    spsi_sim_timer delivery, ack;
} spsi_sim_pipe;

// Whether the positions are in order. These are TCP's guarantees: no byte is lost, doubled or
// reordered.
bool spsi_sim_pipe_is_in_order(const spsi_sim_pipe *pipe);

// Whether the positions, the segments and the FIN are in order. On a Unix connection everything
// arrives at once.
bool spsi_sim_pipe_is_consistent(const spsi_sim_pipe *pipe, bool is_unix);

spsi_result spsi_sim_end_send(spsi_sim_end *end, const spsi_slice *slices, size_t count,
                              size_t *out_sent);
spsi_result spsi_sim_end_receive(spsi_sim_end *end, void *buffer, size_t size,
                                 size_t *out_received);
void spsi_sim_end_send_fin(spsi_sim_end *end);
void spsi_sim_end_send_reset(spsi_sim_end *end);
size_t spsi_sim_end_send_room(const spsi_sim_end *end);

// Retransmits the segments that a cut link has held back. Called after the link is mended.
void spsi_sim_end_resume(spsi_sim_end *end);

// The timers of a pipe. The owner is the end.
void spsi_sim_end_delivery_fires(void *owner);
void spsi_sim_end_ack_fires(void *owner);

#endif
