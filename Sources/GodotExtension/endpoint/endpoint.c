// SPDX-License-Identifier: MIT
#include "endpoint.h"

#include "watch.h"

sps_error spsi_godot_remember(struct spsi_godot_endpoint *self, sps_error error) {
    self->last_error = error;
    return error;
}

sps_error spsi_godot_remember_read(struct spsi_godot_endpoint *self, sps_error error) {
    if (error == SPS_ERR_FILE_EOF || error == SPS_FAILED) {
        spsi_godot_end_later(self);
    }
    return spsi_godot_remember(self, error);
}

sps_error spsi_godot_remember_put(struct spsi_godot_endpoint *self, const char *method,
                                  sps_error error) {
    spsi_godot_remember(self, error);
    if (error == SPS_ERR_PARAMETER_RANGE_ERROR) {
        spsi_godot_complain(&self->head, method,
                            "The value is larger than write_buffer_bytes, and was not put.");
    }
    return error;
}

void spsi_godot_return_error(struct spsi_godot_endpoint *self, sps_error error, void *result) {
    *(int64_t *)result = spsi_godot_remember(self, error);
}

void spsi_godot_return_error_of(struct spsi_godot_endpoint *self,
                                const struct spsi_godot_mistakes *mistakes, sps_error error,
                                void *result) {
    const char *message = NULL;
    if (error == SPS_ERR_INVALID_PARAMETER) {
        message = mistakes->invalid;
    } else if (error == SPS_ERR_ALREADY_IN_USE) {
        message = mistakes->in_use;
    }
    spsi_godot_return_error(self, error, result);
    if (message != NULL) {
        spsi_godot_complain(&self->head, mistakes->method, message);
    }
}

int32_t spsi_godot_int32(int64_t number) {
    return number < INT32_MIN || number > INT32_MAX ? INT32_MIN : (int32_t)number;
}

size_t spsi_godot_size(int64_t number) {
    return number < 0 || (uint64_t)number > PTRDIFF_MAX ? SIZE_MAX : (size_t)number;
}

static void get_last_error(void *self, const void *const *arguments, void *result) {
    (void)arguments;
    *(int64_t *)result = ((const struct spsi_godot_endpoint *)self)->last_error;
}

const struct spsi_godot_method spsi_godot_endpoint_methods[1] = {
    {"get_last_error", get_last_error, SPS_ERROR, GODOT_METHOD_CONST, 0, {{0}}},
};
