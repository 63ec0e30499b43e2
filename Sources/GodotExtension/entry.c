// SPDX-License-Identifier: MIT
//
// The one symbol that Godot looks up in this library.
#include "binding/class.h"
#include "binding/object.h"
#include "interface/interface.h"
#include "interface/methods.h"
#include "ip/ip.h"
#include "multiplayer/multiplayer.h"
#include "peer/peer.h"
#include "poller/poller.h"
#include "reference/reference.h"
#include "server/server.h"
#include "values/types.h"
#if defined SPS_GODOT_TLS
#include "tls/tls.h"
#endif

#if defined _WIN32
#define SPS_GODOT_EXPORT __declspec(dllexport)
#else
#define SPS_GODOT_EXPORT __attribute__((visibility("default")))
#endif

// How long the end of the engine may wait for a look-up that cannot be stopped.
#define SHUTDOWN_MS 100

// A class comes after its parent.
static struct spsi_godot_class *const classes[] = {
    &spsi_godot_peer_class,        &spsi_godot_tcp_peer_class,   &spsi_godot_uds_peer_class,
    &spsi_godot_server_class,      &spsi_godot_tcp_server_class, &spsi_godot_uds_server_class,
    &spsi_godot_ip_class,          &spsi_godot_poller_class,     &spsi_godot_network_loop_class,
    &spsi_godot_multiplayer_class,
#if defined SPS_GODOT_TLS
    &spsi_godot_tls_options_class, &spsi_godot_tls_peer_class,
#endif
};
#define CLASS_COUNT (sizeof classes / sizeof *classes)

static bool is_registered;

static void initialize(void *userdata, int32_t level) {
    (void)userdata;
    if (level == GODOT_LEVEL_EDITOR) {
        spsi_godot_load_reference();
    }
    if (level != GODOT_LEVEL_SCENE || !spsi_godot_fetch_scene_methods()) {
        return;
    }
    is_registered = true;
    for (size_t i = 0; i < CLASS_COUNT; i++) {
        spsi_godot_register(classes[i]);
    }
}

static void deinitialize(void *userdata, int32_t level) {
    (void)userdata;
    if (level != GODOT_LEVEL_SCENE || !is_registered) {
        return;
    }
    is_registered = false;
    for (size_t i = CLASS_COUNT; i-- > 0;) {
        spsi_godot_unregister(classes[i]);
    }
    sps_shutdown(SHUTDOWN_MS);
}

// Godot calls it when it loads the library. False means that the library cannot be used.
SPS_GODOT_EXPORT godot_bool sps_godot_initialize(godot_get_proc_address get_proc_address,
                                                 godot_library *library,
                                                 godot_initialization *initialization);

godot_bool sps_godot_initialize(godot_get_proc_address get_proc_address, godot_library *library,
                                godot_initialization *initialization) {
    if (!spsi_godot_fetch_interface(get_proc_address) || !spsi_godot_fetch_methods()) {
        return false;
    }
    spsi_godot_library = library;
    spsi_godot_fetch_types();
    initialization->minimum_initialization_level = GODOT_LEVEL_SCENE;
    initialization->userdata = NULL;
    initialization->initialize = initialize;
    initialization->deinitialize = deinitialize;
    return true;
}
