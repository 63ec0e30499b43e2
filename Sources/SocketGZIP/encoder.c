// SPDX-License-Identifier: MIT
#include "codec.h"

sps_error spsi_gzip_encoder_open(spsi_gzip_encoder *encoder, const sps_allocator *allocator,
                                 const spsi_gzip_settings *settings,
                                 const spsi_gzip_format *format) {
    *encoder = (spsi_gzip_encoder){.format = format};
    encoder->state = format->open_encoder(allocator, settings);
    return encoder->state != NULL ? SPS_OK : SPS_ERR_OUT_OF_MEMORY;
}

void spsi_gzip_encoder_close(spsi_gzip_encoder *encoder) {
    if (encoder->state != NULL) {
        encoder->format->close_encoder(encoder->state);
        encoder->state = NULL;
    }
}

void spsi_gzip_encode(spsi_gzip_encoder *encoder, spsi_gzip_input *input, spsi_gzip_room *room) {
    const size_t input_bytes = input->size, room_bytes = room->size;
    encoder->format->encode(encoder->state, input, room);
    const size_t consumed = input_bytes - input->size;
    encoder->is_dirty = encoder->is_dirty || consumed > 0;
    encoder->plain_in += consumed;
    encoder->compressed_out += room_bytes - room->size;
}

bool spsi_gzip_encode_rest(spsi_gzip_encoder *encoder, spsi_gzip_room *room, bool finish) {
    if (encoder->is_finished || (!finish && !encoder->is_dirty)) {
        return true;
    }
    const size_t room_bytes = room->size;
    const bool is_done = encoder->format->encode_rest(encoder->state, room, finish);
    encoder->compressed_out += room_bytes - room->size;
    encoder->is_dirty = encoder->is_dirty && !is_done;
    encoder->is_finished = is_done && finish;
    return is_done;
}
