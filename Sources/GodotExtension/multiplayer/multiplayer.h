// SPDX-License-Identifier: MIT
//
// SPSMultiplayerPeer: Godot's high-level multiplayer over TCP.
//
// Clients connect to a server, and Godot's SceneMultiplayer relays between clients. Each message is
// a packet of packet.h. The first one of a client is the greeting. The server answers with the
// greeting and the client's number (u32, little-endian). After that, each packet is Godot's.
#ifndef SPS_GODOT_MULTIPLAYER_H
#define SPS_GODOT_MULTIPLAYER_H

#include "../endpoint/endpoint.h"

// MultiplayerPeer.ConnectionStatus of Godot.
enum { SPS_DISCONNECTED = 0, SPS_CONNECTING = 1, SPS_CONNECTED = 2 };

// MultiplayerPeer.TARGET_PEER_SERVER of Godot: the number of the server.
#define SPS_SERVER_ID 1

// So many packets of one member are there between two polls. A flood must not hold up a frame.
#define SPS_PACKETS_PER_POLL 1024

// ENetConnection.HostStatistic of Godot.
enum { SPS_SENT_DATA, SPS_SENT_PACKETS, SPS_RECEIVED_DATA, SPS_RECEIVED_PACKETS, SPS_TOTALS };

// The largest packet that a connection may send before it is admitted.
#define SPS_GREETING_MAX_BYTES 60

// The other end of one connection.
struct spsi_godot_member {
    struct spsi_godot_member *previous, *next;
    struct spsi_godot_member *next_ready; // of those that may have packets, or that rest
    sps_stream *stream;
    sps_packet_peer *packets;
    int32_t id;           // 0 until it has greeted
    uint32_t patience_ms; // how long it may be silent before it has greeted
    uint32_t taken_count; // packets since the last poll
    bool is_ready;        // in one of the lists of those that may have packets
    bool is_behind;       // its queue is full, so the next poll drops it
};

struct spsi_godot_multiplayer {
    struct spsi_godot_endpoint endpoint;
    sps_poller *poller; // NULL while it is not in use
    sps_server *server; // NULL for a client
    struct spsi_godot_member *first;
    size_t member_count;
    struct spsi_godot_ready {
        struct spsi_godot_member *first, *last;
    } ready, resting; // those that rest have given as many packets as one poll allows
    struct spsi_godot_member **admitted; // those that have greeted, by rising id
    size_t admitted_count, admitted_capacity;
    uint32_t session; // counts the uses, so that a signal's handler can end one
    int32_t status, own_id, next_id;
    int32_t target, channel, mode;
    bool refuses, has_behind;
    uint32_t max_clients, max_packet_bytes;
    uint32_t attempt_delay_ms;
    uint64_t totals[SPS_TOTALS]; // the values of pop_statistic(), by HostStatistic
    sps_close_reason reason;     // why the last connection of a client ended
    sps_stream *ended;           // that connection, which still knows its attempts, or NULL
    uint8_t *packet;             // the last packet taken
    size_t packet_capacity;
};

extern struct spsi_godot_class spsi_godot_multiplayer_class;

// ---- members.c

// Adds a connection, which the call owns, also on failure. NULL without memory.
struct spsi_godot_member *spsi_godot_member_add(struct spsi_godot_multiplayer *self,
                                                sps_stream *stream);

// Closes and frees a member.
void spsi_godot_member_remove(struct spsi_godot_multiplayer *self,
                              struct spsi_godot_member *member);

// Gives a member its number, and accepts its packets. Numbers rise.
sps_error spsi_godot_member_admit(struct spsi_godot_multiplayer *self,
                                  struct spsi_godot_member *member, int32_t id);

// Returns the member with a number, or NULL.
struct spsi_godot_member *spsi_godot_member_find(const struct spsi_godot_multiplayer *self,
                                                 int64_t id);

// Puts a member into the list of those that may have packets.
void spsi_godot_member_ready(struct spsi_godot_multiplayer *self, struct spsi_godot_member *member);

// Returns the first member that has packets, and how many. NULL if there is none.
struct spsi_godot_member *spsi_godot_member_with_packets(struct spsi_godot_multiplayer *self,
                                                         size_t *out_count);

// Lets every member give packets again.
void spsi_godot_members_wake(struct spsi_godot_multiplayer *self);

// ---- session.c

sps_error spsi_godot_session_serve(struct spsi_godot_multiplayer *self, const char *address,
                                   int32_t port);
sps_error spsi_godot_session_join(struct spsi_godot_multiplayer *self, const char *host,
                                  int32_t port);

// Closes every connection, after an attempt to send what is queued.
void spsi_godot_session_close(struct spsi_godot_multiplayer *self);

// Serves all connections, and emits peer_connected and peer_disconnected.
void spsi_godot_session_poll(struct spsi_godot_multiplayer *self);

// ---- signals of MultiplayerPeer

// Emits one. The handler may close the session: then the result is false.
bool spsi_godot_tell_connected(struct spsi_godot_multiplayer *self, int32_t id);
bool spsi_godot_tell_disconnected(struct spsi_godot_multiplayer *self, int32_t id);

// Forgets the last connection of a client.
void spsi_godot_session_forget(struct spsi_godot_multiplayer *self);

// ---- statistics.c: methods of their own file

#define SPS_STATISTICS_METHOD_COUNT 6
extern const struct spsi_godot_method spsi_godot_statistics_methods[SPS_STATISTICS_METHOD_COUNT];

// ---- packets.c: the virtual methods that move packets

void spsi_godot_get_packet(void *self, const void *const *arguments, void *result);
void spsi_godot_put_packet(void *self, const void *const *arguments, void *result);
void spsi_godot_get_available_packet_count(void *self, const void *const *arguments, void *result);
void spsi_godot_get_packet_peer(void *self, const void *const *arguments, void *result);

#endif
