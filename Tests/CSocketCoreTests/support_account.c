// SPDX-License-Identifier: MIT
#include "support_account.h"

#include <stdlib.h>

void *account_for(void *user_data, void *block, size_t old_bytes, size_t new_bytes) {
    account *account = user_data;
    if (new_bytes == 0) {
        account->bytes -= old_bytes;
        free(block);
        return NULL;
    }
    account->calls++;
    if (account->is_empty || account->calls == account->fail_at) {
        return NULL;
    }
    account->bytes += new_bytes - old_bytes;
    account->most = account->bytes > account->most ? account->bytes : account->most;
    return realloc(block, new_bytes);
}
