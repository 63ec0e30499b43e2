// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "../values/text.h"
#include "peer.h"

static const char *const sentences[] = {
    [SPS_CLOSE_NONE] = "",
    [SPS_CLOSE_LOCAL] = "This side closed the connection.",
    [SPS_CLOSE_PEER_FINISHED] = "The peer closed the connection.",
    [SPS_CLOSE_RESET] = "The peer reset the connection.",
    [SPS_CLOSE_REFUSED] = "The connection was refused. Nothing listens there.",
    [SPS_CLOSE_UNREACHABLE] = "There is no route to the peer.",
    [SPS_CLOSE_CONNECT_TIMED_OUT] = "The connection was not established in time.",
    [SPS_CLOSE_NAME_NOT_FOUND] = "The host name does not exist, or has no address.",
    [SPS_CLOSE_NOT_ACKNOWLEDGED] = "The peer did not acknowledge what was sent.",
    [SPS_CLOSE_NO_RESOURCES] = "The system has no descriptor or no memory left.",
    [SPS_CLOSE_FAILED] = "The connection failed.",
    [SPS_CLOSE_KEEPALIVE] = "The peer did not answer the probes of the system.",
    [SPS_CLOSE_IDLE] = "The peer sent nothing for too long.",
    [SPS_CLOSE_PUT_TIMED_OUT] = "A value could not be sent in time.",
    [SPS_CLOSE_GRACE_TIMED_OUT] = "The peer did not finish in time.",
    [SPS_CLOSE_LIMIT] = "The peer sent a packet that is too long.",
    [SPS_CLOSE_LOOKUP_FAILED] = "No name server answered. The host name may exist.",
    [SPS_CLOSE_TRUNCATED] = "The connection ended in the middle.",
    [SPS_CLOSE_PROTOCOL] = "The peer broke the protocol.",
    [SPS_CLOSE_UNTRUSTED] = "The peer is not trusted.",
};

const char *spsi_godot_close_message(sps_close_reason reason) {
    const bool is_known = reason >= 0 && (size_t)reason < sizeof sentences / sizeof *sentences;
    return is_known ? sentences[reason] : sps_close_reason_name(reason);
}

void spsi_godot_set_close_message(godot_string *string, const sps_stream *stream,
                                  sps_close_reason reason) {
    const char *sentence = spsi_godot_close_message(reason);
    const char *own = "";
    int32_t os_error = 0;
    char text[160];
    if (reason != SPS_CLOSE_NONE) {
        sps_socket_get_close_message(stream, &own);
    }
    if (own[0] != '\0') { // of a stream that knows more, such as TLS
        spsi_godot_set_string(string, own, strlen(own));
        return;
    }
    if (reason != SPS_CLOSE_NONE) {
        sps_socket_get_os_error(stream, &os_error);
    }
    const int length = os_error == 0
                           ? snprintf(text, sizeof text, "%s", sentence)
                           : snprintf(text, sizeof text, "%s (OS error %d)", sentence, os_error);
    spsi_godot_set_string(string, text, (size_t)length);
}
