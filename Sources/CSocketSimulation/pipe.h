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
typedef struct sim_segment {
    uint64_t end; // the position behind its last byte
    uint64_t due_us;
} sim_segment;

// Positions count bytes since the connection was established.
typedef struct sim_pipe {
    uint8_t *bytes; // a ring, from `read` to `sent`
    size_t capacity;
    uint64_t read, arrived, sent;
    uint64_t goal;  // delivered by the network; `arrived` follows if the receive buffer has room
    uint64_t acked; // acknowledged to the sender
    uint64_t next_acked;
    sim_segment *segments; // a ring: what the network has yet to deliver
    size_t segment_capacity, first_segment, segment_count;
    bool is_finished, has_end_arrived, is_reset, is_held;
    uint64_t end_us, reset_us;
    uint64_t last_us;     // when everything sent so far has arrived
    uint64_t free_us;     // when the link has room for more
    uint64_t progress_us; // of the last acknowledgement, or of the first send after it
    uint32_t send_buffer, receive_buffer;
    sim_timer arrival, ack;
} sim_pipe;

// TCP's guarantees in one invariant: no byte is lost, doubled or reordered.
static inline bool spsi_sim_pipe_is_in_order(const sim_pipe *pipe) {
    return pipe->read <= pipe->arrived && pipe->arrived <= pipe->goal && pipe->goal <= pipe->sent &&
           pipe->acked <= pipe->arrived && pipe->sent - pipe->read <= pipe->capacity;
}

spsi_result spsi_sim_send(sim_end *end, const spsi_slice *slices, size_t count, size_t *out_sent);
spsi_result spsi_sim_receive(sim_end *end, void *buffer, size_t size, size_t *out_received);
void spsi_sim_send_end(sim_end *end);
void spsi_sim_send_reset(sim_end *end);
size_t spsi_sim_send_room(const sim_end *end);

// Retransmits what a cut link has held back. Called after the link is mended.
void spsi_sim_pipe_resume(sim_end *end);

// The timers of a pipe. The owner is the end.
void spsi_sim_pipe_arrive(void *owner);
void spsi_sim_pipe_ack(void *owner);

#endif
