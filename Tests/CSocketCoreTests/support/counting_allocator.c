// SPDX-License-Identifier: MIT
#include "support/counting_allocator.h"

#include <stdlib.h>

void *account_for(void *user_data, void *block, size_t old_bytes, size_t new_bytes) {
    account *account = user_data;
    if (new_bytes != 0 && ++account->calls == account->fail_at) {
        return NULL;
    }
    account->bytes += new_bytes - old_bytes;
    account->most = account->bytes > account->most ? account->bytes : account->most;
    if (new_bytes == 0) {
        free(block);
        return NULL;
    }
    return realloc(block, new_bytes);
}
